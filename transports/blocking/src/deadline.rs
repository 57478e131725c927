//! One deadline for a whole exchange.

use std::io;
use std::time::{Duration, Instant};

use concur_oauth_core::transport::{Error, Stage};
use concur_oauth_shared::io_error;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    after: Duration,
}

impl Deadline {
    /// A deadline this long from now. The builder keeps it within what an `Instant` can hold.
    pub(crate) fn after(after: Duration) -> Self {
        let at = Instant::now() + after;
        Self { at, after }
    }

    /// How long is left, never zero.
    pub(crate) fn left(&self) -> io::Result<Duration> {
        match self.at.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }

    pub(crate) fn timeout(&self, stage: Stage) -> Error {
        Error::Timeout {
            stage,
            after: self.after,
        }
    }

    /// Names a failure at this stage: TLS, the deadline, or a broken connection.
    pub(crate) fn name(&self, stage: Stage, error: io::Error) -> Error {
        let waited = matches!(
            error.kind(),
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
        );
        // The system gives up on a silent peer in its own time too, which can be sooner.
        if waited && self.left().is_err() {
            self.timeout(stage)
        } else {
            io_error(stage, error)
        }
    }
}
