//! The walk from page to page.

use http::uri::PathAndQuery;

use super::seen::{self, Full, Seen};
use super::{
    ConnectionRequest, ConnectionRequests, ListConnectionRequests, NextPageError, Status, Version,
};
use crate::AccessToken;

/// The most pages that a list may have: ten thousand.
pub const MAX_PAGES: usize = seen::MEMORY;

/// A walk through a list of connection requests: it says which page to ask for, and takes the answer.
///
/// ```
/// # use concur_oauth_core::auto_connect::{Pages, Status, Version};
/// # use concur_oauth_core::{AccessToken, Exchange, InstanceUrl, TokenParts};
/// # let mut parts = TokenParts::new("administrator");
/// # parts.instance_url = Some(InstanceUrl::default());
/// # let administrator = AccessToken::from(parts);
/// # struct Client;
/// # impl Client {
/// #     fn send<E: Exchange>(&self, instance: &InstanceUrl, exchange: E) -> Result<E::Output, Box<dyn std::error::Error>> {
/// #         let uri = exchange.into_request(instance)?.uri().to_string();
/// #         let page = match uri.contains("offset") {
/// #             false => "<ConnectionRequests><Items><ConnectionRequest><ID>a</ID></ConnectionRequest></Items>\
/// #                 <NextPage>https://www.concursolutions.com/api/v3.2/common/connectionrequests?offset=2</NextPage></ConnectionRequests>",
/// #             true => "<ConnectionRequests><Items><ConnectionRequest><ID>b</ID></ConnectionRequest></Items>\
/// #                 <NextPage/></ConnectionRequests>",
/// #         };
/// #         Ok(E::parse(http::Response::new(page.as_bytes()), instance)?)
/// #     }
/// # }
/// # let (client, instance) = (Client, InstanceUrl::default());
/// # let mut ids = Vec::new();
/// let mut pages = Pages::new(Version::default(), Status::Pending);
/// while let Some(list) = pages.ask(&administrator)? {
///     let page = client.send(&instance, list)?;
///     for request in pages.turn(page) {
///         println!("{:?}", request.id());
/// #       ids.push(request.id()?.to_owned());
///     }
/// }
/// # assert_eq!(ids, ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where a send fails, asking again gives the same page. A page that is said to be at another host is not
/// asked for, and neither is one that was there before: the list ends there, with an error, when all that came before
/// it is in your hands. After an empty page there is nothing to miss, and the list just ends.
#[derive(Debug, Clone)]
pub struct Pages {
    next: Result<Option<PathAndQuery>, NextPageError>,
    seen: Seen,
}

impl Pages {
    /// A walk from the first page, ten connection requests at a time, which is the most that Concur gives.
    #[must_use]
    pub fn new(version: Version, status: Status) -> Self {
        let (path, status) = (version.path(), status.as_str());
        let first = PathAndQuery::try_from(format!("{path}?status={status}&limit=10"));
        let mut pages = Self {
            next: Ok(None),
            seen: Seen::default(),
        };
        // Made of words that stand here.
        pages.go_to(Ok(first.ok()));
        pages
    }

    /// What to ask next; `None` after the last page.
    ///
    /// # Errors
    ///
    /// [`NextPageError`] where Concur says of the next page what cannot be followed.
    pub fn ask<'a>(
        &self,
        administrator: &'a AccessToken,
    ) -> Result<Option<ListConnectionRequests<'a>>, NextPageError> {
        let path = self.next.clone()?;
        Ok(path.map(|path| ListConnectionRequests {
            administrator,
            path,
        }))
    }

    /// Takes the page that was asked for last, and gives what stands on it.
    pub fn turn(&mut self, page: ConnectionRequests) -> Vec<ConnectionRequest> {
        self.go_to(page.next);
        if page.requests.is_empty() && self.next.is_err() {
            self.next = Ok(None);
        }
        page.requests
    }

    fn go_to(&mut self, next: Result<Option<PathAndQuery>, NextPageError>) {
        self.next = next.and_then(|path| {
            let Some(path) = path else { return Ok(None) };
            match self.seen.is_new(path.as_str()) {
                Ok(true) => Ok(Some(path)),
                Ok(false) => Err(NextPageError::Loop),
                Err(Full) => Err(NextPageError::TooMany),
            }
        });
    }
}
