//! One grant in a keeper: what is held of it, and what is under way.

use std::sync::Arc;
use std::time::SystemTime;

use super::event::Events;
use super::gate::Gate;
use super::outcomes::Outcomes;
use super::time::{earlier, later};
use super::{Grant, GrantName, JobId, KeepError, KeptToken, Policy, Reason, Ticket, Version};
use crate::base_url::BaseUrl;

/// One grant in a keeper.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent, and an entry is small"
)]
pub(super) struct Entry {
    pub(super) name: GrantName,
    /// The newest version that this process knows.
    pub(super) held: Option<Arc<KeptToken>>,
    pub(super) phase: Phase,
    /// The job that the phase waits for.
    pub(super) job: Option<JobId>,
    /// Before this, nothing is begun or tried again.
    pub(super) rest: Option<SystemTime>,
    /// Another process is at work until this time at most.
    pub(super) busy: Option<SystemTime>,
    /// Why the last attempt failed.
    pub(super) failure: Option<Box<KeepError>>,
    /// A caller wants a later version than this.
    pub(super) beyond: Option<Version>,
    /// A resource server rejected this version, so it is handed out no more.
    pub(super) rejected: Option<Version>,
    /// A caller waits for a token.
    pub(super) wanted: bool,
    /// It is to be renewed although no caller asks for it.
    pub(super) keep_alive: bool,
    /// It waits for a place in the gate.
    pub(super) queued: bool,
    /// It has a place in the gate.
    pub(super) admitted: Option<Arc<KeptToken>>,
    /// The store has it marked as dead.
    pub(super) dead: bool,
    /// It was said that its refresh token ends.
    pub(super) warned: bool,
    /// It is kept in memory alone: tokens of the application itself.
    pub(super) in_memory: bool,
    /// How often in a row something failed.
    pub(super) attempts: u32,
    /// How often in a row another process was found at work.
    pub(super) polls: u32,
    pub(super) reason: Reason,
    /// What users want done, in this order.
    pub(super) commands: Vec<(Ticket, Command)>,
    /// When the timers have it.
    pub(super) timer: Option<SystemTime>,
    /// It is in the list of what is ready.
    pub(super) is_ready: bool,
}

/// What is under way. With a job, it waits for that. Without one, it is what is to be done next.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    Idle,
    Look,
    Claim(Claim),
    Send(Claim),
    Commit(Box<Commit>),
    Release(Nonce),
    /// The refresh token was refused for good: is it still the stored one?
    Recheck,
    MarkDead,
    Write(Box<Write>),
}

/// Names a claim. As bytes, it takes no more room than it must: there is one in each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nonce([u8; 16]);

impl Nonce {
    pub(super) fn new(number: u128) -> Self {
        Self(number.to_ne_bytes())
    }

    pub(super) fn get(self) -> u128 {
        u128::from_ne_bytes(self.0)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) nonce: Nonce,
    pub(super) asked_at: SystemTime,
}

/// A renewed grant that is being stored.
#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) at: Version,
    pub(super) new: Arc<KeptToken>,
    pub(super) rotated: bool,
    /// The token is handed out although it is not stored.
    pub(super) unsaved: bool,
    /// It was stored before, and the store lost it.
    pub(super) went_back: bool,
}

/// What a user does with a grant.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Put(Box<Grant>),
    Forget,
}

impl Command {
    fn stepped_back(&mut self, step: std::time::Duration) {
        if let Self::Put(grant) = self {
            **grant = grant.stepped_back(step);
        }
    }
}

/// A command that is being carried out.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) ticket: Ticket,
    pub(super) command: Command,
    /// The version in whose place it comes, once that is known.
    pub(super) at: Option<Version>,
    pub(super) was_dead: bool,
    /// The lineage of the grant that was there first.
    pub(super) meant: Option<u64>,
    pub(super) unsaved: bool,
    /// The version of what it takes the place of in memory, which what is put comes after.
    pub(super) floor: Version,
}

impl Write {
    /// Returns the version that is written after this one.
    pub(super) fn version(&self, at: Version, held: Version) -> Version {
        at.max(held).max(self.floor).next()
    }
}

/// What an entry needs of its keeper.
pub(super) struct Context<'a> {
    pub(super) id: usize,
    pub(super) now: SystemTime,
    pub(super) policy: &'a Policy,
    pub(super) seed: u128,
    pub(super) gate: &'a mut Gate,
    pub(super) events: &'a mut Events,
    pub(super) outcomes: &'a mut Outcomes,
    pub(super) last_job: &'a mut u64,
    /// Where a place in the gate was given back, for which others wait.
    pub(super) next: &'a mut Vec<BaseUrl>,
    /// Nothing more is begun.
    pub(super) stopping: bool,
}

/// What a caller gets.
#[derive(Debug)]
pub(super) enum Ready {
    Use(Arc<KeptToken>),
    Failed(KeepError),
    Wait,
}

impl Entry {
    pub(super) fn new(name: GrantName) -> Self {
        Self {
            name,
            held: None,
            phase: Phase::Idle,
            job: None,
            rest: None,
            busy: None,
            failure: None,
            beyond: None,
            rejected: None,
            wanted: false,
            keep_alive: false,
            queued: false,
            admitted: None,
            dead: false,
            warned: false,
            in_memory: false,
            attempts: 0,
            polls: 0,
            reason: Reason::Expired,
            commands: Vec::new(),
            timer: None,
            is_ready: false,
        }
    }

