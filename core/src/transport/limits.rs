//! How much of an answer is read, and how long is waited for it.

use std::time::Duration;

use crate::MAX_BODY;

/// The deadline of a whole exchange where the caller sets none: 60 seconds, in which Concur
/// promises an answer.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest deadline that a transport takes: one day. A longer one is cut to it.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

/// How much of an answer is read. The defaults are generous; they can be lowered, not raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    body: usize,
    head: usize,
    head_fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: MAX_BODY,
            head: 16_384,
            head_fields: 64,
        }
    }
}

impl Limits {
    /// The largest body, in bytes: 64 KiB by default, and at most.
    #[must_use]
    pub fn with_body(self, bytes: usize) -> Self {
        let body = bytes.min(self.body);
        Self { body, ..self }
    }

    /// The largest head, in bytes, 1xx answers before it included: 16 KiB by default, and at most.
    #[must_use]
    pub fn with_head(self, bytes: usize) -> Self {
        let head = bytes.min(self.head);
        Self { head, ..self }
    }

    /// The most fields in a head, 1xx answers before it included: 64 by default, and at most.
    #[must_use]
    pub fn with_head_fields(self, fields: usize) -> Self {
        let head_fields = fields.min(self.head_fields);
        Self {
            head_fields,
            ..self
        }
    }

    /// The largest body, in bytes.
    #[must_use]
    pub const fn body(&self) -> usize {
        self.body
    }

    /// The largest head, in bytes.
    #[must_use]
    pub const fn head(&self) -> usize {
        self.head
    }

    /// The most fields in a head.
    #[must_use]
    pub const fn head_fields(&self) -> usize {
        self.head_fields
    }
}
