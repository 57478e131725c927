//! The clock of a server.

use std::time::{Duration, SystemTime};

/// How far a server's clock is from this machine's.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    ahead: Duration,
    behind: Duration,
}

impl Clock {
    /// A clock that shows this moment now.
    pub(super) fn at(moment: SystemTime) -> Self {
        let now = SystemTime::now();
        Self {
            ahead: moment.duration_since(now).unwrap_or_default(),
            behind: now.duration_since(moment).unwrap_or_default(),
        }
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    pub(super) fn set_back(&mut self, by: Duration) {
        self.behind = self.behind.saturating_add(by);
    }

    pub(super) fn now(self) -> SystemTime {
        let now = SystemTime::now();
        let ahead = now.checked_add(self.ahead).unwrap_or(now);
        ahead.checked_sub(self.behind).unwrap_or(ahead)
    }
}
