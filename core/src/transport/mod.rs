//! What every transport shares: its errors, its limits, and the checks that need no I/O.
//!
//! A transport carries an [`Exchange`](crate::Exchange): it makes the request, sends it to the
//! instance, reads one answer and has it parsed. Its whole public surface is a client with a builder
//! and `send(&self, &InstanceUrl, impl Exchange)`. To write one:
//!
//! 1. `exchange.into_request(instance)`, then [`prepare`] it. Over HTTP/1.1 its target is the URI's
//!    `path_and_query()`, and `Host` is yours to add: it is `instance.authority()`. Where there is a
//!    body, so is `Content-Length`: Concur takes no chunked request.
//! 2. Connect, to an address that [`InstanceUrl::check_peer`](crate::InstanceUrl::check_peer) lets
//!    pass. For https, verify the server.
//! 3. Write the request once, and wipe what held it: size a `zeroize::Zeroizing<Vec<u8>>` first,
//!    because a buffer that grows leaves copies behind.
//! 4. Read the answer's head within [`Limits`], skip 1xx answers, and ask [`Framing::of`] how its
//!    body ends. Read that much, within [`Limits`] again.
//!    Where that is refused and the status is no success, the status still counts: leave the body
//!    empty and put the [`ProtocolError`] into the response's extensions.
//! 5. `parse` it. Never follow a redirect: an answer of 3xx is an answer.
//! 6. Say what went wrong as an [`Error`], so that whoever changes the transport changes no error
//!    handling. `?` does it for [`InputError`], [`ProtocolError`] and
//!    [`ResponseError`](crate::ResponseError). A deadline that passes is [`Error::Timeout`] with the
//!    [`Stage`] that was waited for; a connection that ends before the answer does is
//!    [`Error::Interrupted`].
//!
//! All of it before one deadline, [`DEFAULT_TIMEOUT`] unless the caller has another.

mod error;
mod head;
mod limits;

pub use error::{BoxError, BuildError, Error, Stage};
pub use head::{Framing, ProtocolError};
pub use limits::{DEFAULT_TIMEOUT, Limits, MAX_TIMEOUT};

use http::header::{HeaderValue, USER_AGENT};

use crate::input::{Field, InputError, Problem};
use crate::{InstanceUrl, input};

/// Makes a request ready to be sent: checks that it leads to `instance` and nowhere else, and adds
/// the transport's `User-Agent` where the request has none.
///
/// # Errors
///
/// [`InputError`] where the request's URI is of another origin.
pub fn prepare<B>(
    request: &mut http::Request<B>,
    instance: &InstanceUrl,
    user_agent: &HeaderValue,
) -> Result<(), InputError> {
    if !instance.is_origin_of(request.uri()) {
        return Err(InputError::new(Field::RequestUri, Problem::OtherInstance));
    }
    request
        .headers_mut()
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
            .body(())
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
