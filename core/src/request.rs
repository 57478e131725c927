//! What the requests of all exchanges have in common.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request};
use zeroize::Zeroizing;

use crate::input::{Field, InputError, Problem};
use crate::{AccessToken, InstanceUrl, query};

/// A request without a body that asks for XML, and for no content coding: a missing
/// `Accept-Encoding` would allow any (RFC 9110 section 12.5.3).
pub(crate) fn new(
    method: Method,
    instance: &InstanceUrl,
    path: PathAndQuery,
) -> Result<Request<Vec<u8>>, InputError> {
    let mut request = Request::new(Vec::new());
    *request.method_mut() = method;
    *request.uri_mut() = instance.uri(path)?;
    let headers = request.headers_mut();
    // Room for what an exchange and a transport add, so that the map is allocated once.
    headers.reserve(6);
    headers.insert(ACCEPT, HeaderValue::from_static("application/xml"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request)
}

/// The same, by leave of the holder of this token: it goes to the token's own instance only.
pub(crate) fn authorized(
    method: Method,
    instance: &InstanceUrl,
    path: PathAndQuery,
    token: &AccessToken,
) -> Result<Request<Vec<u8>>, InputError> {
    let mut request = new(method, instance, path)?;
    token.authorize(&mut request)?;
    Ok(request)
}

/// A path with a query that holds secrets, wiped when its last clone is dropped.
pub(crate) fn path_with(
    path: &str,
    pairs: &[(&str, &str)],
    longest: Field,
) -> Result<PathAndQuery, InputError> {
    let what = Problem::Malformed("does not fit in a URI with what is sent beside it");
    query::path_with(path, pairs).ok_or(InputError::new(longest, what))
}

/// A header value that is wiped when its last clone is dropped, and is marked sensitive.
///
/// `None` where the bytes cannot stand in a header.
pub(crate) fn secret_header_value(value: Zeroizing<Vec<u8>>) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok()?;
    value.set_sensitive(true);
    Some(value)
}
