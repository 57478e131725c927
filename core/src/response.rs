//! What an answer can be, other than what was asked for.

use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::refusal::{self, Refusal};
use crate::transport::ProtocolError;
use crate::xml::{self, Part, XmlError};

/// The largest body that is read, in bytes: 64 KiB. Concur's longest, a page of ten connection requests, has about eight.
pub const MAX_BODY: usize = 65_536;

/// The answer is not what was asked for.
///
/// Whatever it is, the request reached a server. No variant holds the answer's text, except for
/// Concur's own words in a [`Refusal`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Concur said no. Mend the request, the credentials or the account before asking again.
    #[error("refused by Concur: {0}")]
    Refused(Refusal),
    /// Concur, or a gateway before it, cannot answer now. Wait, then ask again.
    #[error("Concur cannot answer now: {0}")]
    Unavailable(Refusal),
    /// The answer sends the caller elsewhere. It is not followed: credentials go to one place.
    #[error("the answer is a redirect ({status}), which is never followed: check the instance URL")]
    Redirected {
        /// The answer's status, 300 to 399.
        status: StatusCode,
    },
    /// The answer claims success, and cannot be read.
    #[error("{reason}, where Concur's answer was expected (status {status}): {}", reason.advice())]
    Unreadable {
        /// The answer's status.
        status: StatusCode,
        /// Why it cannot be read.
        reason: Unreadable,
    },
}

impl ResponseError {
    /// How long to wait before the same request is worth sending again; `None` where it is not.
    ///
    /// Five minutes for trouble at Concur's end, as its documentation asks, or what the answer's
    /// `Retry-After` says in seconds, a day at most. (Its other form is a date, and there is no clock
    /// here to hold it against.)
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) | Self::Unavailable(refusal) => refusal.retry_after(),
            Self::Redirected { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// Why an answer's body is not the document that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// There is nothing in it.
    #[error("an empty answer")]
    Empty,
    /// It is a web page.
    #[error("an HTML page")]
    Html,
    /// It is longer than [`MAX_BODY`].
    #[error("an answer of more than 64 KiB")]
    TooLarge,
    /// It is not XML that is accepted.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// It is something other than XML.
    #[error("an answer that is not XML")]
    NotXml,
    /// It was not read, because of this. Only an answer whose status already says enough is let by
    /// without its body.
    #[error("an answer that was not read ({0})")]
    Unread(ProtocolError),
    /// It is XML, and another document.
    #[error("an XML document of another kind")]
    OtherDocument,
    /// It is an access-token document without a token.
    #[error("an access-token document without a token")]
    NoToken,
    /// It should name what was made, once, and does not.
    #[error("a document without one ID")]
    NoId,
    /// Its token is empty.
    #[error("an access-token document with an empty token")]
    EmptyToken,
    /// It has more than one token, and nothing says which to use.
    #[error("an access-token document with more than one token")]
    RepeatedToken,
}

impl Unreadable {
    const fn advice(self) -> &'static str {
        match self {
            Self::NoToken | Self::EmptyToken | Self::RepeatedToken | Self::NoId => {
                "tell Concur support"
            }
            _ => "check the instance URL and any proxy on the way to it",
        }
    }
}

/// Reads the body of an answer that claims success, and sorts every other answer into its error.
pub(crate) fn read_success<T>(
    response: &http::Response<&[u8]>,
    read: impl FnOnce(&[u8]) -> Result<T, Unreadable>,
) -> Result<T, ResponseError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(ResponseError::Redirected { status });
    }
    if !status.is_success() {
        return Err(refusal::read(response));
    }
    let reason = match readable(response).and_then(read) {
        Ok(value) => return Ok(value),
        Err(reason) => reason,
    };
    // Concur sends its error document with a success status too.
    if let (Unreadable::OtherDocument, Some(refusal)) = (reason, refusal::read_in_success(response))
    {
        return Err(refusal);
    }
    let reason = name_html(response, reason);
    Err(ResponseError::Unreadable { status, reason })
}

/// Reads an answer that has nothing to say but that it was done, in whatever words: Concur documents
/// none. A web page, a broken document, or an error in JSON, which nobody asked for, says something else.
pub(crate) fn read_done(response: &http::Response<&[u8]>) -> Result<(), ResponseError> {
    let done = read_success(response, |body| {
        let mut done = Ok(());
        xml::read_fields(body, |part| {
            if let Part::Root(name) = part {
                if ["Error", "html"]
                    .iter()
                    .any(|no| name.eq_ignore_ascii_case(no))
                {
                    done = Err(other_document(name));
                }
            }
        })?;
        match done {
            Ok(()) if says_html(response) => Err(Unreadable::Html),
            done => done,
        }
    });
    match done {
        Err(ResponseError::Unreadable {
            reason: Unreadable::Empty,
            ..
        }) => Ok(()),
        // A server may call its plain words HTML.
        Err(ResponseError::Unreadable {
            reason: Unreadable::NotXml | Unreadable::Html,
            ..
        }) if is_plain(response.body()) => Ok(()),
        done => done,
    }
}

/// Whether a body is neither markup nor an error in JSON.
fn is_plain(body: &[u8]) -> bool {
    const ERROR: &[u8] = b"\"error\"";
    let start = start_of(body);
    let mut windows = start.windows(ERROR.len());
    !start.starts_with(b"<") && !windows.any(|window| window.eq_ignore_ascii_case(ERROR))
}

/// Refuses what is not worth parsing.
pub(crate) fn readable<'a>(response: &http::Response<&'a [u8]>) -> Result<&'a [u8], Unreadable> {
    let body = *response.body();
    if let Some(reason) = response.extensions().get::<ProtocolError>() {
        return Err(Unreadable::Unread(*reason));
    }
    if body.len() > MAX_BODY {
        return Err(Unreadable::TooLarge);
    }
    let start = start_of(body);
    match start {
        [] => Err(Unreadable::Empty),
        [b'<', b'!' | b'h' | b'H', ..] if begins_html(start) => Err(Unreadable::Html),
        // A text in another encoding is for the XML reader to name.
        [b'<' | 0x80.., ..] => Ok(body),
        _ => Err(Unreadable::NotXml),
    }
}

/// Without a byte order mark, and white space.
fn start_of(body: &[u8]) -> &[u8] {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start()
}

fn begins_html(text: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        let (start, rest) = text.split_at_checked(word.len())?;
        let whole = !rest.first().is_some_and(u8::is_ascii_alphanumeric);
        Some(whole && start.eq_ignore_ascii_case(word))
    };
    begins(b"<!doctype html") == Some(true) || begins(b"<html") == Some(true)
}

/// What a document with this root is, where another was expected.
pub(crate) fn other_document(root: &str) -> Unreadable {
    if root.eq_ignore_ascii_case("html") {
        Unreadable::Html
    } else {
        Unreadable::OtherDocument
    }
}

fn says_html(response: &http::Response<&[u8]>) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        let media = value.split(|byte| *byte == b';').next().unwrap_or(value);
        let media = media.trim_ascii();
        media.eq_ignore_ascii_case(b"text/html")
            || media.eq_ignore_ascii_case(b"application/xhtml+xml")
    })
}

/// What is not a document of Concur's and says it is a web page, is one.
pub(crate) fn name_html(response: &http::Response<&[u8]>, reason: Unreadable) -> Unreadable {
    match reason {
        Unreadable::Xml(_) | Unreadable::NotXml | Unreadable::OtherDocument
            if says_html(response) =>
        {
            Unreadable::Html
        }
        other => other,
    }
}
