//! Idle grants: looked through once a day, and renewed before their refresh tokens age out.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::machine::{PAGE, Page, Target};
use super::time::{draw, later, share};
use super::{GrantName, Keeper, StoreError};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

impl Keeper {
    /// Begins to renew idle grants before their refresh tokens age out. [`poll`](Self::poll) does so by itself an hour or
    /// two after its first call, and then once a day.
    pub fn keep_alive(&mut self, now: SystemTime) {
        self.observe(now);
        if self.list.is_none() && !self.jobs.values().any(|it| matches!(it, Target::List)) {
            self.list = Some(Page { after: None });
        }
    }

    /// Returns whether something is still to be done of what [`keep_alive`](Self::keep_alive) began.
    #[must_use]
    pub fn is_keeping_alive(&self) -> bool {
        let lists = self.jobs.values().any(|it| matches!(it, Target::List));
        let mut entries = self.entries.iter().flatten();
        lists || self.list.is_some() || entries.any(|entry| entry.keep_alive)
    }

    /// Takes why the store could not say what is due, where it could not.
    pub fn take_list_failure(&mut self) -> Option<Arc<StoreError>> {
        self.list_failure.take()
    }

    /// Begins to look through the idle grants, an hour or two after the first poll and then once a day.
    pub(super) fn next_listing(&mut self, now: SystemTime) -> Option<SystemTime> {
        if self.stopping {
            return None;
        }
        let drawn = share(HOUR, draw(self.seed, 3));
        let first = later(now, HOUR.saturating_add(drawn));
        let at = *self.next_listing.get_or_insert(first);
        if now >= at {
            self.next_listing = Some(later(now, DAY));
            self.keep_alive(now);
        }
        self.next_listing
    }

    pub(super) fn listed(&mut self, mut page: Vec<GrantName>, now: SystemTime) {
        if page.len() >= PAGE && !self.stopping {
            let after = page.last().cloned();
            self.list = Some(Page { after });
        }
        // Each process takes them in an order of its own.
        page.sort_by_key(|name| draw(self.seed, name.as_str()));
        for name in page {
            let id = self.id_of(&name);
            self.with(id, now, |entry, _| entry.keep_alive = !entry.in_memory);
        }
    }
}
