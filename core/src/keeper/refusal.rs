//! What a failed renewal is about.

use crate::error::Error;
use crate::response::{ErrorKind, ErrorResponse, ResponseError};

/// What a failed renewal is about, and so what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This refresh token is refused for good.
    Dead,
    /// This user or company must do something first.
    Held,
    /// The application is refused, and with it each of its grants.
    Application,
    /// Concur refused it for a reason that says nothing of the above.
    Unclear,
    /// Concur did not have the request.
    NotSent,
    /// Concur may have done it.
    Unknown,
}

impl Refusal {
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::Response(ResponseError::Refused(response)) => Self::of_response(response),
            error if error.may_have_reached_concur() => Self::Unknown,
            _ => Self::NotSent,
        }
    }

    /// Returns what a failure means for a token of the application itself. It has no refresh token to lose, so its request can be
    /// repeated.
    pub(super) fn of_application(self) -> Self {
        match self {
            Self::Dead => Self::Held,
            Self::Unknown => Self::NotSent,
            other => other,
        }
    }

    /// (Concur's page: *Authentication, Response Codes*.)
    fn of_response(response: &ErrorResponse) -> Self {
        let word = response.error();
        match response.code() {
            Some(108) => Self::Dead,
            Some(10..=14 | 16 | 20 | 53 | 123 | 139) => Self::Held,
            Some(59 | 60 | 61 | 64 | 105 | 107 | 115 | 135) => Self::Application,
            None if word == Some("invalid_grant") => Self::Dead,
            None if matches!(word, Some("invalid_client" | "unauthorized_client")) => {
                Self::Application
            }
            // `net2` has one status for all refusals, and words that are a hint alone: no grant is marked dead by them.
            None if word.is_none() => match response.kind() {
                ErrorKind::WrongApplication => Self::Application,
                ErrorKind::DeadGrant => Self::Held,
                _ => Self::Unclear,
            },
            _ => Self::Unclear,
        }
    }
}
