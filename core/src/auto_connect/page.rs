//! One page of a list.

use http::uri::PathAndQuery;
use http::{Method, Uri};

use super::{ConnectionRequest, document};
use crate::field::Found;
use crate::{
    AccessToken, Exchange, FieldError, InputError, InstanceUrl, ResponseError, request, response,
};

/// Asks for a page of connection requests. [`Pages`](super::Pages) says which.
///
/// It is asked for with the token of an administrator, whose own instance it goes to. Sending it twice is
/// harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone)]
pub struct ListConnectionRequests<'a> {
    pub(super) administrator: &'a AccessToken,
    pub(super) path: PathAndQuery,
}

impl Exchange for ListConnectionRequests<'_> {
    type Output = ConnectionRequests;

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        request::authorized(Method::GET, instance, self.path, self.administrator)
    }

    fn parse(
        response: http::Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<ConnectionRequests, ResponseError> {
        let page = response::read_success(&response, document::read_page)?;
        Ok(ConnectionRequests {
            requests: page.requests,
            next: next_page(page.next, instance),
        })
    }
}

/// A page of connection requests, ten at most as Concur documents it. [`Pages::turn`](super::Pages::turn)
/// takes it.
#[derive(Debug, Clone)]
#[must_use = "`Pages::turn` takes it, and says what to ask next"]
pub struct ConnectionRequests {
    pub(super) requests: Vec<ConnectionRequest>,
    pub(super) next: Result<Option<PathAndQuery>, NextPageError>,
}

/// The page after this one cannot be asked for. What came before it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NextPageError {
    /// Where it is said to be cannot be read.
    #[error("the list's next page cannot be found ({0}): begin another list")]
    Unreadable(FieldError),
    /// It is said to be at another host, where the token does not go.
    ///
    /// Concur's own page of v3.2 shows one, and says there that it is deprecated: each list brings a new
    /// page. So what was on this page is to be finished, and another list begun.
    #[error(
        "the list's next page is said to be at another host, and was not asked for: begin another list"
    )]
    OtherHost,
    /// It is a page that was there before.
    #[error("the list leads back to a page that was there before: begin another list")]
    Loop,
    /// It would be one page more than [`MAX_PAGES`](super::MAX_PAGES).
    #[error(
        "the list goes on after {} pages: begin it again later",
        super::MAX_PAGES
    )]
    TooMany,
}

/// The path and query of a page that is said to be at this URI, which must be of the instance that was
/// asked.
fn next_page(
    uri: Found<String>,
    instance: &InstanceUrl,
) -> Result<Option<PathAndQuery>, NextPageError> {
    let unreadable = NextPageError::Unreadable;
    let Some(uri) = uri.map_err(unreadable)? else {
        return Ok(None);
    };
    let of_no_use = unreadable(FieldError::Unreadable);
    if !uri.is_ascii() {
        return Err(of_no_use);
    }
    let uri: Uri = uri.parse().map_err(|_| of_no_use)?;
    if uri.authority().is_some() && !instance.is_origin_of(&uri) {
        return Err(NextPageError::OtherHost);
    }
    let path = uri.into_parts().path_and_query;
    match path.filter(|path| path.as_str().starts_with('/')) {
        Some(path) => Ok(Some(path)),
        None => Err(of_no_use),
    }
}
