//! How an attempt ends: with a token that is fresh, or with a failure and a pause.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::entry::{Context, Entry, Phase};
use super::time::{draw, later, left, percent, share};
use super::{Event, KeepError, KeptToken, StoreError};

impl Entry {
    /// Returns when to try again, after a pause that doubles with each attempt and of which half is drawn.
    pub(super) fn back_off(
        &mut self,
        first: Duration,
        longest: Duration,
        cx: &Context<'_>,
    ) -> SystemTime {
        let pause = first
            .saturating_mul(1 << self.attempts.min(20))
            .min(longest);
        let drawn = draw(
            cx.seed,
            (self.name.as_str(), self.held_version(), self.attempts),
        );
        self.attempts = self.attempts.saturating_add(1);
        let half = percent(pause, 50);
        later(cx.now, half.saturating_add(share(half, drawn)))
    }

    /// Ends an attempt. All waiting callers get the error, and what is held is handed out while it lives.
    ///
    /// Nothing is sent before `until`. The store is looked at sooner: another process can have been more fortunate.
    pub(super) fn fail(&mut self, failure: KeepError, until: SystemTime, cx: &mut Context<'_>) {
        self.failure = Some(Box::new(failure));
        self.rest = Some(until.min(later(cx.now, cx.policy.lease)));
        self.busy = None;
        self.wanted = false;
        // Until the next round, or the next caller that asks for it.
        self.keep_alive = false;
        self.beyond = None;
        if let Some(kept) = self.held.as_ref().filter(|_| !self.warned) {
            let end = kept.grant().refresh_ends_at();
            if let Some(at) = end.filter(|at| left(*at, cx.now) < cx.policy.warning) {
                self.warned = true;
                let name = self.name.clone();
                cx.events.push(Event::RefreshTokenEnds { name, at });
            }
        }
    }

    /// Ends an attempt with a token that is fresh.
    pub(super) fn settle(&mut self) {
        self.phase = Phase::Idle;
        self.failure = None;
        self.busy = None;
        self.wanted = false;
        self.keep_alive = false;
        self.attempts = 0;
        self.polls = 0;
        let held = self.held_version();
        self.beyond = self.beyond.filter(|beyond| held <= *beyond);
        self.rejected = self.rejected.filter(|rejected| held <= *rejected);
    }

    /// Holds a version in place of the one before.
    pub(super) fn hold(&mut self, kept: Arc<KeptToken>) {
        if let Some(old) = self.held.replace(kept) {
            if self
                .held
                .as_ref()
                .is_some_and(|new| !Arc::ptr_eq(new, &old))
            {
                old.make_stale();
            }
        }
    }

    pub(super) fn drop_held(&mut self) {
        if let Some(old) = self.held.take() {
            old.make_stale();
        }
    }

    pub(super) fn unreadable(&mut self, error: StoreError, cx: &mut Context<'_>) {
        let until = self.back_off(cx.policy.moment(), cx.policy.lease, cx);
        let failure = KeepError::Store {
            name: self.name.clone(),
            until,
            source: Arc::new(error),
        };
        self.fail(failure, until, cx);
    }

    pub(super) fn unknown(&mut self, cx: &mut Context<'_>) {
        self.drop_held();
        self.settle();
        self.dead = false;
        self.beyond = None;
        self.rejected = None;
        let name = self.name.clone();
        let until = later(cx.now, cx.policy.moment());
        self.fail(KeepError::Unknown { name }, until, cx);
    }

    pub(super) fn is_dead(&mut self, cx: &mut Context<'_>) {
        self.dead = true;
        self.keep_alive = false;
        let source = match self.failure.take().map(|failure| *failure) {
            Some(KeepError::NeedsConsent { source, .. }) => source,
            _ => None,
        };
        let name = self.name.clone();
        let until = later(cx.now, cx.policy.moment());
        self.fail(KeepError::NeedsConsent { name, source }, until, cx);
    }
}
