//! The names of failures.

use std::error::Error as StdError;
use std::io;

use concur_oauth_core::{Error, Stage};

/// Names what the system or rustls said at this stage: [`Error::Tls`], or a connection that broke or was never
/// made.
#[must_use]
pub fn io_error(stage: Stage, error: io::Error) -> Error {
    let cause = error.get_ref();
    if cause.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>) {
        let source = error.into();
        Error::Tls { stage, source }
    } else {
        Error::interrupted(stage, error)
    }
}

/// The error of a server that had closed an idle connection, and says so by a 408.
#[must_use]
pub fn idle_timeout() -> Error {
    Error::interrupted(Stage::Receive, "the server had closed the idle connection")
}

/// Why an exchange over one connection failed.
#[derive(Debug)]
pub enum Failure {
    /// The connection broke before one byte of a response came. A resendable exchange over a reused connection is
    /// sent once more.
    BeforeResponse(Error),
    /// Any other failure.
    Final(Error),
}

impl Failure {
    /// Classifies an error of an exchange, of whose response a byte had come or not.
    #[must_use]
    pub fn new(error: Error, has_received: bool) -> Self {
        match error {
            // A server that closes a reused connection may say so by a TLS alert.
            Error::Interrupted { .. } | Error::Tls { .. } if !has_received => {
                Self::BeforeResponse(error)
            }
            error => Self::Final(error),
        }
    }

    /// Returns the error.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::BeforeResponse(error) | Self::Final(error) => error,
        }
    }

    /// Returns the error of an exchange that was sent a second time, after this error of the first. What was sent
    /// first may have arrived, whether or not it could be sent again. So where the second attempt sent nothing, the
    /// first error counts, or the deadline that passed.
    #[must_use]
    pub fn after(self, first: Error) -> Error {
        match self.into_error() {
            second if second.may_have_reached_concur() => second,
            Error::Timeout { after, .. } => Error::Timeout {
                stage: Stage::Receive,
                after,
            },
            _ => first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn second_attempt_keeps_that_the_first_may_have_arrived() {
        let interrupted = |stage| Error::interrupted(stage, "it broke");
        let second = |error| Failure::Final(error).after(interrupted(Stage::Receive));
        let refused = second(interrupted(Stage::Connect));
        assert!(matches!(refused, Error::Interrupted { .. }), "{refused:?}");
        let after = Duration::from_secs(60);
        let stage = Stage::Connect;
        let late = second(Error::Timeout { stage, after });
        assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
        let broken = second(interrupted(Stage::Send));
        for error in [refused, late, broken] {
            assert!(error.may_have_reached_concur(), "{error:?}");
        }
    }
}
