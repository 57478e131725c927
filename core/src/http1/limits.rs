//! How much of a response is read.

/// The largest response body that is read, in bytes: 64 KiB. Concur's longest, a page of ten connection
/// requests, has about eight.
pub const MAX_BODY: usize = 65_536;

/// The most header fields that are read.
pub(super) const MAX_HEADERS: usize = 64;

/// How much of a response is read. The defaults are generous. They can be lowered, not raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    body: usize,
    head: usize,
    headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: MAX_BODY,
            head: 16_384,
            headers: MAX_HEADERS,
        }
    }
}

impl Limits {
    /// Sets the largest body, in bytes: 64 KiB by default and at most.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        let body = bytes.min(self.body);
        Self { body, ..self }
    }

    /// Sets the largest head, in bytes, including 1xx responses before it: 16 KiB by default and at most.
    #[must_use]
    pub fn with_max_head(self, bytes: usize) -> Self {
        let head = bytes.min(self.head);
        Self { head, ..self }
    }

    /// Sets the most header fields, including those of 1xx responses before the head: 64 by default and at
    /// most.
    #[must_use]
    pub fn with_max_headers(self, fields: usize) -> Self {
        let headers = fields.min(self.headers);
        Self { headers, ..self }
    }

    /// Returns the largest body, in bytes.
    #[must_use]
    pub const fn max_body(&self) -> usize {
        self.body
    }

    /// Returns the largest head, in bytes.
    #[must_use]
    pub const fn max_head(&self) -> usize {
        self.head
    }

    /// Returns the most header fields.
    #[must_use]
    pub const fn max_headers(&self) -> usize {
        self.headers
    }
}
