//! What the store has, and what follows: a token that is fresh, another process at work, or a claim.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Claim, Commit, Context, Entry, Nonce, Phase};
use super::gate::{Admission, Candidate};
use super::policy::LEAST_PAUSE;
use super::store::{Claimed, Record, StoreResponse, Written};
use super::time::{draw, later, left, percent};
use super::{Event, Grant, KeptToken, StoreError, Version};

/// More versions than a keeper ever counts.
const LAST: Version = Version::new(1 << 62);

impl Entry {
    /// Takes what the store responds.
    pub(super) fn stored(
        &mut self,
        result: Result<StoreResponse, StoreError>,
        cx: &mut Context<'_>,
    ) {
        self.job = None;
        let is_of_record = |error: &StoreError| error.is_of_record();
        if !result.as_ref().is_err_and(is_of_record) {
            let event = cx.gate.store_responded(result.is_ok(), cx.policy, cx.now);
            cx.events.extend(event);
        }
        let response = match result {
            Ok(response) => response,
            Err(error) => return self.store_failed(error, cx),
        };
        match (std::mem::replace(&mut self.phase, Phase::Idle), response) {
            (Phase::Look, StoreResponse::Loaded(record)) => self.looked(record, cx),
            (Phase::Claim(claim), StoreResponse::Claimed(Claimed::Yes(record))) => {
                self.claimed(claim, &record, cx);
            }
            (Phase::Claim(_), StoreResponse::Claimed(Claimed::No(record))) => {
                self.leave_gate(cx);
                self.looked(record, cx);
            }
            (Phase::Commit(commit), StoreResponse::Written(Written::Yes)) => {
                self.committed(*commit, cx);
            }
            (Phase::Commit(commit), StoreResponse::Written(Written::No(record))) => {
                self.moved(commit, record, cx);
            }
            (Phase::Recheck, StoreResponse::Loaded(record)) => self.rechecked(record, cx),
            (Phase::MarkDead, StoreResponse::Written(Written::Yes)) => {
                let (name, version) = (self.name.clone(), self.held_version());
                cx.events.push(Event::NeedsConsent { name, version });
                self.is_dead(cx);
            }
            (Phase::MarkDead, StoreResponse::Written(Written::No(record))) => {
                self.looked(record, cx);
            }
            (
                Phase::Write(write),
                StoreResponse::Loaded(record) | StoreResponse::Written(Written::No(record)),
            ) => self.place(write, record.as_ref(), cx),
            (Phase::Write(write), StoreResponse::Written(Written::Yes)) => {
                self.written(*write, cx);
            }
            // After a release, whatever became of it. Nothing else comes, but from a driver that mixes jobs up.
            _ => {}
        }
    }

    /// Takes what the store has: what was loaded, or what a claim met.
    pub(super) fn looked(&mut self, record: Option<Record>, cx: &mut Context<'_>) {
        if let Some(held) = self
            .held
            .clone()
            .filter(|held| is_behind(record.as_ref(), held, cx))
        {
            let stored = record.as_ref().map_or(Version::NONE, |it| it.version);
            cx.events.push(Event::StoreWentBack {
                name: self.name.clone(),
                stored,
                held: held.version(),
            });
            let mut commit = Box::new(Commit {
                at: stored,
                new: held,
                rotated: false,
                unsaved: false,
                went_back: true,
            });
            commit.place(stored, cx);
            self.phase = Phase::Commit(commit);
            return;
        }
        let Some(record) = record.filter(|record| record.grant.is_some()) else {
            return self.unknown(cx);
        };
        if let Err(error) = self.adopt(&record, cx) {
            return self.unreadable(error, cx);
        }
        if record.dead {
            return self.is_dead(cx);
        }
        if std::mem::take(&mut self.dead) {
            self.failure = None;
        }
        if self.is_fresh(cx) {
            return self.settle();
        }
        if let Some(lease) = record.lease {
            let ends = later(cx.now, lease.left);
            if lease.is_abandoned && self.busy.is_none() {
                let name = self.name.clone();
                cx.events.push(Event::Abandoned { name, until: ends });
            }
            let pause = Duration::from_millis(50).saturating_mul(1 << self.polls.min(5));
            self.polls = self.polls.saturating_add(1);
            let longest =
                percent(cx.policy.deadline, 10).clamp(LEAST_PAUSE, Duration::from_secs(1));
            let again = later(cx.now, pause.min(longest));
            self.rest = Some(if lease.is_abandoned {
                ends
            } else {
                again.min(ends)
            });
            self.busy = Some(ends);
            return;
        }
        self.begin_claim(cx);
    }

