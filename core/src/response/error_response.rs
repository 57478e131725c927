//! The error document of Concur, and error responses without one.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::body::{self, BodyError};
use crate::wire::display_text;
use crate::wire::xml::{self, Part, Value};

/// How long Concur asks to wait after a 503, and after a response that did not come in time: five
/// minutes.
pub const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How long to wait where Concur says to send a request again "a little later" (a 400 after a deadlock).
pub(crate) const SHORT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The longest wait that a response can ask for: one day.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(86_400);

/// An error response: what Concur said when it did not grant a request.
///
/// Concur's words are kept, because they are for people. Control characters are taken out, and each text is
/// cut to a bounded length. A server that repeats in them what it was sent, a secret included, cannot be kept from
/// doing so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    status: StatusCode,
    document: Document,
    body_error: Option<BodyError>,
    retry_after: Option<Duration>,
}

/// The texts of an error document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Document {
    message: Option<Box<str>>,
    id: Option<Box<str>>,
    server_time: Option<Box<str>>,
}

impl ErrorResponse {
    pub(super) fn new(
        status: StatusCode,
        document: Result<Document, BodyError>,
        retry_after: Option<Duration>,
    ) -> Self {
        Self {
            status,
            body_error: document.as_ref().err().copied(),
            document: document.unwrap_or_default(),
            retry_after,
        }
    }

    /// Returns the response's status. Concur sends some error documents with `200 OK`.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns Concur's `Message`, at most 256 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.document.message.as_deref()
    }

    /// Returns what is refused, as far as Concur's words say: the application, the user's credentials, or a token.
    ///
    /// Concur has one status for all of them, and documents no texts. This looks for English words in the
    /// [message](Self::message): a hint for a person or a form, and nothing to decide security by.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        Refusal::named_by(self.message()?)
    }

    /// Returns Concur's `Id` of the error, which its support asks for, at most 64 characters.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.document.id.as_deref()
    }

    /// Returns Concur's `Server-Time`, in the server's own time zone, at most 64 characters.
    #[must_use]
    pub fn server_time(&self) -> Option<&str> {
        self.document.server_time.as_deref()
    }

    /// Returns why the body could not be read, where it held no error document.
    #[must_use]
    pub fn body_error(&self) -> Option<BodyError> {
        self.body_error
    }

    /// Returns how long to wait before the same request is worth sending again, or `None` where it is not.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words(self)
    }

    fn advice(&self) -> &'static str {
        match self.status.as_u16() {
            400 => "check what was sent; if it is right, send it again a little later",
            429 => "slow down",
            408 | 425 | 500..=599 => "wait before sending it again",
            200..=299 | 401 | 403 => match self.refusal() {
                Some(Refusal::Application) => "check the consumer key and its secret",
                Some(Refusal::Credentials) => {
                    "check login ID and password, and that the user is not locked"
                }
                Some(Refusal::Token) => "check that the token is not spent, expired or revoked",
                None => {
                    "check the consumer key and the credentials or the token, and that none is locked, spent, expired or revoked"
                }
            },
            404 => "check what was asked for, the base URL, and any proxy on the way to it",
            _ => "check the base URL and any proxy on the way to it",
        }
    }
}

impl fmt::Display for ErrorResponse {
    /// Writes what Concur said, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.words(), self.advice())?;
        match self.retry_after {
            Some(wait) if wait > SHORT_RETRY_AFTER => write!(f, " ({} s)", wait.as_secs()),
            _ => Ok(()),
        }
    }
}

/// What an error response says.
pub(super) struct Words<'a>(&'a ErrorResponse);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(response) = self;
        match (response.message(), &response.body_error) {
            (Some(message), _) => f.write_str(message)?,
            (None, Some(error)) => write!(f, "{error}")?,
            (None, None) => f.write_str("no reason given")?,
        }
        write!(f, " (status {}", response.status)?;
        if let Some(id) = response.id() {
            write!(f, ", id {id}")?;
        }
        if let Some(time) = response.server_time() {
            write!(f, ", server time {time}")?;
        }
        f.write_str(")")
    }
}

/// What Concur refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The application: its consumer key or its secret.
    Application,
    /// The user's credentials: login ID and password.
    Credentials,
    /// A token: expired, revoked, spent, or of another kind.
    Token,
}

impl Refusal {
    /// Reads what words name. Those that stand beside others come last.
    fn named_by(message: &str) -> Option<Self> {
        let message = message.to_ascii_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if names(&["consumer key", "consumer secret"]) {
            Some(Self::Application)
        } else if names(&["token"]) {
            Some(Self::Token)
        } else if names(&["credential", "password", "login"]) {
            Some(Self::Credentials)
        } else if names(&["consumer", "client", "application"]) {
            Some(Self::Application)
        } else {
            None
        }
    }
}

/// Reads an error document.
pub(super) fn read(body: &[u8]) -> Result<Document, BodyError> {
    let mut other = None;
    let document = read_as(body, |root| {
        if !root.eq_ignore_ascii_case("Error") {
            other = Some(body::other_document(root));
        }
    })?;
    other.map_or(Ok(document), Err)
}

/// Reads the texts of an error document from a document with any root.
pub(super) fn read_any(body: &[u8]) -> Result<Document, BodyError> {
    read_as(body, |_| {})
}

fn read_as(body: &[u8], mut root: impl FnMut(&str)) -> Result<Document, BodyError> {
    let mut document = Document::default();
    xml::read_fields(body, |part| match part {
        Part::Root(name) => root(name),
        Part::Field(name, Value::Text(text)) => document.set(name, &text),
        Part::Field(_, Value::Elements) => {}
    })?;
    Ok(document)
}

impl Document {
    /// Takes a whole text for the message.
    pub(super) fn with_message(text: &str) -> Self {
        let mut document = Self::default();
        document.set("Message", text);
        document
    }

    pub(super) fn has_message(&self) -> bool {
        self.message.is_some()
    }

    /// Sets a field. Where a field is repeated, the first counts.
    fn set(&mut self, name: &str, text: &str) {
        let (field, limit) = if name.eq_ignore_ascii_case("Message") {
            (&mut self.message, 256)
        } else if name.eq_ignore_ascii_case("Id") {
            (&mut self.id, 64)
        } else if name.eq_ignore_ascii_case("Server-Time") {
            (&mut self.server_time, 64)
        } else {
            return;
        };
        if field.is_none() {
            *field = display_text::clean(text, limit);
        }
    }
}