    pub(super) fn held_version(&self) -> Version {
        self.held
            .as_ref()
            .map_or(Version::NONE, |kept| kept.version())
    }

    /// Returns whether what is to be done next must not wait.
    pub(super) fn is_urgent(&self) -> bool {
        matches!(self.phase, Phase::Release(_) | Phase::Send(_))
    }

    /// Returns whether nothing is under way, nor waits to be.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.phase, Phase::Idle) && self.commands.is_empty()
    }

    pub(super) fn is_resting(&self, now: SystemTime) -> bool {
        self.rest.is_some_and(|until| now < until)
    }

    /// Returns until when nothing is sent for this version, where Concur refused it or failed.
    pub(super) fn pause_ends_at(&self) -> Option<SystemTime> {
        match self.failure.as_deref() {
            Some(KeepError::Refused { until, .. } | KeepError::Failed { until, .. }) => {
                Some(*until)
            }
            _ => None,
        }
    }

    /// Returns whether a later version than the held one is wanted.
    pub(super) fn is_outdated(&self) -> bool {
        let beyond = self.beyond.max(self.rejected);
        beyond.is_some_and(|beyond| self.held_version() <= beyond)
    }

    /// Returns whether the held version was rejected.
    pub(super) fn is_rejected(&self) -> bool {
        let rejected = self.rejected;
        rejected.is_some_and(|rejected| self.held_version() <= rejected)
    }

    /// Returns what a caller gets now that asks for a later version than `after`.
    pub(super) fn ready(&self, after: Option<Version>, now: SystemTime) -> Ready {
        // What is tried again after a failure of the store has failed for now.
        let is_tried_again = matches!(
            self.phase,
            Phase::Idle | Phase::Claim(_) | Phase::Recheck | Phase::MarkDead | Phase::Write(_)
        );
        let rests = is_tried_again && self.busy.is_none() && self.is_resting(now);
        let held = self.held.as_ref();
        let held = held.filter(|kept| kept.grant().has_token() && !self.is_rejected());
        let is_late = |kept: &&Arc<KeptToken>| after.is_none_or(|after| kept.version() > after);
        if let Some(kept) = held.filter(is_late) {
            let renewal_fails = self.failure.is_some();
            let was_just_renewed = rests && !renewal_fails && matches!(self.phase, Phase::Idle);
            if kept.is_usable_at(now) || was_just_renewed || renewal_fails && kept.is_alive_at(now)
            {
                return Ready::Use(Arc::clone(kept));
            }
        }
        match &self.failure {
            Some(failure) if rests => Ready::Failed((**failure).clone()),
            _ => Ready::Wait,
        }
    }

    /// Returns whether there is something to do.
    pub(super) fn wants_renewal(&self, now: SystemTime) -> bool {
        if self.wanted || self.keep_alive && !self.dead {
            return true;
        }
        let Some(kept) = self.held.as_ref().filter(|_| !self.dead) else {
            return false;
        };
        // A token that no caller has asked for in as long as it lived is left to the keep-alive.
        let given_up = later(kept.expires_at(), kept.grant().life());
        kept.was_asked() && now >= kept.renew_at() && now < given_up
    }

    /// Returns when the entry must be looked at again, if nothing else happens.
    pub(super) fn wake_at(&self, now: SystemTime) -> Option<SystemTime> {
        if self.job.is_some() {
            return None;
        }
        if matches!(self.phase, Phase::Idle) && !self.commands.is_empty() {
            return Some(now);
        }
        if self.queued {
            return None;
        }
        if self.is_urgent() {
            return Some(now);
        }
        if !matches!(self.phase, Phase::Idle) || self.wants_renewal(now) {
            return self.rest.or(Some(now));
        }
        if self.held.is_none() {
            return self.rest;
        }
        let kept = self.held.as_ref().filter(|_| !self.dead)?;
        (now < kept.renew_at()).then(|| kept.renew_at())
    }

    /// Returns whether nothing of it is worth keeping: a name that the store did not know.
    pub(super) fn is_over(&self, now: SystemTime) -> bool {
        self.held.is_none()
            && matches!(self.phase, Phase::Idle)
            && self.job.is_none()
            && self.commands.is_empty()
            && !self.wanted
            && !self.keep_alive
            && !self.is_resting(now)
    }

    /// Returns when what is under way ends at the latest.
    pub(super) fn ends_at(&self, policy: &Policy, now: SystemTime) -> SystemTime {
        let deadline = later(now, policy.deadline);
        self.busy.or(self.rest).map_or(deadline, |at| at.max(now))
    }

    /// Moves what is waited for, after a clock that stepped back.
    pub(super) fn stepped_back(&mut self, step: std::time::Duration) {
        let back = |at: &mut SystemTime| *at = earlier(*at, step);
        self.rest.iter_mut().for_each(back);
        self.busy.iter_mut().for_each(back);
        if let Some(failure) = &mut self.failure {
            failure.stepped_back(step);
        }
        if let Some(held) = &mut self.held {
            *held = held.stepped_back(step);
        }
        match &mut self.phase {
            Phase::Commit(commit) => commit.new = commit.new.stepped_back(step),
            Phase::Write(write) => write.command.stepped_back(step),
            _ => {}
        }
        for (_, command) in &mut self.commands {
            command.stepped_back(step);
        }
    }
}
