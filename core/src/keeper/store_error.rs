//! Why a store could not do what was asked of it.

use std::fmt;

use crate::error::{BoxError, Report};

/// A store could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[error("{advice}")]
pub struct StoreError {
    advice: String,
    is_wrong_key: bool,
    is_of_record: bool,
    #[source]
    source: Option<BoxError>,
}

impl StoreError {
    /// Creates an error with a text that says what failed and what to do. It must hold no secret.
    #[must_use]
    pub fn new(advice: impl Into<String>) -> Self {
        Self {
            advice: advice.into(),
            is_wrong_key: false,
            is_of_record: false,
            source: None,
        }
    }

    /// Creates the error of one record, which cannot be read, while the store as a whole can be used.
    #[must_use]
    pub fn of_record(advice: impl Into<String>) -> Self {
        Self {
            is_of_record: true,
            ..Self::new(advice)
        }
    }

    /// Returns whether it is about one record. Then other grants are not held back.
    #[must_use]
    pub fn is_of_record(&self) -> bool {
        self.is_of_record
    }

    /// Creates the error of a grant that was sealed with a key that is not there, or that was tampered with.
    #[must_use]
    pub fn wrong_key(advice: impl Into<String>) -> Self {
        Self {
            is_wrong_key: true,
            ..Self::of_record(advice)
        }
    }

    /// Returns whether a sealed grant could not be opened. Then the keys are wrong, and no retry mends it.
    #[must_use]
    pub fn is_wrong_key(&self) -> bool {
        self.is_wrong_key
    }

    /// Returns the text of the error and of each of its causes in one line, as
    /// [`Error::report`](crate::Error::report) does.
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}
