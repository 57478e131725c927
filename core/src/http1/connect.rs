//! The response of a proxy to a CONNECT request.

use std::fmt;

use http::header::PROXY_AUTHENTICATE;
use http::{HeaderMap, StatusCode};

use super::{HeadReader, Limits, ProtocolError};

/// Reads the response to a CONNECT request (RFC 9110 section 9.3.6) from bytes in pieces of any size.
///
/// Any 2xx opens the tunnel, and its head is all that a proxy sends: `Content-Length` and `Transfer-Encoding` mean
/// nothing there. The server behind the tunnel speaks TLS, in which the client begins, so a byte
/// after that head is an error.
#[derive(Debug)]
pub(crate) struct ConnectReader {
    head: HeadReader,
    buffer: Vec<u8>,
}

impl ConnectReader {
    /// Creates a reader that reads a head within these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            head: HeadReader::new(limits),
            buffer: Vec::new(),
        }
    }

    /// Takes the next bytes, or none at the end of the stream. Returns whether the tunnel is open: until then, more
    /// bytes are needed.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Result<bool, ConnectError> {
        if bytes.is_empty() {
            return Err(ProtocolError::Truncated.into());
        }
        self.buffer.extend_from_slice(bytes);
        let Some((head, end)) = self.head.read(&self.buffer)? else {
            return Ok(false);
        };
        match head.status {
            status if status.is_success() && end == self.buffer.len() => Ok(true),
            status if status.is_success() => Err(ProtocolError::EarlyBytes.into()),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                let schemes = AuthSchemes::offered(&head.headers);
                Err(ConnectError::Authentication(schemes))
            }
            status => Err(ConnectError::Refused(status)),
        }
    }
}

/// A proxy opened no tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The proxy wants a user name and password, or others than it was given (407).
    #[error("it responded with 407 Proxy Authentication Required: {0}")]
    Authentication(AuthSchemes),
    /// The proxy responded with another status.
    #[error("it responded with {0}: {advice}", advice = advice(*.0))]
    Refused(StatusCode),
    /// The response is not HTTP that is accepted.
    #[error("its response was refused ({0}): {advice}", advice = protocol_advice(*.0))]
    Protocol(ProtocolError),
}

impl From<ProtocolError> for ConnectError {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl ConnectError {
    /// Returns whether the same request can succeed in a few seconds: after a 408, 429, 500, 502, 503 or 504, or a response
    /// that was cut short.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Authentication(_) => false,
            Self::Refused(status) => is_temporary(*status),
            Self::Protocol(error) => *error == ProtocolError::Truncated,
        }
    }
}

fn is_temporary(status: StatusCode) -> bool {
    // Not every 5xx: what does not implement CONNECT (501) never will.
    [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ]
    .contains(&status)
}

fn advice(status: StatusCode) -> &'static str {
    match status {
        // Some proxies, tinyproxy for one, mean 407.
        StatusCode::UNAUTHORIZED => "give a user name and a password for it, or check those given",
        status if is_temporary(status) => {
            "check that it can reach the host, or try again in a few seconds"
        }
        _ => "check its URL, and that it allows CONNECT to the host",
    }
}

fn protocol_advice(error: ProtocolError) -> &'static str {
    match error {
        ProtocolError::Truncated => {
            "check that this is an HTTP proxy, or try again in a few seconds"
        }
        ProtocolError::MalformedHead => {
            "check that this is an HTTP proxy, and whether its URL must begin with https://"
        }
        _ => "check that this is an HTTP proxy",
    }
}

/// Authentication schemes that a proxy offers in a 407. Names that are not well known are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuthSchemes([bool; KNOWN.len()]);

/// Only these words of a response are ever shown.
const KNOWN: [&str; 6] = ["Basic", "Digest", "Bearer", "Negotiate", "Kerberos", "NTLM"];

impl AuthSchemes {
    fn offered(headers: &HeaderMap) -> Self {
        let mut offered = [false; KNOWN.len()];
        for field in headers.get_all(PROXY_AUTHENTICATE) {
            let mut quoted = false;
            let challenges = field.as_bytes().split(|byte| {
                quoted ^= *byte == b'"';
                *byte == b',' && !quoted
            });
            for challenge in challenges {
                let mut words = challenge.trim_ascii().split(|byte| *byte == b' ');
                let scheme = words.next().unwrap_or_default();
                for (known, is_offered) in KNOWN.iter().zip(&mut offered) {
                    *is_offered |= scheme.eq_ignore_ascii_case(known.as_bytes());
                }
            }
        }
        Self(offered)
    }

    /// Returns the names of the schemes, such as `Basic` and `NTLM`.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let pairs = KNOWN.into_iter().zip(self.0);
        pairs.filter_map(|(name, is_offered)| is_offered.then_some(name))
    }
}

