//! What failures are called.

use std::error::Error as StdError;
use std::io;

use concur_oauth_core::transport::{Error, Stage};

/// Names what the system or rustls said at this stage: [`Error::Tls`], or that the connection broke
/// or never was.
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

/// The error of an exchange that was sent twice. What was sent once may have arrived, whether or not it
/// could be sent again: where the second try sent nothing, the first one's error counts, or the
/// deadline that passed.
#[must_use]
pub fn second_try(first: Error, second: Error) -> Error {
    match second {
        second if second.may_have_reached_concur() => second,
        Error::Timeout { after, .. } => Error::Timeout {
            stage: Stage::Receive,
            after,
        },
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_try_unsays_nothing_of_the_first() {
        let interrupted = |stage| Error::interrupted(stage, "it broke");
        let first = || interrupted(Stage::Receive);
        let refused = second_try(first(), interrupted(Stage::Connect));
        assert!(matches!(refused, Error::Interrupted { .. }), "{refused:?}");
        let after = Duration::from_secs(60);
        let stage = Stage::Connect;
        let late = second_try(first(), Error::Timeout { stage, after });
        assert!(matches!(late, Error::Timeout { .. }), "{late:?}");
        let broken = second_try(first(), interrupted(Stage::Send));
        for error in [refused, late, broken] {
            assert!(error.may_have_reached_concur(), "{error:?}");
        }
    }
}
