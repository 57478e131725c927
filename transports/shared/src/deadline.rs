//! The deadline of a whole exchange.

use std::time::{Duration, Instant};

use concur_oauth_core::{Error, Stage};

/// The deadline of a whole exchange.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Instant,
    after: Duration,
}

impl Deadline {
    /// Creates a deadline this long from now. The builder keeps it within what an [`Instant`] can hold.
    #[must_use]
    pub fn after(after: Duration) -> Self {
        let at = Instant::now() + after;
        Self { at, after }
    }

    /// Returns when it passes.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Returns how much time is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Returns the error of a deadline that passed at this stage.
    #[must_use]
    pub fn timeout(&self, stage: Stage) -> Error {
        let after = self.after;
        Error::Timeout { stage, after }
    }
}
