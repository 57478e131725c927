//! The error document, and error answers without one.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::response::{self, ResponseError, Unreadable};
use crate::words;
use crate::xml::{self, Part, Value};

/// How long Concur asks to wait after a 503, and after an answer that did not come in time.
pub const CONCURS_PAUSE: Duration = Duration::from_secs(300);

/// How long to wait after what Concur says to send again "a little later" (a 400 after a deadlock).
pub(crate) const SHORT_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause taken from an answer: no server can put a caller off for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// What Concur said when it did not grant a request.
///
/// Its words are kept, because they are for people: control characters are taken out, and each is
/// cut to a bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    message: Option<Box<str>>,
    id: Option<Box<str>>,
    server_time: Option<Box<str>>,
    unreadable: Option<Unreadable>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// The answer's status. Concur sends some refusals with `200 OK`.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Concur's `Message`, at most 256 characters.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Concur's `Id` of the error, which its support asks for; at most 64 characters.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Concur's `Server-Time`, in the server's own time zone; at most 64 characters.
    #[must_use]
    pub fn server_time(&self) -> Option<&str> {
        self.server_time.as_deref()
    }

    /// Why the answer's body could not be read, where it held no error document.
    #[must_use]
    pub fn unreadable(&self) -> Option<Unreadable> {
        self.unreadable
    }

    /// How long to wait before the same request is worth sending again; `None` where it is not.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    fn advice(&self) -> &'static str {
        match self.status.as_u16() {
            400 => "check what was sent; if it is right, send it again a little later",
            429 => "slow down",
            408 | 425 | 500..=599 => "wait before sending it again",
            200..=299 | 401 | 403 => {
                "check the consumer key and the credentials or the token, and that none is locked, spent, expired or revoked"
            }
            404 => "check what was asked for, the instance URL, and any proxy on the way to it",
            _ => "check the instance URL and any proxy on the way to it",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, &self.unreadable) {
            (Some(message), _) => write!(f, "{message} (status {}", self.status)?,
            (None, Some(unreadable)) => write!(f, "{unreadable} (status {}", self.status)?,
            (None, None) => write!(f, "no reason given (status {}", self.status)?,
        }
        if let Some(id) = &self.id {
            write!(f, ", id {id}")?;
        }
        if let Some(time) = &self.server_time {
            write!(f, ", server time {time}")?;
        }
        write!(f, "): {}", self.advice())?;
        match self.retry_after {
            Some(pause) if pause > SHORT_PAUSE => write!(f, " ({} s)", pause.as_secs()),
            _ => Ok(()),
        }
    }
}

/// Reads an answer that is not a success.
pub(crate) fn read(response: &http::Response<&[u8]>) -> ResponseError {
    let document = response::readable(response)
        .and_then(read_document)
        .map_err(|reason| response::name_html(response, reason));
    refuse(response, document)
}

/// Reads an answer that claims success and holds an error document; `None` where it holds none.
pub(crate) fn read_in_success(response: &http::Response<&[u8]>) -> Option<ResponseError> {
    let words = read_document(response.body()).ok()?;
    Some(refuse(response, Ok(words)))
}

fn refuse(response: &http::Response<&[u8]>, document: Result<Words, Unreadable>) -> ResponseError {
    let status = response.status();
    let unavailable = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    let retry_after = if unavailable {
        Some(stated_pause(response).unwrap_or(CONCURS_PAUSE))
    } else if status == StatusCode::BAD_REQUEST {
        Some(SHORT_PAUSE)
    } else {
        None
    };
    let unreadable = document.as_ref().err().copied();
    let words = document.unwrap_or_default();
    let refusal = Refusal {
        status,
        message: words.message,
        id: words.id,
        server_time: words.server_time,
        unreadable,
        retry_after,
    };
    if unavailable {
        ResponseError::Unavailable(refusal)
    } else {
        ResponseError::Refused(refusal)
    }
}

#[derive(Default)]
struct Words {
    message: Option<Box<str>>,
    id: Option<Box<str>>,
    server_time: Option<Box<str>>,
}

fn read_document(body: &[u8]) -> Result<Words, Unreadable> {
    let mut words = Words::default();
    let mut other = None;
    xml::read_fields(body, |part| match part {
        Part::Root(name) if name.eq_ignore_ascii_case("Error") => {}
        Part::Root(name) => other = Some(response::other_document(name)),
        Part::Field(name, Value::Text(text)) => words.note(name, &text),
        Part::Field(_, Value::Elements) => {}
    })?;
    other.map_or(Ok(words), Err)
}

