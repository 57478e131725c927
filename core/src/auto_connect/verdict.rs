//! What an error of a call says of the round.

use http::StatusCode;

use crate::input::Problem;
use crate::transport::Error;
use crate::{ResponseError, Unreadable};

/// What says that Concur did not begin to answer.
const NOT_BEGUN: [StatusCode; 4] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// Whether Concur said that it did not come to a call.
pub(super) fn was_not_begun(error: &Error) -> bool {
    match error {
        Error::Response(ResponseError::Unavailable(refusal)) => {
            NOT_BEGUN.contains(&refusal.status())
        }
        _ => false,
    }
}

/// Whether what befell this call would befall any other.
pub(super) fn is_everybodys(error: &Error) -> bool {
    match error {
        Error::Response(ResponseError::Refused(_))
        | Error::Protocol(_)
        | Error::Interrupted { .. } => false,
        // A fault of Concur's that says nothing of others.
        Error::Response(ResponseError::Unavailable(_)) => was_not_begun(error),
        Error::Response(ResponseError::Unreadable { reason, .. }) => *reason == Unreadable::Html,
        // A value that cannot be sent is this connection request's own.
        Error::Input(error) => error.problem() == Problem::OtherInstance,
        _ => true,
    }
}

/// Whether a call may have done what it asked for, though it failed.
pub(super) fn may_have_been_done(error: &Error) -> bool {
    let refused = matches!(error, Error::Response(ResponseError::Refused(_)));
    error.may_have_reached_concur() && !refused
}

/// Whether it is the administrator who was refused.
pub(super) fn is_administrators(error: &Error) -> bool {
    match error {
        Error::Response(ResponseError::Refused(refusal)) => {
            [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&refusal.status())
        }
        _ => false,
    }
}
