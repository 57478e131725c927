//! What a response's body is, before it is parsed.

use http::header::CONTENT_TYPE;

use crate::http1::{MAX_BODY, ProtocolError};
use crate::wire::Format;
use crate::wire::json::{self, JsonValue};
use crate::wire::xml::XmlError;

/// Why a response's body is not the document that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The body is empty.
    #[error("an empty response")]
    Empty,
    /// The body is a web page.
    #[error("an HTML page")]
    Html,
    /// The body is longer than [`MAX_BODY`].
    #[error("a response of more than 64 KiB")]
    TooLarge,
    /// The body is not XML that is accepted.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The body is something other than XML.
    #[error("a response that is not XML")]
    NotXml,
    /// The body is something other than JSON.
    #[error("a response that is not JSON")]
    NotJson,
    /// The body is not JSON that is accepted.
    #[error("malformed JSON at line {line}, column {column}")]
    Json {
        /// The line of the first mistake, from 1.
        line: usize,
        /// Its column, in bytes, from 1.
        column: usize,
    },
    /// The body was not read, because of this. Only a response with an error status is kept without
    /// its body.
    #[error("a response that was not read ({0})")]
    Unread(ProtocolError),
    /// The body is a well-formed document of another kind.
    #[error("a document of another kind")]
    OtherDocument,
    /// The body is an access-token document without a token.
    #[error("an access-token document without a token")]
    NoToken,
    /// The body does not have exactly one ID of what was created.
    #[error("a document without one ID")]
    NoId,
    /// The token of an access-token document is empty.
    #[error("an access-token document with an empty token")]
    EmptyToken,
    /// An access-token document has more than one token, and nothing says which to use.
    #[error("an access-token document with more than one token")]
    RepeatedToken,
}

impl BodyError {
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::NoToken | Self::EmptyToken | Self::RepeatedToken | Self::NoId => {
                "tell Concur support"
            }
            _ => "check the base URL and any proxy on the way to it",
        }
    }
}

/// Returns the body where it is worth parsing. JSON begins with its first bracket then: a byte order mark is skipped.
pub(super) fn readable<'a>(
    response: &http::Response<&'a [u8]>,
    format: Format,
) -> Result<&'a [u8], BodyError> {
    let body = *response.body();
    if let Some(reason) = response.extensions().get::<ProtocolError>() {
        return Err(BodyError::Unread(*reason));
    }
    if body.len() > MAX_BODY {
        return Err(BodyError::TooLarge);
    }
    let start = start_of(body);
    match (start, format) {
        ([], _) => Err(BodyError::Empty),
        ([b'<', b'!' | b'h' | b'H', ..], _) if begins_html(start) => Err(BodyError::Html),
        // A text in another encoding is for the XML reader to name.
        ([b'<' | 0x80.., ..], Format::Xml) => Ok(body),
        // Some of Concur's servers describe an error in XML whatever was asked for.
        ([b'{' | b'[' | b'<', ..], Format::Json) => Ok(start),
        (_, Format::Xml) => Err(BodyError::NotXml),
        (_, Format::Json) => Err(BodyError::NotJson),
    }
}

/// Reads the fields of a body that is a JSON object.
pub(crate) fn json_fields<'a>(
    body: &'a [u8],
    each: impl FnMut(&str, JsonValue<'a>),
) -> Result<(), BodyError> {
    json::read_fields(body, each).map_err(|error| json_error(body, &error))
}

/// Names a mistake in a body that should be JSON.
pub(crate) fn json_error(body: &[u8], error: &serde_json::Error) -> BodyError {
    match body.first() {
        // Another encoding has no line.
        Some(b'{' | b'[') if error.line() > 0 => BodyError::Json {
            line: error.line(),
            column: error.column(),
        },
        _ => BodyError::NotJson,
    }
}

/// Returns whether a body is text without markup.
pub(super) fn is_plain(body: &[u8]) -> bool {
    !start_of(body).starts_with(b"<")
}

/// Returns whether a body looks like JSON, which Concur speaks too.
pub(super) fn is_json(body: &[u8]) -> bool {
    matches!(start_of(body), [b'{' | b'[', ..])
}

/// Returns what a document with this root is, where another was expected.
pub(crate) fn other_document(root: &str) -> BodyError {
    if root.eq_ignore_ascii_case("html") {
        BodyError::Html
    } else {
        BodyError::OtherDocument
    }
}

/// Returns whether the response's content type is HTML.
pub(super) fn says_html(response: &http::Response<&[u8]>) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        let media = value.split(|byte| *byte == b';').next().unwrap_or(value);
        let media = media.trim_ascii();
        media.eq_ignore_ascii_case(b"text/html")
            || media.eq_ignore_ascii_case(b"application/xhtml+xml")
    })
}

/// Names a body that is no document of Concur's an HTML page, where its content type says so.
pub(super) fn name_html(response: &http::Response<&[u8]>, reason: BodyError) -> BodyError {
    match reason {
        BodyError::Xml(_) | BodyError::NotXml | BodyError::NotJson | BodyError::OtherDocument
            if says_html(response) =>
        {
            BodyError::Html
        }
        other => other,
    }
}

/// Skips a byte order mark and white space.
pub(super) fn start_of(body: &[u8]) -> &[u8] {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start()
}

fn begins_html(text: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        let (start, rest) = text.split_at_checked(word.len())?;
        let whole = matches!(
            rest.first(),
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'/')
        );
        Some(whole && start.eq_ignore_ascii_case(word))
    };
    begins(b"<!doctype html") == Some(true) || begins(b"<html") == Some(true)
}