impl Words {
    /// The first of each counts.
    fn note(&mut self, name: &str, text: &str) {
        let (slot, limit) = if name.eq_ignore_ascii_case("Message") {
            (&mut self.message, 256)
        } else if name.eq_ignore_ascii_case("Id") {
            (&mut self.id, 64)
        } else if name.eq_ignore_ascii_case("Server-Time") {
            (&mut self.server_time, 64)
        } else {
            return;
        };
        if slot.is_none() {
            *slot = words::clean(text, limit);
        }
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3). Its other form is a date, and there is no
/// clock here to hold it against.
fn stated_pause(response: &http::Response<&[u8]>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let pause = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "<Error><Message>Invalid consumer key</Message>\
        <Server-Time>2015-03-26T17:45:54</Server-Time>\
        <Id>56054F41-53DC-404C-837D-258538F277F1</Id></Error>";

    fn answer(status: u16, body: &str) -> ResponseError {
        let response = http::Response::builder()
            .status(status)
            .body(body.as_bytes());
        crate::response::read_success(&response.unwrap(), |_| {
            Err::<(), _>(Unreadable::OtherDocument)
        })
        .unwrap_err()
    }

    fn refused(status: u16, body: &str) -> Refusal {
        match answer(status, body) {
            ResponseError::Refused(refusal) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_documented_error_with_any_status() {
        for status in [200, 400, 401, 403] {
            let refusal = refused(status, SAMPLE);
            assert_eq!(refusal.message(), Some("Invalid consumer key"));
            assert_eq!(refusal.id(), Some("56054F41-53DC-404C-837D-258538F277F1"));
            assert_eq!(refusal.server_time(), Some("2015-03-26T17:45:54"));
            assert_eq!(refusal.status(), status);
        }
        assert_eq!(
            answer(403, SAMPLE).to_string(),
            "refused by Concur: Invalid consumer key (status 403 Forbidden, id \
             56054F41-53DC-404C-837D-258538F277F1, server time 2015-03-26T17:45:54): check the \
             consumer key and the credentials or the token, and that none is locked, spent, expired or \
             revoked"
        );
    }

    #[test]
    fn an_error_without_its_document_still_says_what_came() {
        let refusal = refused(403, "");
        assert_eq!(refusal.unreadable(), Some(Unreadable::Empty));
        let hidden = refused(403, "<!-- x --><html/>");
        assert_eq!(hidden.unreadable(), Some(Unreadable::Html));
        assert_eq!(refused(404, "<html>").unreadable(), Some(Unreadable::Html));
        assert_eq!(refused(403, "<Error/>").message(), None);
        let ResponseError::Unavailable(refusal) = answer(503, "<!DOCTYPE html>") else {
            panic!("503 is not a refusal");
        };
        assert_eq!(refusal.unreadable(), Some(Unreadable::Html));
        assert_eq!(
            refusal.to_string(),
            "an HTML page (status 503 Service Unavailable): wait before sending it again (300 s)"
        );
    }

    #[test]
    fn pauses() {
        assert_eq!(answer(503, "").retry_after(), Some(CONCURS_PAUSE));
        assert_eq!(answer(429, "").retry_after(), Some(CONCURS_PAUSE));
        assert_eq!(answer(408, "").retry_after(), Some(CONCURS_PAUSE));
        assert_eq!(answer(400, "").retry_after(), Some(SHORT_PAUSE));
        assert_eq!(answer(413, "").retry_after(), None);
        assert_eq!(answer(403, "").retry_after(), None);
        for (value, expected) in [
            ("7", 7),
            (" 7 ", 7),
            ("-7", 300),
            ("99999999999", 86_400),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 300),
        ] {
            let response = http::Response::builder()
                .status(503)
                .header("retry-after", value)
                .body(&b""[..])
                .unwrap();
            assert_eq!(
                read(&response).retry_after(),
                Some(Duration::from_secs(expected)),
                "{value}"
            );
        }
    }

    #[test]
    fn words_are_cut() {
        let long = SAMPLE.replace("Invalid", &"Invalid".repeat(100));
        assert_eq!(refused(403, &long).message().unwrap().len(), 256);
    }

    #[test]
    fn the_first_of_repeated_words_counts_and_nested_ones_do_not() {
        let body = "<Error><Message><b>x</b></Message><Message>one</Message>\
                    <Message>two</Message></Error>";
        assert_eq!(refused(403, body).message(), Some("one"));
    }
}
