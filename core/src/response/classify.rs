//! Sorting a response: success, an error of Concur's, or something else.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::body::{self, BodyError, name_html, readable};
use super::error_document::{self, Document};
use super::error_kind::ErrorKind;
use super::error_response::{
    DEFAULT_RETRY_AFTER, ErrorResponse, MAX_RETRY_AFTER, SHORT_RETRY_AFTER,
};
use crate::base_url::BaseUrl;
use crate::wire::Format;
use crate::wire::xml::{self, FieldText, Part};

/// The response is not what was asked for.
///
/// In every variant the request reached a server. None holds the response's text, except for
/// Concur's own words in an [`ErrorResponse`], cleaned and cut.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Concur refused the request. Correct the request, the credentials or the account before sending it
    /// again: [`ErrorResponse::kind`] says which, as far as Concur does.
    #[error("refused by Concur: {0}")]
    Refused(ErrorResponse),
    /// The response has a success status and words that are not known to mean success, to a request that returns nothing.
    /// It may have been done, or not: look at Concur, or ask for it again.
    #[error("not confirmed as done: {}: look at Concur, or send it again", .0.words())]
    Unconfirmed(ErrorResponse),
    /// The response has an error status, and does not look like Concur's: it is a web page, say. A proxy or another server
    /// sent it.
    #[error(
        "{reason} (status {status}), which does not look like Concur: check the base URL and any proxy on the way to it"
    )]
    NotConcur {
        /// The response's status, 400 to 499.
        status: StatusCode,
        /// Why its body is no error document.
        reason: BodyError,
    },
    /// Concur, or a gateway before it, cannot process the request now. Wait, then send it again.
    #[error("Concur is unavailable: {0}")]
    Unavailable(ErrorResponse),
    /// The response is a redirect. It is not followed: credentials go to one place.
    #[error("the response is a redirect ({status}), which is never followed: check the base URL")]
    Redirected {
        /// The response's status, 300 to 399.
        status: StatusCode,
    },
    /// The response claims success, and cannot be read.
    #[error("{reason}, where Concur's document was expected (status {status}): {}", reason.advice())]
    Unreadable {
        /// The response's status.
        status: StatusCode,
        /// Why it cannot be read.
        reason: BodyError,
    },
}

impl ResponseError {
    /// Returns how long to wait before the same request is worth sending again, or `None` where it is not.
    ///
    /// That is five minutes for trouble at Concur's end, as its documentation asks, or what the
    /// response's `Retry-After` says in seconds, a day at most. The other form of `Retry-After` is a date. It is
    /// not read, because this crate reads no clock.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(response) | Self::Unavailable(response) => response.retry_after(),
            Self::Unconfirmed(_)
            | Self::NotConcur { .. }
            | Self::Redirected { .. }
            | Self::Unreadable { .. } => None,
        }
    }

    /// Returns what to do next, where Concur refused or is unavailable: [`ErrorResponse::kind`].
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Refused(response) | Self::Unavailable(response) => Some(response.kind()),
            Self::Unconfirmed(_)
            | Self::NotConcur { .. }
            | Self::Redirected { .. }
            | Self::Unreadable { .. } => None,
        }
    }
}

/// Reads the body of a response that claims success, and turns every other response into its error.
pub(crate) fn read_success<T>(
    response: &http::Response<&[u8]>,
    format: Format,
    read: impl FnOnce(&[u8]) -> Result<T, BodyError>,
) -> Result<T, ResponseError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(ResponseError::Redirected { status });
    }
    if !status.is_success() {
        let document = readable(response, format).and_then(|body| read_error(body, format));
        let document = document.map_err(|reason| name_html(response, reason));
        return Err(refused(response, format, document));
    }
    let body = readable(response, format);
    let reason = match body.and_then(read) {
        Ok(value) => return Ok(value),
        Err(reason) => reason,
    };
    // Concur sends its error document with a success status too.
    if let (BodyError::OtherDocument | BodyError::NotJson, Ok(body)) = (reason, body) {
        let document = read_error(body, format);
        // Words alone, in a JSON document that claims success, are no error.
        let is_error = |document: &Document| format == Format::Xml || document.says_error();
        if let Some(document) = document.ok().filter(is_error) {
            return Err(refused(response, format, Ok(document)));
        }
    }
    let reason = name_html(response, reason);
    Err(ResponseError::Unreadable { status, reason })
}

/// Reads whatever body a success has, but for none and a web page: what it holds is not documented, and must not be lost.
pub(crate) fn read_any_success<T>(
    response: &http::Response<&[u8]>,
    read: impl FnOnce(&[u8]) -> Result<T, BodyError>,
) -> Result<T, ResponseError> {
    match readable(response, Format::Json) {
        // Neither is what it should be, and both have a text.
        Ok(_) | Err(BodyError::NotJson) if response.status().is_success() => read(response.body())
            .map_err(|reason| ResponseError::Unreadable {
                status: response.status(),
                reason,
            }),
        _ => read_success(response, Format::Json, read),
    }
}

/// Turns the error of a call with a bearer token into what it says of the token: a bare 401 or 403 is of a token that is
/// expired or unknown. Concur's APIs differ in which.
pub(crate) fn of_bearer(error: ResponseError) -> ResponseError {
    match error {
        ResponseError::Refused(response) => ResponseError::Refused(response.of_bearer()),
        other => other,
    }
}

