//! The version of a grant.

use std::fmt;

/// The version of a grant: a number that grows with each renewal, with each grant that is put in its place, and where it
/// is forgotten.
///
/// Claims, releases and marks do not move it. It names a token in events and logs, where the token itself must not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub(super) u64);

impl Version {
    /// The version of a grant that the store has never had.
    pub const NONE: Self = Self(0);

    /// Creates a version from a number that was stored.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number, for a store.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {}", self.0)
    }
}
