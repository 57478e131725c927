//! Sums and differences of times that cannot overflow, and jitter.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

/// Returns the time `after` later, or the same where no time is so late.
pub(super) fn later(at: SystemTime, after: Duration) -> SystemTime {
    at.checked_add(after).unwrap_or(at)
}

/// Returns the time `before` earlier, or the same where no time is so early.
pub(super) fn earlier(at: SystemTime, before: Duration) -> SystemTime {
    at.checked_sub(before).unwrap_or(at)
}

/// Returns how long it is from `now` until `at`: zero where that has passed.
pub(super) fn left(at: SystemTime, now: SystemTime) -> Duration {
    at.duration_since(now).unwrap_or_default()
}

/// Returns this many percent of a duration.
pub(super) fn percent(whole: Duration, percent: u32) -> Duration {
    let part = whole.as_millis().saturating_mul(u128::from(percent)) / 100;
    Duration::from_millis(u64::try_from(part).unwrap_or(u64::MAX))
}

/// A number that looks random, and is the same for the same seed and the same value.
pub(super) fn draw(seed: u128, of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, of).hash(&mut hasher);
    hasher.finish()
}

/// Returns a duration from zero to `most`, at the place in it that the number `drawn` stands for.
pub(super) fn share(most: Duration, drawn: u64) -> Duration {
    let part = most.as_millis().saturating_mul(u128::from(drawn % 1024)) / 1023;
    Duration::from_millis(u64::try_from(part).unwrap_or(u64::MAX))
}