/// Reads a response that has nothing to return: Concur documents no body for it. It is done where the body is empty or
/// known to mean success. Everything else is an error, because a token that is believed revoked and is not is worse than
/// one that is revoked twice.
pub(crate) fn read_done(
    response: &http::Response<&[u8]>,
    format: Format,
) -> Result<(), ResponseError> {
    let read = |body: &[u8]| match format {
        Format::Xml => read_status(response, body),
        // No success of `v0` is an object.
        Format::Json => Err(BodyError::OtherDocument),
    };
    let error = match read_success(response, format, read) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    let ResponseError::Unreadable { reason, .. } = error else {
        return Err(error);
    };
    let body = response.body();
    match reason {
        BodyError::Empty => Ok(()),
        // What is JSON has words of its own, or none: the rest of it is not Concur's words.
        _ if body::is_json(body) => {
            let document = error_document::read_json(body::start_of(body));
            Err(unconfirmed(response, document.unwrap_or_default()))
        }
        // A server may declare its plain words as HTML.
        BodyError::NotXml | BodyError::NotJson | BodyError::OtherDocument | BodyError::Html
            if body::is_plain(body) =>
        {
            let words = String::from_utf8_lossy(body);
            if says_success(&words) {
                return Ok(());
            }
            Err(unconfirmed(response, Document::with_message(&words)))
        }
        BodyError::OtherDocument => match error_document::read_any(body) {
            Ok(document) if document.has_message() => Err(unconfirmed(response, document)),
            _ => Err(error),
        },
        _ => Err(error),
    }
}

/// Reads a document of any kind that says success: `<ActionStatus><Status>SUCCESS</Status></ActionStatus>`.
fn read_status(response: &http::Response<&[u8]>, body: &[u8]) -> Result<(), BodyError> {
    let mut is_error = false;
    let mut other = BodyError::OtherDocument;
    let mut status = FieldText::Absent;
    xml::read_fields(body, |part| match part {
        Part::Root(name) => {
            is_error = name.eq_ignore_ascii_case("Error");
            other = body::other_document(name);
        }
        Part::Field(name, value) if name.eq_ignore_ascii_case("Status") => status.add(value),
        Part::Field(..) => {}
    })?;
    if body::says_html(response) || other == BodyError::Html {
        Err(BodyError::Html)
    } else if !is_error && status.text().is_some_and(says_success) {
        Ok(())
    } else {
        Err(other)
    }
}

/// Returns whether a text is one of the words that servers say success with.
fn says_success(text: &str) -> bool {
    let word =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '"' | '.' | '!'));
    ["OK", "Success", "Done", "True", "Deleted"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

fn unconfirmed(response: &http::Response<&[u8]>, document: Document) -> ResponseError {
    let status = response.status();
    ResponseError::Unconfirmed(ErrorResponse::new(
        status,
        ErrorKind::Other,
        Ok(document),
        None,
    ))
}

fn refused(
    response: &http::Response<&[u8]>,
    format: Format,
    mut document: Result<Document, BodyError>,
) -> ResponseError {
    let status = response.status();
    let said = document.as_ref().ok();
    let kind = match format {
        Format::Xml => ErrorKind::of_net2(said.and_then(|said| said.message.as_deref()), status),
        Format::Json => {
            let error = said.and_then(|said| said.error.as_deref());
            ErrorKind::of_v0(said.and_then(|said| said.code), error, status)
        }
    };
    let unavailable = kind == ErrorKind::Unavailable;
    let retry_after = if unavailable {
        Some(stated_retry_after(response).unwrap_or(DEFAULT_RETRY_AFTER))
    } else if status == StatusCode::BAD_REQUEST && format == Format::Xml {
        Some(SHORT_RETRY_AFTER)
    } else {
        None
    };
    if let (Ok(document), Some(id)) = (&mut document, correlation_id(response)) {
        document.set_id(id);
    }
    match document {
        Err(reason) if !unavailable && !may_be_concurs(response, reason) => {
            ResponseError::NotConcur { status, reason }
        }
        document => {
            let response = ErrorResponse::new(status, kind, document, retry_after);
            if unavailable {
                ResponseError::Unavailable(response)
            } else {
                ResponseError::Refused(response)
            }
        }
    }
}

fn read_error(body: &[u8], format: Format) -> Result<Document, BodyError> {
    match format {
        Format::Xml => error_document::read_xml(body),
        Format::Json => error_document::read_json(body),
    }
}

/// Returns the ID that Concur gives each request.
fn correlation_id<'a>(response: &'a http::Response<&[u8]>) -> Option<&'a str> {
    response
        .headers()
        .get("concur-correlationid")?
        .to_str()
        .ok()
}

/// Returns the base URL that a response of `v0` names for a user that lives in another data center.
pub(crate) fn lives_elsewhere(response: &http::Response<&[u8]>) -> Option<BaseUrl> {
    let status = response.status();
    if !status.is_client_error() {
        return None;
    }
    let body = readable(response, Format::Json).ok()?;
    let document = error_document::read_json(body).ok()?;
    let kind = ErrorKind::of_v0(document.code, document.error.as_deref(), status);
    document
        .geolocation
        .filter(|_| kind == ErrorKind::Elsewhere)
}

/// Returns whether a response without an error document may be Concur's: it is neither a web page nor plain words, and
/// no proxy asks for credentials of its own.
fn may_be_concurs(response: &http::Response<&[u8]>, reason: BodyError) -> bool {
    if response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return false;
    }
    match reason {
        // Servers declare an empty body as anything.
        BodyError::Empty => true,
        BodyError::Html | BodyError::NotJson => false,
        BodyError::NotXml => body::is_json(response.body()),
        _ => !body::says_html(response),
    }
}

/// Returns what `Retry-After` says in seconds (RFC 9110 section 10.2.3).
fn stated_retry_after(response: &http::Response<&[u8]>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let retry_after = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(retry_after.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests;
