//! Error responses: what Concur said when it did not grant a request.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::body::BodyError;
use super::error_document::Document;
use super::error_kind::ErrorKind;
use crate::base_url::BaseUrl;

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
///
/// [`kind`](Self::kind) says what to do next. Branch on it, and not on the status, which Concur chooses loosely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    status: StatusCode,
    kind: ErrorKind,
    document: Box<Document>,
    body_error: Option<BodyError>,
    retry_after: Option<Duration>,
}

impl ErrorResponse {
    pub(super) fn new(
        status: StatusCode,
        kind: ErrorKind,
        document: Result<Document, BodyError>,
        retry_after: Option<Duration>,
    ) -> Self {
        Self {
            status,
            kind,
            body_error: document.as_ref().err().copied(),
            document: Box::new(document.unwrap_or_default()),
            retry_after,
        }
    }

    /// Returns what to do next, as far as Concur's response says.
    ///
    /// In `v0` that is read off the [`code`](Self::code), or else the [`error`](Self::error), or else the status. In
    /// `net2`, which has one status for all refusals and documents no texts, it is read off English words in the
    /// [message](Self::message): a hint for a person or a form, and nothing to decide security by.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the response's status. Concur sends some error documents with `200 OK`.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns Concur's words for people, at most 256 characters: `Message` in `net2`, `error_description` in `v0`.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.document.message.as_deref()
    }

    /// Returns Concur's number of the error, such as 108 for a refresh token that is bad or expired. Only `v0` has one.
    ///
    /// (Concur's page: *Authentication, Response Codes*.)
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.document.code
    }

    /// Returns OAuth's word for the error, such as `invalid_grant`, at most 64 characters. Only `v0` has one.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.document.error.as_deref()
    }

    /// Returns the base URL that an error of `v0` names: where the user lives. It was not held to the trust rules, and is
    /// no destination by itself. It comes with other errors than [`ErrorKind::Elsewhere`] too.
    #[must_use]
    pub fn geolocation(&self) -> Option<&BaseUrl> {
        self.document.geolocation.as_ref()
    }

    /// Returns the ID of the error, which Concur's support asks for, at most 64 characters: `Id` in `net2`, the correlation
    /// ID in `v0`, from the document or the header field `Concur-Correlationid`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.document.id.as_deref()
    }

    /// Returns Concur's `Server-Time`, in the server's own time zone, at most 64 characters. Only `net2` has one.
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

    /// Returns it as the response to a call with a bearer token: where it says nothing else, it is about the token.
    pub(super) fn of_bearer(mut self) -> Self {
        let is_bare = self.code().is_none() && self.error().is_none();
        if is_bare && matches!(self.status.as_u16(), 401 | 403) {
            self.kind = ErrorKind::DeadGrant;
        }
        self
    }

    fn advice(&self) -> &'static str {
        match self.code() {
            Some(21) => {
                return "this user signs in by single sign-on alone: use the Web flow or a one-time password";
            }
            Some(54) => return "ask for fewer scopes, or have the application granted more",
            Some(82) => return "use a one-time password that was mailed before, or wait",
            Some(108) => return "connect the user or the company anew",
            Some(136) => return "have a request token made for this application's client ID",
            Some(139) => return "the user must choose a new password at Concur",
            _ => {}
        }
        if let Some(advice) = self.kind.advice() {
            return advice;
        }
        match self.status.as_u16() {
            400 if self.retry_after.is_some() => {
                "check what was sent; if it is right, send it again a little later"
            }
            _ if self.error().is_some() || self.code().is_some() => "check what was sent",
            200..=299 | 401 | 403 => {
                "check the consumer key and the credentials or the token, and that none is locked, spent, expired or revoked"
            }
            404 => "check what was asked for, the base URL, and any proxy on the way to it",
            _ => "check the base URL and any proxy on the way to it",
        }
    }
}

impl fmt::Display for ErrorResponse {
    /// Writes what Concur said, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.words())?;
        match (self.kind, self.geolocation()) {
            (ErrorKind::Elsewhere, Some(host)) => {
                write!(
                    f,
                    "this user lives at {host}, where the request was not sent: if that host is Concur's, name it yourself"
                )?;
            }
            _ if self.status == StatusCode::TOO_MANY_REQUESTS => f.write_str("slow down")?,
            _ => f.write_str(self.advice())?,
        }
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
            (None, None) => f.write_str(response.error().unwrap_or("no reason given"))?,
        }
        write!(f, " (status {}", response.status)?;
        if let (Some(error), Some(_)) = (response.error(), response.message()) {
            write!(f, ", {error}")?;
        }
        if let Some(code) = response.code() {
            write!(f, ", code {code}")?;
        }
        if let Some(id) = response.id() {
            write!(f, ", id {id}")?;
        }
        if let Some(time) = response.server_time() {
            write!(f, ", server time {time}")?;
        }
        f.write_str(")")
    }
}
