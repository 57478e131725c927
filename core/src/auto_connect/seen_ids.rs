//! IDs that a round has seen, and pages that a list has.

use std::collections::BTreeSet;
use std::fmt;

/// How many IDs are remembered.
pub(super) const CAPACITY: usize = 10_000;

/// How much the IDs may have together, in bytes. Concur's have a few dozen each.
const MAX_BYTES: usize = 1 << 20;

/// The IDs that were seen. Not their hashes: where a peer can choose IDs, it can make two with one hash.
#[derive(Clone, Default)]
pub(super) struct SeenIds {
    ids: BTreeSet<Box<str>>,
    bytes: usize,
}

/// No more IDs can be remembered, and those that were seen are not forgotten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl SeenIds {
    /// Inserts `id`. Returns `false` if it was already present.
    pub(super) fn insert(&mut self, id: &str) -> Result<bool, Full> {
        if self.ids.contains(id) {
            return Ok(false);
        }
        let bytes = self.bytes.saturating_add(id.len());
        if self.ids.len() == CAPACITY || bytes > MAX_BYTES {
            return Err(Full);
        }
        self.bytes = bytes;
        Ok(self.ids.insert(id.into()))
    }
}

impl fmt::Debug for SeenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeenIds({})", self.ids.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_is_full_and_forgets_nothing() {
        let mut seen = SeenIds::default();
        assert_eq!((seen.insert("a"), seen.insert("a")), (Ok(true), Ok(false)));
        let mut numbers = 0..CAPACITY - 1;
        assert!(numbers.all(|number| seen.insert(&number.to_string()) == Ok(true)));
        assert_eq!((seen.insert("a"), seen.insert("b")), (Ok(false), Err(Full)));
    }

    #[test]
    fn long_ids_fill_it_sooner() {
        let mut seen = SeenIds::default();
        let long = |number: usize| format!("{number:08192}");
        assert!((0..128).all(|number| seen.insert(&long(number)) == Ok(true)));
        assert_eq!(seen.insert(&long(128)), Err(Full));
        assert_eq!(seen.insert(&long(7)), Ok(false));
    }
}
