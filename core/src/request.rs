//! What the requests of all exchanges have in common.

use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};

use crate::base_url::BaseUrl;
use crate::input::InputError;
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

/// Builds a request without a body that asks for this format and for no content coding: a missing
/// `Accept-Encoding` would allow any (RFC 9110 section 12.5.3).
pub(crate) fn new(
    method: Method,
    base_url: &BaseUrl,
    path: PathAndQuery,
    format: Format,
) -> Result<Request<SecretBody>, InputError> {
    let mut request = Request::new(SecretBody::empty());
    *request.method_mut() = method;
    *request.uri_mut() = base_url.uri(path)?;
    let headers = request.headers_mut();
    // Room for what an exchange and a transport add, so that the map is allocated once.
    headers.reserve(6);
    headers.insert(ACCEPT, HeaderValue::from_static(format.media_type()));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request)
}

/// Builds the same request, authorized by this token. It goes to the token's own base URL.
pub(crate) fn authorized(
    method: Method,
    path: PathAndQuery,
    token: &AccessToken,
    format: Format,
) -> Result<Request<SecretBody>, InputError> {
    let mut request = new(method, token.base_url(), path, format)?;
    token.authorize(&mut request)?;
    Ok(request)
}