    /// Takes a stored record as what is held. An error is why it cannot be read.
    pub(super) fn adopt(
        &mut self,
        record: &Record,
        cx: &mut Context<'_>,
    ) -> Result<(), StoreError> {
        let Some(grant) = read(record, cx)? else {
            return Err(StoreError::of_record(
                "a record without a grant was claimed",
            ));
        };
        if let Some(kept) = &self.held {
            if kept.version() == record.version && kept.grant().is_same(&grant) {
                return Ok(());
            }
        }
        let (name, version) = (self.name.clone(), record.version);
        let kept = KeptToken::new(name, version, grant, cx.policy, cx.seed);
        self.hold(Arc::new(kept));
        self.warned = false;
        if self.pause_ends_at().is_some() {
            // It was that of another version.
            self.failure = None;
        }
        Ok(())
    }

    /// Returns whether what is held needs no renewal.
    pub(super) fn is_fresh(&self, cx: &Context<'_>) -> bool {
        let Some(kept) = &self.held else {
            return false;
        };
        if !kept.grant().has_token() && (self.wanted || !self.keep_alive) {
            return false;
        }
        if self.beyond.max(self.rejected).is_some() {
            return !self.is_outdated() && kept.is_alive_at(cx.now);
        }
        if self.keep_alive {
            let (received_at, end) = (kept.grant().received_at(), kept.grant().refresh_ends_at());
            let Some(end) = end else {
                return true;
            };
            let age = cx.now.duration_since(received_at);
            let most = percent(cx.policy.keep_alive, 85);
            let half = percent(left(end, received_at), 45);
            return age.is_ok_and(|age| age < most.min(half));
        }
        cx.now < kept.renew_at()
    }

    pub(super) fn begin_claim(&mut self, cx: &mut Context<'_>) {
        let Some(kept) = self.held.clone() else {
            return;
        };
        // What a user does comes first.
        if cx.stopping || !self.commands.is_empty() {
            return;
        }
        if let Some(until) = self.pause_ends_at().filter(|until| cx.now < *until) {
            if let Some(failure) = self.failure.take() {
                return self.fail(*failure, until, cx);
            }
        }
        let has_place = self.admitted.is_some();
        let candidate = Candidate {
            entry: cx.id,
            kept: &kept,
            has_place,
            is_waited_for: self.wanted,
            needs_store: !self.in_memory,
        };
        let admission = cx.gate.admit(&candidate, cx.policy, cx.now);
        match admission {
            Admission::Go => {
                if !has_place {
                    self.admitted = Some(kept);
                }
                // Two draws are as long as the seed, by which no two processes are alike.
                let half = |number: u8| u128::from(draw(cx.seed, (*cx.last_job, number)));
                self.phase = Phase::Claim(Claim {
                    nonce: Nonce::new(half(0) << 64 | half(1)),
                    asked_at: cx.now,
                });
            }
            Admission::Queued => self.queued = true,
            Admission::Later(until, Some(error)) => self.fail(error, until, cx),
            Admission::Later(until, None) => {
                self.rest = Some(until);
                self.busy = Some(until);
            }
            Admission::Never(error) => {
                let until = later(cx.now, cx.policy.moment());
                self.fail(error, until, cx);
            }
        }
    }

    pub(super) fn claimed(&mut self, claim: Claim, record: &Record, cx: &mut Context<'_>) {
        match self.adopt(record, cx) {
            Ok(()) => {
                self.polls = 0;
                self.phase = Phase::Send(claim);
            }
            Err(error) => {
                self.leave_gate(cx);
                self.unreadable(error, cx);
                self.phase = Phase::Release(claim.nonce);
            }
        }
    }

    /// The refresh token was refused for good. Is it still the stored one?
    pub(super) fn rechecked(&mut self, record: Option<Record>, cx: &mut Context<'_>) {
        let held = self.held_version();
        match record {
            Some(record) if record.version == held && record.grant.is_some() => {
                if record.dead {
                    self.is_dead(cx);
                } else {
                    self.phase = Phase::MarkDead;
                }
            }
            record => {
                self.failure = None;
                self.looked(record, cx);
            }
        }
    }
}

/// Reads the grant of a record, whose version must leave room for later ones.
pub(super) fn read(record: &Record, cx: &Context<'_>) -> Result<Option<Grant>, StoreError> {
    if record.version > LAST {
        return Err(StoreError::of_record(
            "the record's version is none of a keeper's",
        ));
    }
    record.read_grant(cx.now)
}

/// Reads the grant of a record, if that can be.
pub(super) fn decode(record: &Record, cx: &Context<'_>) -> Option<Grant> {
    read(record, cx).ok()?
}

/// Returns whether the store has something older than this: an earlier version that does not go back to a later consent. One
/// that cannot be read is left alone.
pub(super) fn is_behind(record: Option<&Record>, held: &KeptToken, cx: &Context<'_>) -> bool {
    let Some(record) = record else {
        return true;
    };
    if record.grant.is_none() {
        return record.version < held.version();
    }
    decode(record, cx).is_some_and(|stored| {
        let (stored, held_lineage) = (stored.lineage(), held.grant().lineage());
        let is_older = record.version < held.version()
            || record.version == held.version() && stored < held_lineage;
        is_older && stored <= held_lineage
    })
}
