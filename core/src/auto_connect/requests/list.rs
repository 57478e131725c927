//! Listing connection requests, page by page.

use http::uri::PathAndQuery;
use http::{Method, Uri};

use super::{ConnectionRequest, Version, document};
use crate::auto_connect::seen_ids::{self, Full, SeenIds};
use crate::base_url::{BaseUrl, NamedUrl, TrustDomain};
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::request;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;
use crate::wire::xml::FieldText;

/// The most pages that a list may have: ten thousand. Their paths have 1 MiB together at most.
pub const MAX_PAGES: usize = seen_ids::CAPACITY;

/// Which connection requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Status {
    /// Those that wait for the supplier. The default.
    #[default]
    Pending,
    /// Those that Concur is processing.
    Processing,
    /// Those that were reported [connected](super::Outcome::Connected).
    Connected,
    /// Those that were reported as failed.
    Failed,
    /// Those that the user should try again.
    Retry,
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Connected => "connected",
            Self::Failed => "failed",
            Self::Retry => "retry",
        }
    }
}

/// Requests one page of connection requests. [`Pages`] makes it.
///
/// It is authorized by an administrator's token, to whose base URL it goes. Sending it twice is harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone)]
pub struct ListConnectionRequests<'a> {
    administrator: &'a AccessToken,
    path: PathAndQuery,
}

impl Exchange for ListConnectionRequests<'_> {
    type Output = ConnectionRequests;

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        request::authorized(Method::GET, self.path, self.administrator, Format::Xml)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<ConnectionRequests, ResponseError> {
        response::read_success(&response, Format::Xml, |body| {
            let page = document::read_page(body)?;
            Ok(ConnectionRequests {
                next: next_page(&page.next, context.base_url()),
                requests: page.requests,
            })
        })
    }
}

/// A page of connection requests. Concur documents ten at most. [`Pages::accept`] takes it.
#[derive(Debug, Clone)]
#[must_use = "`Pages::accept` takes it, and makes the next request"]
pub struct ConnectionRequests {
    pub(super) requests: Vec<ConnectionRequest>,
    pub(super) next: Result<Option<PathAndQuery>, NextPageError>,
}

/// The next page cannot be requested. The pages before it are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NextPageError {
    /// The URI of the next page cannot be read.
    #[error("the URI of the list's next page cannot be read: begin another list")]
    Unreadable,
    /// The next page is at a host outside the trust domain of the base URL that was asked.
    ///
    /// Concur's own page of v3.2 shows one, and says there that it is deprecated: each list brings a new
    /// page. So finish what was on this page, and begin another list.
    #[error(
        "the list's next page is said to be at another host, and was not requested: begin another list"
    )]
    OtherHost,
    /// The next page is one that came before.
    #[error("the list leads back to a page that came before: begin another list")]
    Loop,
    /// The next page is one more than [`MAX_PAGES`], or than 1 MiB of their paths.
    #[error("the list goes on after as many pages as can be kept apart: begin it again later")]
    TooMany,
}

/// Returns path and query of the next page. Its host is checked and not used: the request goes to the token's own
/// base URL.
fn next_page(next: &FieldText<'_>, asked: &BaseUrl) -> Result<Option<PathAndQuery>, NextPageError> {
    let unreadable = NextPageError::Unreadable;
    let uri = match next {
        FieldText::Repeated | FieldText::Elements => return Err(unreadable),
        next => match next.text() {
            None => return Ok(None),
            Some(text) => text,
        },
    };
    if !uri.is_ascii() {
        return Err(unreadable);
    }
    let parsed: Uri = uri.parse().map_err(|_| unreadable)?;
    if parsed.authority().is_some() {
        match TrustDomain::NET2.read(asked, uri) {
            NamedUrl::Trusted(_) => {}
            NamedUrl::Foreign(_) => return Err(NextPageError::OtherHost),
            NamedUrl::Malformed => return Err(unreadable),
        }
    }
    let path = parsed.into_parts().path_and_query;
    match path.filter(|path| path.as_str().starts_with('/')) {
        Some(path) => Ok(Some(path)),
        None => Err(unreadable),
    }
}

