//! An answer, read off a connection.

use std::io;
use std::ops::Range;

use concur_oauth_core::transport::{Error, Framing, Limits, ProtocolError, Stage};
use http::header::CONNECTION;
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};

use crate::chunked::Decoder;
use crate::connection::Connection;
use crate::deadline::Deadline;

/// How much is asked of a connection at a time. A token's answer fits.
const READ: usize = 2048;

/// What came over a connection and was not used yet.
pub(crate) struct Buffer<'a> {
    connection: &'a mut Connection,
    deadline: &'a Deadline,
    bytes: Vec<u8>,
    received: bool,
}

impl<'a> Buffer<'a> {
    pub(crate) fn new(connection: &'a mut Connection, deadline: &'a Deadline) -> Self {
        Self {
            connection,
            deadline,
            bytes: Vec::new(),
            received: false,
        }
    }

    /// Whether a byte has come at all.
    pub(crate) fn has_received(&self) -> bool {
        self.received
    }

    /// Reads more; 0 where the peer announced that no more comes.
    fn fill(&mut self) -> Result<usize, Error> {
        let held = self.bytes.len();
        self.bytes.resize(held + READ, 0);
        let result = self.connection.read(
            self.bytes.get_mut(held..).unwrap_or_default(),
            self.deadline,
        );
        self.bytes.truncate(held + *result.as_ref().unwrap_or(&0));
        self.received |= self.bytes.len() > held;
        result.map_err(|error| self.deadline.name(Stage::Receive, error))
    }

    /// Reads more, where an end would come too early.
    fn fill_on(&mut self) -> Result<(), Error> {
        match self.fill()? {
            0 => {
                let cut = io::ErrorKind::UnexpectedEof.into();
                Err(self.deadline.name(Stage::Receive, cut))
            }
            _ => Ok(()),
        }
    }
}

pub(crate) struct Answer {
    head: Parts,
    bytes: Vec<u8>,
    body: Range<usize>,
    usable: bool,
}

impl Answer {
    pub(crate) fn read(
        buffer: &mut Buffer<'_>,
        method: &Method,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let (mut head, head_len) = read_head(buffer, limits)?;
        let (bytes, body, exact) = match read_body(buffer, method, &head, head_len, limits) {
            Err(error) if !head.status.is_success() => {
                // The status says enough, whatever is wrong with the page that comes with it.
                head.extensions.insert(match error {
                    Error::Protocol(reason) => reason,
                    Error::Interrupted { .. } => ProtocolError::CutShort,
                    error => return Err(error),
                });
                (Vec::new(), 0..0, false)
            }
            body => body?,
        };
        Ok(Self {
            usable: exact && keeps_alive(&head),
            head,
            bytes,
            body,
        })
    }

    /// Hands the answer to core's reader.
    pub(crate) fn read_with<T>(self, read: impl FnOnce(Response<&[u8]>) -> T) -> T {
        let body = self.bytes.get(self.body).unwrap_or_default();
        read(Response::from_parts(self.head, body))
    }

    /// Whether another exchange can follow on the same connection: the answer ended where it said,
    /// with not a byte more.
    pub(crate) fn leaves_connection_usable(&self) -> bool {
        self.usable
    }
}

/// Reads the answer's body: a buffer, where in it the body is, and whether nothing came after it.
fn read_body(
    buffer: &mut Buffer<'_>,
    method: &Method,
    head: &Parts,
    head_len: usize,
    limits: &Limits,
) -> Result<(Vec<u8>, Range<usize>, bool), Error> {
    match Framing::of(method, head.status, &head.headers, limits)? {
        Framing::Empty => {
            let exact = buffer.bytes.len() == head_len;
            Ok((Vec::new(), 0..0, exact))
        }
        Framing::Length(length) => {
            let end = head_len + length;
            while buffer.bytes.len() < end {
                buffer.fill_on()?;
            }
            let exact = buffer.bytes.len() == end;
            Ok((std::mem::take(&mut buffer.bytes), head_len..end, exact))
        }
        Framing::Chunked => {
            let mut decoder = Decoder::new(limits.body());
            buffer.bytes.drain(..head_len);
            loop {
                let taken = decoder.feed(&buffer.bytes)?;
                buffer.bytes.drain(..taken);
                if decoder.is_done() {
                    break;
                }
                buffer.fill_on()?;
            }
            let body = decoder.into_body();
            let range = 0..body.len();
            Ok((body, range, buffer.bytes.is_empty()))
        }
        Framing::Close => {
            loop {
                if buffer.bytes.len() - head_len > limits.body() {
                    return Err(ProtocolError::BodyTooLarge.into());
                }
                if buffer.fill()? == 0 {
                    break;
                }
            }
            let bytes = std::mem::take(&mut buffer.bytes);
            let range = head_len..bytes.len();
            Ok((bytes, range, false))
        }
    }
}

/// Reads the answer's head, past any 1xx answers, and says how many bytes of the buffer it takes.
///
/// The head is parsed anew with each read. Its bound makes that cheap, however it is dripped.
fn read_head(buffer: &mut Buffer<'_>, limits: &Limits) -> Result<(Parts, usize), Error> {
    let mut start = 0;
    let mut fields = limits.head_fields();
    loop {
        let unread = buffer.bytes.get(start..).unwrap_or_default();
        let Some((head, length)) = parse_head(unread, fields)? else {
            if buffer.bytes.len() > limits.head() {
                return Err(ProtocolError::HeadTooLarge.into());
            }
            buffer.fill_on()?;
            continue;
        };
        start += length;
        if start > limits.head() {
            return Err(ProtocolError::HeadTooLarge.into());
        }
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(ProtocolError::Upgrade.into());
        }
        if !head.status.is_informational() {
            return Ok((head, start));
        }
        fields = fields.saturating_sub(head.headers.len());
    }
}

/// `None` while the head is not whole.
fn parse_head(bytes: &[u8], max_fields: usize) -> Result<Option<(Parts, usize)>, ProtocolError> {
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

fn keeps_alive(head: &Parts) -> bool {
    let closes = head.headers.get_all(CONNECTION).iter().any(|value| {
        let mut options = value.as_bytes().split(|byte| *byte == b',');
        options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
    });
    head.version == Version::HTTP_11 && !closes
}
