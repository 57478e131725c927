//! How a response's head frames its body.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, TRANSFER_ENCODING};
use http::response::Parts;
use http::{Method, StatusCode, Version};

use super::{Limits, ProtocolError};

/// How the end of a response's body is known (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFraming {
    /// There is no body.
    Empty,
    /// The body has this many bytes.
    Length(usize),
    /// The body comes in chunks.
    Chunked,
    /// The body ends with the connection.
    Close,
}

impl BodyFraming {
    /// Reads the framing from a response's head. What is ambiguous, encoded or too long is refused before
    /// any of the body is read.
    ///
    /// Where a length stands beside `chunked`, or two lengths differ, the RFC allows a recipient to
    /// choose. That choice is how responses are smuggled, so both are refused. A transfer coding in
    /// HTTP/1.0, which has none, is refused too. So are empty elements in a list of transfer codings, which the RFC tells a
    /// recipient to skip, because recipients differ in them. And so is a 1xx response: the reader of heads skips those
    /// that precede a response.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] says what was refused.
    pub fn from_head(
        method: &Method,
        head: &Parts,
        limits: &Limits,
    ) -> Result<Self, ProtocolError> {
        let Parts {
            status,
            headers,
            version,
            ..
        } = head;
        if status.is_informational() {
            return Err(ProtocolError::Upgrade);
        }
        if list(headers, &CONTENT_ENCODING).any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
        {
            return Err(ProtocolError::ContentCoding);
        }
        let length = content_length(headers)?;
        let framing = match (headers.contains_key(TRANSFER_ENCODING), length) {
            (true, Some(_)) => return Err(ProtocolError::ConflictingBodyHeaders),
            (true, None) => {
                let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
                let chunked = codings
                    .next()
                    .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"chunked"));
                if !chunked || codings.next().is_some() || *version == Version::HTTP_10 {
                    return Err(ProtocolError::TransferCoding);
                }
                Self::Chunked
            }
            (false, Some(length)) => Self::Length(length),
            (false, None) => Self::Close,
        };
        if *method == Method::HEAD
            || matches!(*status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        {
            return Ok(Self::Empty);
        }
        match framing {
            Self::Length(length) if length > limits.max_body() => Err(ProtocolError::BodyTooLarge),
            framing => Ok(framing),
        }
    }
}

/// Returns the elements of a list. Empty ones do not count (RFC 9110 section 5.6.1.2).
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let values = headers.get_all(name).into_iter();
    let elements = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    elements
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