/// A list of connection requests, page by page: makes the request for each page and accepts its response.
///
/// Where a send fails, [`next_request`](Self::next_request) makes the same request again. A page at another
/// host is not requested, and neither is one that came before: the list ends there with an error, when everything
/// before it has been returned. After an empty page nothing can be missed, and the list just ends.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::auto_connect::{Pages, Status, Version};
/// # use concur_oauth::{AccessToken, BaseUrl, Exchange, ResponseContext, TokenParts, TokenScheme, http};
/// # let administrator = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "administrator", BaseUrl::US_PRODUCTION));
/// # struct Client;
/// # impl Client {
/// #     fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Box<dyn std::error::Error>> {
/// #         let context = ResponseContext::new(exchange.base_url().clone(), std::time::SystemTime::UNIX_EPOCH);
/// #         let uri = exchange.into_request()?.uri().to_string();
/// #         let page = match uri.contains("offset") {
/// #             false => "<ConnectionRequests><Items><ConnectionRequest><ID>a</ID></ConnectionRequest></Items>\
/// #                 <NextPage>https://www.concursolutions.com/api/v3.2/common/connectionrequests?offset=2</NextPage></ConnectionRequests>",
/// #             true => "<ConnectionRequests><Items><ConnectionRequest><ID>b</ID></ConnectionRequest></Items>\
/// #                 <NextPage/></ConnectionRequests>",
/// #         };
/// #         Ok(E::parse(http::Response::new(page.as_bytes()), &context)?)
/// #     }
/// # }
/// # let client = Client;
/// # let mut ids = Vec::new();
///
/// let mut pages = Pages::new(Version::default(), Status::Pending);
/// while let Some(list) = pages.next_request(&administrator)? {
///     let page = client.send(list)?;
///     for request in pages.accept(page) {
///         println!("{:?}", request.id());
/// #       ids.push(request.id().unwrap().to_string());
///     }
/// }
/// # assert_eq!(ids, ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pages {
    next: Result<Option<PathAndQuery>, NextPageError>,
    seen: SeenIds,
}

impl Pages {
    /// Creates a list from its first page, ten connection requests at a time, which is the most that Concur
    /// gives.
    #[must_use]
    pub fn new(version: Version, status: Status) -> Self {
        let (path, status) = (version.path(), status.as_str());
        let first = PathAndQuery::try_from(format!("{path}?status={status}&limit=10"));
        let mut pages = Self {
            next: Ok(None),
            seen: SeenIds::default(),
        };
        // A path made of the constants above is always valid.
        pages.go_to(Ok(first.ok()));
        pages
    }

    /// Returns the request for the next page, authorized by `administrator`'s token, or `None` after the last
    /// page.
    ///
    /// # Errors
    ///
    /// [`NextPageError`] where the next page cannot be requested.
    pub fn next_request<'a>(
        &self,
        administrator: &'a AccessToken,
    ) -> Result<Option<ListConnectionRequests<'a>>, NextPageError> {
        let path = self.next.clone()?;
        Ok(path.map(|path| ListConnectionRequests {
            administrator,
            path,
        }))
    }

    /// Accepts the page that was requested last, and returns its connection requests.
    pub fn accept(&mut self, page: ConnectionRequests) -> Vec<ConnectionRequest> {
        self.go_to(page.next);
        if page.requests.is_empty() && self.next.is_err() {
            self.next = Ok(None);
        }
        page.requests
    }

    fn go_to(&mut self, next: Result<Option<PathAndQuery>, NextPageError>) {
        self.next = next.and_then(|path| {
            let Some(path) = path else { return Ok(None) };
            match self.seen.insert(path.as_str()) {
                Ok(true) => Ok(Some(path)),
                Ok(false) => Err(NextPageError::Loop),
                Err(Full) => Err(NextPageError::TooMany),
            }
        });
    }
}
