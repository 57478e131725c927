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
