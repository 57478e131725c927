//! What every transport shares: its errors, its limits, and the checks that need no I/O.
//!
//! A transport carries an [`Exchange`](crate::Exchange): it makes the request, sends it to the
//! instance, reads one answer and has it parsed. Its whole public surface is a client with a builder
//! and `send(&self, &InstanceUrl, impl Exchange)`.
//!
//! To write one, read [`writing`]. Over a stream of bytes, [`http1`] does the most of it.

mod error;
mod head;
pub mod http1;
mod limits;

// Read outside of rustdoc too: what its links lead to stands here.
#[doc = include_str!("writing.md")]
///
/// [`into_request`]: crate::Exchange::into_request
/// [`prepare`]: crate::transport::prepare
/// [`http1::encode`]: crate::transport::http1::encode
/// [`authority()`]: crate::InstanceUrl::authority
/// [`check_peer`]: crate::InstanceUrl::check_peer
/// [`Error::Unsupported`]: crate::transport::Error::Unsupported
/// [`http1::AnswerReader`]: crate::transport::http1::AnswerReader
/// [`Framing::of`]: crate::transport::Framing::of
/// [`Limits`]: crate::transport::Limits
/// [`salvage`]: crate::transport::salvage
/// [`parse`]: crate::Exchange::parse
/// [`Error`]: crate::transport::Error
/// [`InputError`]: crate::InputError
/// [`ProtocolError`]: crate::transport::ProtocolError
/// [`ResponseError`]: crate::ResponseError
/// [`Error::interrupted`]: crate::transport::Error::interrupted
/// [`Stage`]: crate::transport::Stage
/// [`Error::Timeout`]: crate::transport::Error::Timeout
/// [`http1`]: crate::transport::http1
/// [`is_resendable`]: crate::Exchange::is_resendable
pub mod writing {}

pub(crate) use error::WithCauses;
pub use error::{BoxError, BuildError, Error, Stage, salvage};
pub use head::{Framing, ProtocolError};
pub use limits::{DEFAULT_TIMEOUT, Limits, MAX_TIMEOUT};

use http::Method;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING, USER_AGENT};

use crate::input::{Field, InputError, Problem};
use crate::{InstanceUrl, input};

/// Makes a request ready to be sent: checks that it leads to `instance` and nowhere else, adds the
/// transport's `User-Agent` where the request has none, and says how its body is framed.
///
/// That is by `Content-Length`, where it has or could have a body, because Concur takes no chunked
/// one. What the request says of `Host`, `Connection` and its framing is taken out: those are the
/// transport's.
///
/// # Errors
///
/// [`InputError`] where the request's URI is of another origin.
pub fn prepare<B: AsRef<[u8]>>(
    request: &mut http::Request<B>,
    instance: &InstanceUrl,
    user_agent: &HeaderValue,
) -> Result<(), InputError> {
    if !instance.is_origin_of(request.uri()) {
        return Err(InputError::new(Field::RequestUri, Problem::OtherInstance));
    }
    let length = request.body().as_ref().len();
    let bodiless = [Method::GET, Method::HEAD, Method::DELETE].contains(request.method());
    let headers = request.headers_mut();
    for name in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    if length > 0 || !bodiless {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    headers
        .entry(USER_AGENT)
        .or_insert_with(|| user_agent.clone());
    Ok(())
}

/// The value of a `User-Agent` header.
///
/// # Errors
///
/// [`InputError`] where it is empty, longer than 8 KiB, or holds anything but visible ASCII and
/// spaces.
pub fn user_agent(text: &str) -> Result<HeaderValue, InputError> {
    let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if !text.bytes().all(visible) {
        let what = Problem::Forbidden("a character outside visible ASCII and spaces");
        return Err(InputError::new(Field::UserAgent, what));
    }
    let malformed = Problem::Malformed("does not fit in a header");
    match text.trim_matches(' ') {
        "" => Err(InputError::new(Field::UserAgent, Problem::Empty)),
        text if text.len() > input::MAX_LEN => Err(InputError::new(
            Field::UserAgent,
            Problem::TooLong(input::MAX_LEN),
        )),
        text => {
            HeaderValue::from_str(text).map_err(|_| InputError::new(Field::UserAgent, malformed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_to_its_instance_or_nowhere() {
        let agent = user_agent("concur-oauth/1").unwrap();
        let instance = InstanceUrl::default();
        let mut request = http::Request::get("https://www.concursolutions.com/net2")
            .body([])
            .unwrap();
        prepare(&mut request, &instance, &agent).unwrap();
        assert_eq!(request.headers()[USER_AGENT], "concur-oauth/1");
        prepare(&mut request, &instance, &user_agent("other").unwrap()).unwrap();
        assert_eq!(request.headers()[USER_AGENT], "concur-oauth/1");
        *request.uri_mut() = "https://evil.example/net2".parse().unwrap();
        assert!(prepare(&mut request, &instance, &agent).is_err());
    }

    #[test]
    fn user_agents() {
        assert!(user_agent("my-app/2.0 (contact me)").is_ok());
        for bad in [
            "",
            "  ",
            "a\r\nb",
            "tab\there",
            "ünsafe",
            &"x".repeat(10_000),
        ] {
            assert!(user_agent(bad).is_err(), "{bad:?}");
        }
    }
}
