//! Sorting a response: success, an error of Concur's, or something else.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::body::{self, BodyError, name_html, readable};
use super::error_response::{
    self, DEFAULT_RETRY_AFTER, Document, ErrorResponse, MAX_RETRY_AFTER, SHORT_RETRY_AFTER,
};
use crate::wire::xml::{self, Part};

/// The response is not what was asked for.
///
/// In every variant the request reached a server. None holds the response's text, except for
/// Concur's own words in an [`ErrorResponse`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Concur refused the request. Correct the request, the credentials or the account before sending it
    /// again.
    #[error("refused by Concur: {0}")]
    Refused(ErrorResponse),
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
            Self::Redirected { .. } | Self::Unreadable { .. } => None,
        }
    }
}

/// Reads the body of a response that claims success, and turns every other response into its error.
pub(crate) fn read_success<T>(
    response: &http::Response<&[u8]>,
    read: impl FnOnce(&[u8]) -> Result<T, BodyError>,
) -> Result<T, ResponseError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(ResponseError::Redirected { status });
    }
    if !status.is_success() {
        let document = readable(response).and_then(error_response::read);
        let document = document.map_err(|reason| name_html(response, reason));
        return Err(refused(response, document));
    }
    let reason = match readable(response).and_then(read) {
        Ok(value) => return Ok(value),
        Err(reason) => reason,
    };
    // Concur sends its error document with a success status too.
    if reason == BodyError::OtherDocument {
        if let Ok(document) = error_response::read(response.body()) {
            return Err(refused(response, Ok(document)));
        }
    }
    let reason = name_html(response, reason);
    Err(ResponseError::Unreadable { status, reason })
}

/// Reads a response that has nothing to return: Concur documents no body for it. A web page, a broken
/// document, or an error in JSON is an error.
pub(crate) fn read_done(response: &http::Response<&[u8]>) -> Result<(), ResponseError> {
    let done = read_success(response, |body| {
        let mut done = Ok(());
        xml::read_fields(body, |part| {
            if let Part::Root(name) = part {
                if ["Error", "html"]
                    .iter()
                    .any(|no| name.eq_ignore_ascii_case(no))
                {
                    done = Err(body::other_document(name));
                }
            }
        })?;
        match done {
            Ok(()) if body::says_html(response) => Err(BodyError::Html),
            done => done,
        }
    });
    match done {
        Err(ResponseError::Unreadable {
            reason: BodyError::Empty,
            ..
        }) => Ok(()),
        // A server may declare its plain words as HTML.
        Err(ResponseError::Unreadable {
            reason: BodyError::NotXml | BodyError::Html,
            ..
        }) if body::is_plain(response.body()) => Ok(()),
        done => done,
    }
}

fn refused(
    response: &http::Response<&[u8]>,
    document: Result<Document, BodyError>,
) -> ResponseError {
    let status = response.status();
    let unavailable = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    let retry_after = if unavailable {
        Some(stated_retry_after(response).unwrap_or(DEFAULT_RETRY_AFTER))
    } else if status == StatusCode::BAD_REQUEST {
        Some(SHORT_RETRY_AFTER)
    } else {
        None
    };
    let response = ErrorResponse::new(status, document, retry_after);
    if unavailable {
        ResponseError::Unavailable(response)
    } else {
        ResponseError::Refused(response)
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