impl fmt::Display for AuthSchemes {
    /// Writes the schemes, and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it offers ")?;
        let mut is_empty = true;
        for name in self.names() {
            f.write_str(if is_empty { "" } else { ", " })?;
            f.write_str(name)?;
            is_empty = false;
        }
        f.write_str(match self.names().next() {
            Some("Basic") => ". Give a user name and a password for it, or check those given",
            Some(_) => {
                ", and only Basic is supported. Use a local helper such as Px or cntlm as the proxy"
            }
            None => {
                "no scheme that is known, and only Basic is supported. Use a local helper as the proxy"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<bool, ConnectError> {
        ConnectReader::new(&Limits::default()).receive(bytes)
    }

    #[test]
    fn any_2xx_opens_the_tunnel_whatever_frames_its_body() {
        for head in [
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 299 x\r\nContent-Encoding: gzip\r\n\r\n",
        ] {
            assert_eq!(read(head.as_bytes()), Ok(true), "{head}");
            let mut reader = ConnectReader::new(&Limits::default());
            for (at, byte) in head.bytes().enumerate() {
                assert_eq!(reader.receive(&[byte]), Ok(at + 1 == head.len()));
            }
            let more = format!("{head}x");
            assert_eq!(
                read(more.as_bytes()),
                Err(ProtocolError::EarlyBytes.into()),
                "{head}"
            );
        }
    }

    #[test]
    fn other_responses_open_no_tunnel() {
        let refused = |status: StatusCode| ConnectError::Refused(status);
        let (check_host, check_url) = ("check that it can reach the host, or try", "check its URL");
        let check_proxy = "check that this is an HTTP proxy";
        for (bytes, expected, advice, is_temporary) in [
            (
                "HTTP/1.1 403 x\r\n\r\n<html>",
                refused(StatusCode::FORBIDDEN),
                check_url,
                false,
            ),
            (
                "HTTP/1.1 301 x\r\n\r\n",
                refused(StatusCode::MOVED_PERMANENTLY),
                check_url,
                false,
            ),
            (
                "HTTP/1.1 401 x\r\n\r\n",
                refused(StatusCode::UNAUTHORIZED),
                "give a user name",
                false,
            ),
            (
                "HTTP/1.1 503 x\r\n\r\n",
                refused(StatusCode::SERVICE_UNAVAILABLE),
                check_host,
                true,
            ),
            (
                "HTTP/1.1 501 x\r\n\r\n",
                refused(StatusCode::NOT_IMPLEMENTED),
                check_url,
                false,
            ),
            (
                "HTTP/1.1 429 x\r\n\r\n",
                refused(StatusCode::TOO_MANY_REQUESTS),
                check_host,
                true,
            ),
            (
                "HTTP/1.1 2000 x\r\n\r\n",
                ProtocolError::MalformedHead.into(),
                "check that this is an HTTP proxy, and whether",
                false,
            ),
            (
                "SSH-2.0-OpenSSH\r\n",
                ProtocolError::MalformedHead.into(),
                "check that this is an HTTP proxy, and whether",
                false,
            ),
            (
                "HTTP/1.1 101 x\r\n\r\n",
                ProtocolError::Upgrade.into(),
                check_proxy,
                false,
            ),
            (
                "",
                ProtocolError::Truncated.into(),
                "check that this is an HTTP proxy, or try again",
                true,
            ),
        ] {
            let error = read(bytes.as_bytes()).unwrap_err();
            assert_eq!(
                (error, error.is_temporary()),
                (expected, is_temporary),
                "{bytes}"
            );
            assert!(error.to_string().contains(advice), "{error}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(20_000));
        assert_eq!(
            read(endless.as_bytes()),
            Err(ProtocolError::HeadTooLarge.into())
        );
    }

    #[test]
    fn schemes_of_a_407_are_named_and_nothing_else_of_it() {
        for (fields, shown) in [
            (
                "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n",
                "it offers Negotiate, NTLM, and only Basic is supported. Use a local helper such as Px or cntlm as the proxy",
            ),
            (
                "Proxy-Authenticate: basic realm=\"of, Digest, secret\", charset=\"UTF-8\", NTLM\r\n",
                "it offers Basic, NTLM. Give a user name and a password for it, or check those given",
            ),
            (
                "Proxy-Authenticate: Digest realm=\"a\", nonce=\"b, NTLM\", Negotiate\r\n",
                "it offers Digest, Negotiate, and only Basic is supported. Use a local helper such as Px or cntlm as the proxy",
            ),
            (
                "Proxy-Authenticate: Digest realm=\"a, NTLM b\"\r\nProxy-Authenticate: Digest realm=\"ab, NTLM b\"\r\n",
                "it offers Digest, and only Basic is supported. Use a local helper such as Px or cntlm as the proxy",
            ),
            (
                "Proxy-Authenticate: Secret realm=x\r\n",
                "it offers no scheme that is known, and only Basic is supported. Use a local helper as the proxy",
            ),
        ] {
            let error = read(format!("HTTP/1.1 407 x\r\n{fields}\r\n").as_bytes()).unwrap_err();
            assert!(!error.is_temporary());
            assert_eq!(
                error.to_string(),
                format!("it responded with 407 Proxy Authentication Required: {shown}")
            );
        }
    }
}
