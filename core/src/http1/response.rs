//! Reading a complete response.

use std::fmt;

use http::header::CONNECTION;
use http::response::Parts;
use http::{Method, Response, StatusCode, Version};

use super::chunked::Decoder;
use super::{BodyFraming, HeadReader, Limits, ProtocolError};

/// Reads one response from bytes in pieces of any size.
///
/// ```text
///            head incomplete              body incomplete
///               ┌─────┐                      ┌─────┐
///               │     ▼                      │     ▼
///   new ──▶ reading head ──── head ────▶ reading body ──── end of body ────▶ complete
///                 │                            │
///                 │ refused, cut off           │ refused, cut off: an error status is kept
///                 ▼                            ▼
///           ProtocolError              ProtocolError, or complete without its body
/// ```
pub struct ResponseReader {
    method: Method,
    limits: Limits,
    /// Bytes that came and were not decoded from a chunked body.
    buffer: Vec<u8>,
    received: bool,
    state: State,
}

enum State {
    Head(HeadReader),
    Body(Box<Parts>, Body),
    Complete,
}

enum Body {
    /// The body begins at this offset and has this many bytes.
    Length(usize, usize),
    Chunked(Decoder),
    /// The body begins at this offset and ends with the connection.
    Close(usize),
}

impl ResponseReader {
    /// Creates a reader for the response to a request with this method.
    #[must_use]
    pub fn new(method: Method, limits: Limits) -> Self {
        Self {
            method,
            limits,
            buffer: Vec::new(),
            received: false,
            state: State::Head(HeadReader::new(&limits)),
        }
    }

    /// Returns whether any byte has come. Until then, a resendable request can be sent once more
    /// where a reused connection breaks.
    #[must_use]
    pub fn has_received(&self) -> bool {
        self.received
    }

    /// Takes the next bytes, or none at the end of the stream. Returns the response when it is complete;
    /// the reader must not be used again then.
    ///
    /// Where the body cannot be read, a head whose status is an error, or a redirect, says enough by itself: the
    /// response goes on with an empty body, and the [`ProtocolError`] in its extensions.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] where the response is not HTTP that is accepted, is too long, or ends too early.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Option<CompleteResponse>, ProtocolError> {
        if bytes.is_empty() {
            return self.end().map(Some);
        }
        self.received = true;
        self.buffer.extend_from_slice(bytes);
        self.advance()
            .or_else(|error| self.without_body(error).map(Some))
    }

    /// Ends the response where the connection broke. Returns a response with an error status, without its
    /// body, where its head has come. `None` where there is none.
    pub fn cut_off(&mut self) -> Option<CompleteResponse> {
        self.without_body(ProtocolError::Truncated).ok()
    }

    fn advance(&mut self) -> Result<Option<CompleteResponse>, ProtocolError> {
        if let State::Head(reader) = &mut self.state {
            let Some((head, start)) = reader.read(&self.buffer)? else {
                return Ok(None);
            };
            // The head first, so that its status survives a refusal of what follows.
            self.state = State::Body(Box::new(head), Body::Close(start));
            self.begin_body(start)?;
        }
        let State::Body(_, body) = &mut self.state else {
            return Ok(None);
        };
        match body {
            Body::Length(start, length) => {
                let end = start.saturating_add(*length);
                if self.buffer.len() < end {
                    return Ok(None);
                }
                let (start, exact) = (*start, self.buffer.len() == end);
                self.buffer.truncate(end);
                Ok(self.complete(start, exact))
            }
            Body::Chunked(decoder) => {
                let taken = decoder.feed(&self.buffer)?;
                self.buffer.drain(..taken);
                if !decoder.is_done() {
                    return Ok(None);
                }
                let exact = self.buffer.is_empty();
                self.buffer = decoder.take_body();
                Ok(self.complete(0, exact))
            }
            Body::Close(start) => {
                if self.buffer.len().saturating_sub(*start) > self.limits.max_body() {
                    return Err(ProtocolError::BodyTooLarge);
                }
                Ok(None)
            }
        }
    }

    fn begin_body(&mut self, start: usize) -> Result<(), ProtocolError> {
        let State::Body(head, body) = &mut self.state else {
            return Ok(());
        };
        *body = match BodyFraming::from_head(&self.method, head, &self.limits)? {
            BodyFraming::Empty => Body::Length(start, 0),
            BodyFraming::Length(length) => Body::Length(start, length),
            BodyFraming::Chunked => {
                self.buffer.drain(..start);
                Body::Chunked(Decoder::new(self.limits.max_body()))
            }
            BodyFraming::Close => Body::Close(start),
        };
        Ok(())
    }

    fn end(&mut self) -> Result<CompleteResponse, ProtocolError> {
        if let State::Body(_, Body::Close(start)) = self.state {
            if let Some(response) = self.complete(start, false) {
                return Ok(response);
            }
        }
        self.without_body(ProtocolError::Truncated)
    }

    fn complete(&mut self, start: usize, exact: bool) -> Option<CompleteResponse> {
        match std::mem::replace(&mut self.state, State::Complete) {
            State::Body(head, _) => Some(CompleteResponse {
                head: *head,
                buffer: std::mem::take(&mut self.buffer),
                start,
                exact,
            }),
            State::Head(_) | State::Complete => None,
        }
    }

    fn without_body(&mut self, reason: ProtocolError) -> Result<CompleteResponse, ProtocolError> {
        match std::mem::replace(&mut self.state, State::Complete) {
            State::Body(head, _) => Ok(CompleteResponse {
                head: keep_error_status(*head, reason)?,
                buffer: Vec::new(),
                start: 0,
                exact: false,
            }),
            State::Head(_) | State::Complete => Err(reason),
        }
    }
}

