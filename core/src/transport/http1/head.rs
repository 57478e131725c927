//! The head of an answer.

use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};

use crate::transport::{Limits, ProtocolError};

/// Reads the head of an answer, past any 1xx answers, within [`Limits`].
///
/// It keeps no bytes: each time, it is shown all that came so far.
#[derive(Debug)]
pub struct HeadReader {
    max_len: usize,
    fields_left: usize,
    /// Where the head begins, after 1xx answers.
    start: usize,
}

impl HeadReader {
    /// A reader at the beginning of an answer.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            max_len: limits.head(),
            fields_left: limits.head_fields(),
            start: 0,
        }
    }

    /// Reads the head out of all bytes that came since the request was sent: the head, and where its
    /// body begins; `None` while it is not whole.
    ///
    /// The head is parsed anew each time. Its bound makes that cheap, however it is dripped.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] where it is no head, or more of one than is read.
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

/// `None` while the head is not whole.
fn parse(bytes: &[u8], max_fields: usize) -> Result<Option<(Parts, usize)>, ProtocolError> {
    let mut fields = vec![httparse::EMPTY_HEADER; max_fields];
    let mut parsed = httparse::Response::new(&mut fields);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ProtocolError::TooManyFields),
        Err(_) => return Err(ProtocolError::Head),
    };
    let mut headers = HeaderMap::with_capacity(parsed.headers.len());
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let value = HeaderValue::from_bytes(field.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(ProtocolError::Head);
        };
        headers.append(name, value);
    }
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
    let (mut head, ()) = Response::new(()).into_parts();
    head.status = status.ok_or(ProtocolError::Head)?;
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
    fn answers_before_the_answer_are_skipped_and_counted() {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let answer = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
        let (head, start) = read(&format!("{early}{early}{answer}rest"))
            .unwrap()
            .unwrap();
        assert_eq!((head.status, head.headers.len()), (StatusCode::OK, 1));
        assert_eq!(start, early.len() * 2 + answer.len());
        let many = early.repeat(64);
        assert_eq!(
            read(&format!("{many}{answer}")).unwrap_err(),
            ProtocolError::TooManyFields
        );
        let long = "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        assert_eq!(read(&long).unwrap_err(), ProtocolError::HeadTooLarge);
    }

    #[test]
    fn a_head_in_pieces_reads_as_the_whole() {
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
