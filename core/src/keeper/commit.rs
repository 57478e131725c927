//! A renewed grant that is being stored.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Command, Commit, Context, Entry, Phase};
use super::look::{decode, is_behind};
use super::store::Record;
use super::time::{later, percent};
use super::{Event, KeepError, KeptToken, StoreError, Version};

impl Entry {
    pub(super) fn committed(&mut self, commit: Commit, cx: &mut Context<'_>) {
        let Commit {
            new,
            rotated,
            unsaved,
            went_back,
            ..
        } = commit;
        let (name, version) = (self.name.clone(), new.version());
        if !went_back {
            cx.events.push(Event::Renewed {
                name: name.clone(),
                version,
                reason: self.reason,
                rotated,
                life: new.grant().life(),
            });
            self.warned = false;
        }
        if unsaved {
            let name = name.clone();
            cx.events.push(Event::Saved { name, version });
        }
        self.hold(new);
        self.dead = false;
        self.attempts = 0;
        if went_back && !self.is_fresh(cx) {
            // It is stored again, and goes on from here.
            self.phase = Phase::Look;
        } else {
            self.settle();
            if self
                .held
                .as_ref()
                .is_none_or(|kept| !kept.grant().has_token())
            {
                return;
            }
            // One that expires at once is not renewed over and over.
            let moment = cx.policy.moment();
            let life = self.held.as_ref().map(|kept| kept.grant().life());
            let pause = life.map_or(moment, |life| percent(life, 10).min(moment));
            let least = moment.min(Duration::from_secs(1));
            self.rest = Some(later(cx.now, pause.max(least)));
        }
    }

    /// The store has another version than the one that a renewed grant was to come after.
    pub(super) fn moved(
        &mut self,
        mut commit: Box<Commit>,
        record: Option<Record>,
        cx: &mut Context<'_>,
    ) {
        let stored = record.as_ref().map_or(Version::NONE, |it| it.version);
        if is_behind(record.as_ref(), &commit.new, cx) {
            // It lost what this process knows, and is given what is newest.
            commit.place(stored, cx);
            self.phase = Phase::Commit(commit);
            return;
        }
        let is_own = stored == commit.new.version() && {
            let grant = record.as_ref().and_then(|record| decode(record, cx));
            grant.is_some_and(|grant| grant.is_same(commit.new.grant()))
        };
        if is_own {
            // It was written, and the acknowledgement was lost.
            return self.committed(*commit, cx);
        }
        let (name, version) = (self.name.clone(), stored);
        cx.events.push(Event::Superseded { name, version });
        // What is stored is the truth, whichever process wrote it.
        if commit.unsaved {
            self.drop_held();
        }
        self.looked(record, cx);
    }

    pub(super) fn store_failed(&mut self, error: StoreError, cx: &mut Context<'_>) {
        let longest = cx.policy.moment();
        let again = self.back_off(percent(longest, 5), longest, cx);
        let failure = KeepError::Store {
            name: self.name.clone(),
            until: again,
            source: Arc::new(error),
        };
        let held_version = self.held_version();
        match &mut self.phase {
            Phase::Idle | Phase::Look => {
                self.phase = Phase::Idle;
                self.fail(failure, again, cx);
            }
            // The lease runs out by itself, if it is ours.
            Phase::Release(_) => self.phase = Phase::Idle,
            Phase::Commit(commit) => {
                if !std::mem::replace(&mut commit.unsaved, true) && !commit.went_back {
                    let (name, version) = (self.name.clone(), commit.new.version());
                    cx.events.push(Event::Unsaved { name, version });
                }
                let new = Arc::clone(&commit.new);
                self.hold(new);
                self.failure = None;
                self.rest = Some(again);
            }
            Phase::Write(write) => {
                let held = held_version;
                let is_first = !std::mem::replace(&mut write.unsaved, true);
                if let Command::Put(grant) = &write.command {
                    let grant = grant.clone();
                    if is_first {
                        let version = write.version(Version::NONE, held);
                        let name = self.name.clone();
                        let kept = KeptToken::new(name, version, *grant, cx.policy, cx.seed);
                        self.hold(Arc::new(kept));
                        let name = self.name.clone();
                        cx.events.push(Event::Unsaved { name, version });
                    }
                }
                self.failure = Some(Box::new(failure));
                self.rest = Some(again);
            }
            Phase::Claim(_) | Phase::Send(_) | Phase::Recheck | Phase::MarkDead => {
                self.failure = Some(Box::new(failure));
                self.rest = Some(again);
            }
        }
    }
}

impl Commit {
    /// Has it come after this version.
    pub(super) fn place(&mut self, at: Version, cx: &Context<'_>) {
        self.at = at;
        if self.new.version() <= at {
            let (name, grant) = (self.new.name().clone(), self.new.grant().clone());
            let kept = KeptToken::new(name, at.next(), grant, cx.policy, cx.seed);
            self.new = Arc::new(kept);
        }
    }
}
