//! IDs that a round has seen, and pages that a list has.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How many IDs are remembered.
pub(super) const CAPACITY: usize = 10_000;

/// The hashes of IDs that were seen, eighty kilobytes at most. The same text has the same hash in every process,
/// because this crate draws no randomness.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenIds(Vec<u64>);

/// No more IDs can be remembered, and those that were seen are not forgotten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl SeenIds {
    /// Creates a set with room for all IDs at once, so that it takes no more memory as it fills.
    pub(super) fn with_full_capacity() -> Self {
        Self(Vec::with_capacity(CAPACITY))
    }

    /// Inserts `id`. Returns `false` if it was already present.
    pub(super) fn insert(&mut self, id: &str) -> Result<bool, Full> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        if self.0.contains(&hash) {
            return Ok(false);
        }
        if self.0.len() == CAPACITY {
            return Err(Full);
        }
        self.0.push(hash);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_is_full_and_forgets_nothing() {
        let mut seen = SeenIds::with_full_capacity();
        assert_eq!((seen.insert("a"), seen.insert("a")), (Ok(true), Ok(false)));
        let mut numbers = 0..CAPACITY - 1;
        assert!(numbers.all(|number| seen.insert(&number.to_string()) == Ok(true)));
        assert_eq!((seen.insert("a"), seen.insert("b")), (Ok(false), Err(Full)));
        assert_eq!(seen.0.capacity(), CAPACITY);
    }
}