impl fmt::Debug for ResponseReader {
    /// Writes nothing of the response, which can hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseReader")
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// Keeps the head of a response whose body cannot be read, where its status is an error.
///
/// An error status (and a redirect) says enough by itself. The response goes on with an empty body and the reason in
/// its extensions.
///
/// # Errors
///
/// The reason itself, where the status claims success or is no final one.
pub(crate) fn keep_error_status(
    mut head: Parts,
    reason: ProtocolError,
) -> Result<Parts, ProtocolError> {
    if head.status.is_success() || head.status.is_informational() {
        return Err(reason);
    }
    head.extensions.insert(reason);
    Ok(head)
}

/// A response that is complete.
#[must_use = "it holds what was asked for"]
pub struct CompleteResponse {
    head: Parts,
    buffer: Vec<u8>,
    /// Where in the buffer the body begins.
    start: usize,
    /// Whether the response ended where it said, without a byte more.
    exact: bool,
}

impl CompleteResponse {
    /// Returns whether the connection can be reused: the response ended where it said it would, no byte
    /// came after it, and neither side is about to close.
    #[must_use]
    pub fn leaves_connection_usable(&self) -> bool {
        let closes = self.head.headers.get_all(CONNECTION).iter().any(|value| {
            let mut options = value.as_bytes().split(|byte| *byte == b',');
            options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
        });
        self.exact && self.head.version == Version::HTTP_11 && !closes
    }

    /// Returns whether this is a 408. A server sends one before it closes a connection on which it waited in vain for a
    /// request (RFC 9110 section 15.5.9). Over a reused connection it is not the response to what was just sent.
    #[must_use]
    pub fn is_idle_timeout(&self) -> bool {
        self.head.status == StatusCode::REQUEST_TIMEOUT
    }

    /// Returns the response itself.
    #[must_use]
    pub fn into_response(mut self) -> Response<Vec<u8>> {
        let start = self.start.min(self.buffer.len());
        self.buffer.drain(..start);
        Response::from_parts(self.head, self.buffer)
    }
}

impl fmt::Debug for CompleteResponse {
    /// Writes the status alone: the rest can hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompleteResponse")
            .field("status", &self.head.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
