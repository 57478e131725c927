//! What was there before.

use std::hash::{DefaultHasher, Hash, Hasher};

/// How many are remembered.
pub(super) const MEMORY: usize = 10_000;

/// Hashes of what was there, eighty kilobytes at most. They are the same for the same text: nothing here is drawn
/// at random.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Vec<u64>);

/// No more can be remembered, and what was is not forgotten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Seen {
    /// With room for all at once, so that it takes no more as it fills.
    pub(super) fn roomy() -> Self {
        Self(Vec::with_capacity(MEMORY))
    }

    /// Whether it was not there before. From now on it was.
    pub(super) fn is_new(&mut self, text: &str) -> Result<bool, Full> {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.0.contains(&hash) {
            return Ok(false);
        }
        if self.0.len() == MEMORY {
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
    fn nothing_is_forgotten() {
        let mut seen = Seen::roomy();
        assert_eq!((seen.is_new("a"), seen.is_new("a")), (Ok(true), Ok(false)));
        let mut numbers = 0..MEMORY - 1;
        assert!(numbers.all(|number| seen.is_new(&number.to_string()) == Ok(true)));
        assert_eq!((seen.is_new("a"), seen.is_new("b")), (Ok(false), Err(Full)));
        assert_eq!(seen.0.capacity(), MEMORY);
    }
}
