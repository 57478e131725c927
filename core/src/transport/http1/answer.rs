//! A whole answer.

use std::fmt;

use http::header::CONNECTION;
use http::response::Parts;
use http::{Method, Response, Version};

use super::chunked::Decoder;
use super::head::HeadReader;
use crate::transport::{Error, Framing, Limits, ProtocolError, Stage, salvage};
use crate::{Exchange, InstanceUrl, ResponseError};

/// Reads one answer, from bytes in pieces of any size.
pub struct AnswerReader {
    method: Method,
    limits: Limits,
    /// What came and was not taken into a chunked body.
    held: Vec<u8>,
    received: bool,
    state: State,
}

enum State {
    Head(HeadReader),
    Body(Box<Parts>, Body),
    Done,
}

enum Body {
    /// The body begins here, and has this many bytes.
    Length(usize, usize),
    Chunked(Decoder),
    /// The body begins here, and ends with the connection.
    Close(usize),
}

impl AnswerReader {
    /// A reader for the answer to a request with this method.
    #[must_use]
    pub fn new(method: Method, limits: Limits) -> Self {
        Self {
            method,
            limits,
            held: Vec::new(),
            received: false,
            state: State::Head(HeadReader::new(&limits)),
        }
    }

    /// Whether a byte has come at all. Before that, a request that may be sent twice can be sent
    /// once more where a kept connection breaks.
    #[must_use]
    pub fn has_received(&self) -> bool {
        self.received
    }

    /// Takes the next bytes; none where the peer announced that no more comes. Returns the answer
    /// when it is whole, and must not be called again then.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] where the answer is not HTTP that is accepted, or too long;
    /// [`Error::Interrupted`] where it ends too early.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Option<Answer>, Error> {
        if bytes.is_empty() {
            return self.end().map(Some);
        }
        self.received = true;
        self.held.extend_from_slice(bytes);
        match self.advance() {
            Ok(answer) => Ok(answer),
            Err(error) => self.fail(error.into()).map(Some),
        }
    }

    /// Says that the connection broke, or that reading on is of no use: an answer with an error
    /// status that came so far still counts, without its body (see [`salvage`]).
    ///
    /// # Errors
    ///
    /// The error itself, where there is no such answer.
    pub fn fail(&mut self, error: Error) -> Result<Answer, Error> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Body(head, _) => Ok(Answer {
                head: salvage(*head, error)?,
                bytes: Vec::new(),
                start: 0,
                exact: false,
            }),
            State::Head(_) | State::Done => Err(error),
        }
    }

    fn advance(&mut self) -> Result<Option<Answer>, ProtocolError> {
        if let State::Head(reader) = &mut self.state {
            let Some((head, start)) = reader.read(&self.held)? else {
                return Ok(None);
            };
            // First the head, so that its status survives a refusal of what follows.
            self.state = State::Body(Box::new(head), Body::Close(start));
            self.begin_body(start)?;
        }
        let State::Body(_, body) = &mut self.state else {
            return Ok(None);
        };
        match body {
            Body::Length(start, length) => {
                let end = start.saturating_add(*length);
                if self.held.len() < end {
                    return Ok(None);
                }
                let (start, exact) = (*start, self.held.len() == end);
                self.held.truncate(end);
                Ok(self.finish(start, exact))
            }
            Body::Chunked(decoder) => {
                let taken = decoder.feed(&self.held)?;
                self.held.drain(..taken);
                if !decoder.is_done() {
                    return Ok(None);
                }
                let exact = self.held.is_empty();
                self.held = decoder.take_body();
                Ok(self.finish(0, exact))
            }
            Body::Close(start) => {
                if self.held.len().saturating_sub(*start) > self.limits.body() {
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
        *body = match Framing::of(&self.method, head, &self.limits)? {
            Framing::Empty => Body::Length(start, 0),
            Framing::Length(length) => Body::Length(start, length),
            Framing::Chunked => {
                self.held.drain(..start);
                Body::Chunked(Decoder::new(self.limits.body()))
            }
            Framing::Close => Body::Close(start),
        };
        Ok(())
    }

    fn end(&mut self) -> Result<Answer, Error> {
        if let State::Body(_, Body::Close(start)) = self.state {
            if let Some(answer) = self.finish(start, false) {
                return Ok(answer);
            }
        }
        self.fail(Error::interrupted(Stage::Receive, ProtocolError::CutShort))
    }

    fn finish(&mut self, start: usize, exact: bool) -> Option<Answer> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Body(head, _) => Some(Answer {
                head: *head,
                bytes: std::mem::take(&mut self.held),
                start,
                exact,
            }),
            State::Head(_) | State::Done => None,
        }
    }
}

impl fmt::Debug for AnswerReader {
    /// Nothing of the answer: it can hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerReader")
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// An answer that is whole.
#[must_use = "it holds what was asked for"]
pub struct Answer {
    head: Parts,
    bytes: Vec<u8>,
    /// Where in the bytes the body begins.
    start: usize,
    /// Whether it ended where it said, with not a byte more.
    exact: bool,
}

impl Answer {
    /// Whether another exchange can follow on the same connection: the answer ended where it said it
    /// would, not a byte came after it, and neither side means to close.
    #[must_use]
    pub fn leaves_connection_usable(&self) -> bool {
        let closes = self.head.headers.get_all(CONNECTION).iter().any(|value| {
            let mut options = value.as_bytes().split(|byte| *byte == b',');
            options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
        });
        self.exact && self.head.version == Version::HTTP_11 && !closes
    }

    /// Reads it as what the exchange asked for.
    ///
    /// # Errors
    ///
    /// As [`Exchange::parse`].
    pub fn parse<E: Exchange>(self, instance: &InstanceUrl) -> Result<E::Output, ResponseError> {
        let body = self.bytes.get(self.start..).unwrap_or_default();
        E::parse(Response::from_parts(self.head, body), instance)
    }
}

impl fmt::Debug for Answer {
    /// Nothing of it but its status: it can hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.head.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
