//! Reading the head of a response.

use std::mem::MaybeUninit;

use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};

use super::limits::MAX_HEADERS;
use super::{Limits, ProtocolError};

/// Reads the head of a response within [`Limits`], past any 1xx responses before it.
///
/// The reader keeps no bytes: each call is given all bytes that came so far.
#[derive(Debug)]
pub struct HeadReader {
    max_len: usize,
    fields_left: usize,
    /// Where the head begins, after 1xx responses.
    start: usize,
}

impl HeadReader {
    /// Creates a reader for the beginning of a response.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            max_len: limits.max_head(),
            fields_left: limits.max_headers(),
            start: 0,
        }
    }

    /// Reads the head from all bytes that came since the request was sent. Returns the head and the offset
    /// at which the body begins, or `None` while the head is not complete.
    ///
    /// The head is parsed anew each time. Its limit makes that cheap, however slowly it comes.
    ///
    /// Folded header fields are refused, where RFC 9112 section 5.2 has a user agent read each fold as spaces: recipients
    /// differ in them, and no server that sends them is known. So are empty lines before a head, which only servers are
    /// told to skip (section 2.2).
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] where the bytes are no head, or a larger one than is read.
    pub fn read(&mut self, received: &[u8]) -> Result<Option<(Parts, usize)>, ProtocolError> {
        loop {
            let unread = received.get(self.start..).unwrap_or_default();
            let Some((head, length)) = parse(unread, self.fields_left)? else {
                return if received.len() > self.max_len {
                    Err(ProtocolError::HeadTooLarge)
                } else {
                    Ok(None)
                };
            };
            self.start = self.start.saturating_add(length);
            if self.start > self.max_len {
                return Err(ProtocolError::HeadTooLarge);
            }
            if head.status == StatusCode::SWITCHING_PROTOCOLS {
                return Err(ProtocolError::Upgrade);
            }
            if !head.status.is_informational() {
                return Ok(Some((head, self.start)));
            }
            self.fields_left = self.fields_left.saturating_sub(head.headers.len());
        }
    }
}

/// Returns `None` while the head is not complete.
fn parse(bytes: &[u8], max_fields: usize) -> Result<Option<(Parts, usize)>, ProtocolError> {
    // `httparse` would skip empty lines.
    if matches!(bytes.first(), Some(b'\r' | b'\n')) {
        return Err(ProtocolError::MalformedHead);
    }
    let mut fields = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let fields = fields.get_mut(..max_fields).unwrap_or_default();
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let length = match config.parse_response_with_uninit_headers(&mut parsed, bytes, fields) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ProtocolError::TooManyHeaders),
        Err(_) => return Err(ProtocolError::MalformedHead),
    };
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let value = HeaderValue::from_bytes(field.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(ProtocolError::MalformedHead);
        };
        headers.append(name, value);
    }
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status.ok_or(ProtocolError::MalformedHead)?;
    head.version = match parsed.version {
        Some(1) => Version::HTTP_11,
        _ => Version::HTTP_10,
    };
    head.headers = headers;
    Ok(Some((head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &str) -> Result<Option<(Parts, usize)>, ProtocolError> {
        HeadReader::new(&Limits::default()).read(bytes.as_bytes())
    }

    #[test]
    fn informational_responses_are_skipped_and_counted() {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let response = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
        let (head, start) = read(&format!("{early}{early}{response}rest"))
            .unwrap()
            .unwrap();
        assert_eq!((head.status, head.headers.len()), (StatusCode::OK, 1));
        assert_eq!(start, early.len() * 2 + response.len());
        let many = early.repeat(64);
        assert_eq!(
            read(&format!("{many}{response}")).unwrap_err(),
            ProtocolError::TooManyHeaders
        );
        let long = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        assert_eq!(read(&long).unwrap_err(), ProtocolError::HeadTooLarge);
    }

    #[test]
    fn empty_lines_before_a_head_and_folded_fields_are_refused() {
        for bytes in [
            "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        ] {
            assert_eq!(read(bytes).unwrap_err(), ProtocolError::MalformedHead);
        }
    }

    #[test]
    fn head_in_pieces_reads_as_the_whole() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 403 No\r\nA: b\r\nA: c\r\n\r\n";
        let mut reader = HeadReader::new(&Limits::default());
        for end in 0..bytes.len() {
            assert!(reader.read(&bytes[..end]).unwrap().is_none(), "{end}");
        }
        let (head, start) = reader.read(bytes).unwrap().unwrap();
        assert_eq!((head.status.as_u16(), start), (403, bytes.len()));
        assert_eq!((head.version, head.headers.len()), (Version::HTTP_10, 2));
    }
}