/// Returns the one length that all `Content-Length` fields agree on. RFC 9110 section 8.6 allows a list of
/// equal values.
fn content_length(headers: &HeaderMap) -> Result<Option<usize>, ProtocolError> {
    let mut agreed = None;
    for field in headers.get_all(CONTENT_LENGTH) {
        for value in field.as_bytes().split(|byte| *byte == b',') {
            let value = value.trim_ascii();
            if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
                return Err(ProtocolError::InvalidContentLength);
            }
            // Too many digits for a number is too long for a body.
            let length = std::str::from_utf8(value)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(usize::MAX);
            if agreed.is_some_and(|agreed| agreed != length) {
                return Err(ProtocolError::InvalidContentLength);
            }
            agreed = Some(length);
        }
    }
    Ok(agreed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn head(status: StatusCode, fields: &[(&'static str, &str)]) -> Parts {
        let (mut head, ()) = http::Response::new(()).into_parts();
        head.status = status;
        for (name, value) in fields {
            let value = HeaderValue::from_str(value).unwrap();
            head.headers.append(*name, value);
        }
        head
    }

    fn framing(fields: &[(&'static str, &str)]) -> Result<BodyFraming, ProtocolError> {
        let head = head(StatusCode::OK, fields);
        BodyFraming::from_head(&Method::GET, &head, &Limits::default())
    }

    #[test]
    fn every_framing_is_read_or_refused() {
        let length = "content-length";
        let coding = "transfer-encoding";
        for (fields, expected) in [
            (&[][..], Ok(BodyFraming::Close)),
            (&[(length, "0")], Ok(BodyFraming::Length(0))),
            (&[(length, "65536")], Ok(BodyFraming::Length(65_536))),
            (&[(length, "7"), (length, "7")], Ok(BodyFraming::Length(7))),
            (&[(length, "7, 7")], Ok(BodyFraming::Length(7))),
            (
                &[(length, "7"), (length, "8")],
                Err(ProtocolError::InvalidContentLength),
            ),
            (
                &[(length, "7, 8")],
                Err(ProtocolError::InvalidContentLength),
            ),
            (&[(length, "")], Err(ProtocolError::InvalidContentLength)),
            (&[(length, "+7")], Err(ProtocolError::InvalidContentLength)),
            (&[(length, "-7")], Err(ProtocolError::InvalidContentLength)),
            (&[(length, "0x7")], Err(ProtocolError::InvalidContentLength)),
            (&[(length, "65537")], Err(ProtocolError::BodyTooLarge)),
            (
                &[(length, "99999999999999999999999")],
                Err(ProtocolError::BodyTooLarge),
            ),
            (&[(coding, "chunked")], Ok(BodyFraming::Chunked)),
            (&[(coding, "Chunked")], Ok(BodyFraming::Chunked)),
            (
                &[(coding, "gzip, chunked")],
                Err(ProtocolError::TransferCoding),
            ),
            (
                &[(coding, "gzip"), (coding, "chunked")],
                Err(ProtocolError::TransferCoding),
            ),
            (
                &[(coding, "chunked"), (coding, "chunked")],
                Err(ProtocolError::TransferCoding),
            ),
            (&[(coding, "identity")], Err(ProtocolError::TransferCoding)),
            (&[(coding, "chunked,")], Err(ProtocolError::TransferCoding)),
            (&[(coding, ", chunked")], Err(ProtocolError::TransferCoding)),
            (
                &[(coding, "chunked"), (coding, "")],
                Err(ProtocolError::TransferCoding),
            ),
            (&[(coding, "")], Err(ProtocolError::TransferCoding)),
            (
                &[(length, "7"), (coding, "chunked")],
                Err(ProtocolError::ConflictingBodyHeaders),
            ),
            (
                &[("content-encoding", "gzip")],
                Err(ProtocolError::ContentCoding),
            ),
            (&[("content-encoding", "identity")], Ok(BodyFraming::Close)),
            (
                &[("content-encoding", ", identity,,")],
                Ok(BodyFraming::Close),
            ),
            (&[("content-encoding", "")], Ok(BodyFraming::Close)),
            (
                &[("content-encoding", "identity, gzip")],
                Err(ProtocolError::ContentCoding),
            ),
        ] {
            assert_eq!(framing(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn head_204_and_304_have_no_body() {
        for (method, status) in [
            (Method::HEAD, StatusCode::OK),
            (Method::GET, StatusCode::NO_CONTENT),
            (Method::GET, StatusCode::NOT_MODIFIED),
        ] {
            let head = head(status, &[("content-length", "7")]);
            let framing = BodyFraming::from_head(&method, &head, &Limits::default());
            assert_eq!(framing, Ok(BodyFraming::Empty));
        }
    }

    #[test]
    fn switch_to_another_protocol_is_refused() {
        let head = head(StatusCode::SWITCHING_PROTOCOLS, &[]);
        let framing = BodyFraming::from_head(&Method::GET, &head, &Limits::default());
        assert_eq!(framing, Err(ProtocolError::Upgrade));
        let reason = ProtocolError::Upgrade;
        assert_eq!(
            super::super::keep_error_status(head, reason).unwrap_err(),
            reason
        );
    }

    #[test]
    fn transfer_coding_in_http_1_0_is_refused() {
        let mut head = head(StatusCode::OK, &[("transfer-encoding", "chunked")]);
        head.version = Version::HTTP_10;
        let framing = BodyFraming::from_head(&Method::GET, &head, &Limits::default());
        assert_eq!(framing, Err(ProtocolError::TransferCoding));
    }
}
