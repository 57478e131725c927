//! Requests as hyper takes them.

use bytes::Bytes;
use concur_oauth_core::transport::prepare;
use concur_oauth_core::{InputError, InstanceUrl};
use http::{HeaderValue, Request};
use http_body_util::Full;
use zeroize::Zeroizing;

/// A request's body. It is wiped when its last clone is dropped.
pub type Body = Full<Bytes>;

/// Makes a request ready to be sent by hyper, as [`prepare`] does.
///
/// # Errors
///
/// [`InputError`] where the request's URI is of another origin.
pub fn ready(
    request: Request<Vec<u8>>,
    instance: &InstanceUrl,
    user_agent: &HeaderValue,
) -> Result<Request<Body>, InputError> {
    let mut request = request.map(Zeroizing::new);
    prepare(&mut request, instance, user_agent)?;
    Ok(request.map(|body| Full::new(Bytes::from_owner(body))))
}
