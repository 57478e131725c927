//! What was there lately.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many are remembered.
const MEMORY: usize = 1024;

/// Hashes of what was there lately, in eight kilobytes that are taken at once: a list may be as long as it
/// likes. They are the same for the same text: nothing here is drawn at random.
#[derive(Debug, Clone)]
pub(super) struct Seen(VecDeque<u64>);

impl Default for Seen {
    fn default() -> Self {
        Self(VecDeque::with_capacity(MEMORY))
    }
}

impl Seen {
    /// Whether it was not there lately. Now it was.
    pub(super) fn is_new(&mut self, text: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if self.0.contains(&hash) {
            return false;
        }
        if self.0.len() == MEMORY {
            self.0.pop_front();
        }
        self.0.push_back(hash);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thousand_are_remembered() {
        let mut seen = Seen::default();
        assert!(seen.is_new("a") && !seen.is_new("a"));
        assert!((0..MEMORY - 1).all(|number| seen.is_new(&number.to_string())));
        assert!(!seen.is_new("a"));
        assert!(seen.is_new("b"));
        assert!(seen.is_new("a"), "it was the oldest");
        assert_eq!(seen.0.capacity(), MEMORY);
    }
}
