//! What an answer's head says of its body.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use http::response::Parts;
use http::{Method, StatusCode, Version};

use super::Limits;

/// How the end of a body is known (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// It has this many bytes.
    Length(usize),
    /// It comes in chunks.
    Chunked,
    /// It ends with the connection.
    Close,
}

impl Framing {
    /// Reads an answer's head, and refuses what is ambiguous, encoded or too long before any of the
    /// body is read.
    ///
    /// Where a length stands beside `chunked`, or two lengths differ, the RFC allows a recipient to
    /// choose. Choosing is how answers are smuggled, so both are refused; as is a transfer coding in
    /// HTTP/1.0, which has none.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] says what was refused.
    pub fn of(method: &Method, head: &Parts, limits: &Limits) -> Result<Self, ProtocolError> {
        let Parts {
            status,
            headers,
            version,
            ..
        } = head;
        for coding in headers.get_all(CONTENT_ENCODING) {
            if !coding.as_bytes().eq_ignore_ascii_case(b"identity") {
                return Err(ProtocolError::ContentCoding);
            }
        }
        let length = content_length(headers)?;
        let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
        let framing = match (codings.next(), length) {
            (Some(_), Some(_)) => return Err(ProtocolError::LengthBesideCoding),
            (Some(coding), None) => {
                let chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
                if !chunked || codings.next().is_some() || *version == Version::HTTP_10 {
                    return Err(ProtocolError::TransferCoding);
                }
                Self::Chunked
            }
            (None, Some(length)) => Self::Length(length),
            (None, None) => Self::Close,
        };
        if *method == Method::HEAD
            || matches!(*status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        {
            return Ok(Self::Empty);
        }
        match framing {
            Self::Length(length) if length > limits.body() => Err(ProtocolError::BodyTooLarge),
            framing => Ok(framing),
        }
    }
}

/// The one length that all `Content-Length` fields agree on, as RFC 9110 section 8.6 lets a list of
/// equal values be read.
fn content_length(headers: &HeaderMap) -> Result<Option<usize>, ProtocolError> {
    let mut agreed = None;
    for field in headers.get_all(CONTENT_LENGTH) {
        for value in field.as_bytes().split(|byte| *byte == b',') {
            let value = value.trim_ascii();
            if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
                return Err(ProtocolError::Length);
            }
            // Too many digits for a number is too long for a body.
            let length = std::str::from_utf8(value)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(usize::MAX);
            if agreed.is_some_and(|agreed| agreed != length) {
                return Err(ProtocolError::Length);
            }
            agreed = Some(length);
        }
    }
    Ok(agreed)
}

/// The answer is not HTTP that is accepted, or is more of it than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The head is not an HTTP/1 head.
    #[error("its head is not HTTP")]
    Head,
    /// The head is longer than [`Limits::head`].
    #[error("its head is too long")]
    HeadTooLarge,
    /// The head has more fields than [`Limits::head_fields`].
    #[error("its head has too many fields")]
    TooManyFields,
    /// `Content-Length` is no number, or is given twice with different values.
    #[error("its lengths are not one number")]
    Length,
    /// `Content-Length` stands beside `Transfer-Encoding`.
    #[error("it gives a length beside a transfer coding")]
    LengthBesideCoding,
    /// `Transfer-Encoding` is not `chunked`, or not alone.
    #[error("it has a transfer coding other than chunked")]
    TransferCoding,
    /// The body is compressed, or encoded otherwise, which nobody asked for.
    #[error("its body is encoded, which was not asked for")]
    ContentCoding,
    /// The body is longer than [`Limits::body`].
    #[error("its body is too long")]
    BodyTooLarge,
    /// A chunk is not of the form that it must have.
    #[error("its chunks are broken")]
    Chunk,
    /// An answer with an error status ends too early. (Where the status is a success, that
    /// is [`Error::Interrupted`](super::Error::Interrupted).)
    #[error("it was cut short")]
    CutShort,
    /// The server asks to speak another protocol.
    #[error("it switches to another protocol")]
    Upgrade,
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

    fn framing(fields: &[(&'static str, &str)]) -> Result<Framing, ProtocolError> {
        let head = head(StatusCode::OK, fields);
        Framing::of(&Method::GET, &head, &Limits::default())
    }

    #[test]
    fn every_way_a_body_ends() {
        let length = "content-length";
        let coding = "transfer-encoding";
        for (fields, expected) in [
            (&[][..], Ok(Framing::Close)),
            (&[(length, "0")], Ok(Framing::Length(0))),
            (&[(length, "65536")], Ok(Framing::Length(65_536))),
            (&[(length, "7"), (length, "7")], Ok(Framing::Length(7))),
            (&[(length, "7, 7")], Ok(Framing::Length(7))),
            (&[(length, "7"), (length, "8")], Err(ProtocolError::Length)),
            (&[(length, "7, 8")], Err(ProtocolError::Length)),
            (&[(length, "")], Err(ProtocolError::Length)),
            (&[(length, "+7")], Err(ProtocolError::Length)),
            (&[(length, "-7")], Err(ProtocolError::Length)),
            (&[(length, "0x7")], Err(ProtocolError::Length)),
            (&[(length, "65537")], Err(ProtocolError::BodyTooLarge)),
            (
                &[(length, "99999999999999999999999")],
                Err(ProtocolError::BodyTooLarge),
            ),
            (&[(coding, "chunked")], Ok(Framing::Chunked)),
            (&[(coding, "Chunked")], Ok(Framing::Chunked)),
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
            (
                &[(length, "7"), (coding, "chunked")],
                Err(ProtocolError::LengthBesideCoding),
            ),
            (
                &[("content-encoding", "gzip")],
                Err(ProtocolError::ContentCoding),
            ),
            (&[("content-encoding", "identity")], Ok(Framing::Close)),
        ] {
            assert_eq!(framing(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn some_answers_have_no_body_whatever_their_head_says() {
        for (method, status) in [
            (Method::HEAD, StatusCode::OK),
            (Method::GET, StatusCode::NO_CONTENT),
            (Method::GET, StatusCode::NOT_MODIFIED),
        ] {
            let head = head(status, &[("content-length", "7")]);
            let framing = Framing::of(&method, &head, &Limits::default());
            assert_eq!(framing, Ok(Framing::Empty));
        }
    }

    #[test]
    fn http_1_0_has_no_transfer_codings() {
        let mut head = head(StatusCode::OK, &[("transfer-encoding", "chunked")]);
        head.version = Version::HTTP_10;
        let framing = Framing::of(&Method::GET, &head, &Limits::default());
        assert_eq!(framing, Err(ProtocolError::TransferCoding));
    }
}
