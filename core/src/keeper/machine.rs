//! The keeper: many grants, and what is to be done for them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::entry::{Context, Entry, Phase};
use super::event::Events;
use super::gate::Gate;
use super::outcomes::Outcomes;
use super::state::state_of;
use super::store::{StoreRequest, StoreResponse};
use super::{
    Event, GrantName, GrantState, JobId, KeepError, Policy, PolicyError, Step, StoreError,
};
use crate::application::Application;
use crate::base_url::BaseUrl;
use crate::error::{Error, Stage};
use crate::step_request::StepResponse;

/// How far a clock may step back before that is taken note of.
const STEP: Duration = Duration::from_secs(1);
/// How many names are listed at a time.
pub(super) const PAGE: usize = 100;

/// Keeps the tokens of many grants fresh, as a state machine without I/O: the [module](super) says how.
#[derive(Clone)]
pub struct Keeper {
    pub(super) policy: Policy,
    pub(super) seed: u128,
    pub(super) entries: Vec<Option<Box<Entry>>>,
    free: Vec<usize>,
    pub(super) names: BTreeMap<GrantName, usize>,
    pub(super) jobs: BTreeMap<JobId, Target>,
    pub(super) ready: VecDeque<usize>,
    timers: BTreeSet<(SystemTime, usize)>,
    pub(super) gate: Gate,
    events: Events,
    pub(super) outcomes: Outcomes,
    pub(super) last_job: u64,
    latest: Option<SystemTime>,
    /// When the idle grants are looked through again.
    pub(super) next_listing: Option<SystemTime>,
    /// The page of what is due that is asked for next.
    pub(super) list: Option<Page>,
    pub(super) list_failure: Option<Arc<StoreError>>,
    pub(super) stopping: bool,
}

/// A page of what is due: the first, or the one after a name.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) after: Option<GrantName>,
}

/// What a job is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Entry(usize),
    List,
}

impl Keeper {
    /// Creates a keeper that holds nothing. The seed must be drawn at random, so that no two processes have the same.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where grants could be lost under this policy.
    pub fn new(policy: Policy, seed: u128) -> Result<Self, PolicyError> {
        policy.check()?;
        Ok(Self {
            policy,
            seed,
            entries: Vec::new(),
            free: Vec::new(),
            names: BTreeMap::new(),
            jobs: BTreeMap::new(),
            ready: VecDeque::new(),
            timers: BTreeSet::new(),
            gate: Gate::default(),
            events: Events::default(),
            outcomes: Outcomes::default(),
            last_job: 0,
            latest: None,
            next_listing: None,
            list: None,
            list_failure: None,
            stopping: false,
        })
    }

    /// Returns the policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Adds an application, whose grants can be renewed from now on, or replaces the one with the same ID: with a new secret,
    /// its grants are tried again at once.
    pub fn set_application(&mut self, application: Application, now: SystemTime) {
        self.observe(now);
        let key = application.key().clone();
        self.gate.set_application(application);
        let is_held_up = |entry: &Entry| match entry.failure.as_deref() {
            Some(
                KeepError::ApplicationRefused { client_id, .. }
                | KeepError::NoApplication { client_id, .. },
            ) => *client_id == key,
            Some(KeepError::Refused { .. } | KeepError::Failed { .. }) => {
                let grant = entry.held.as_ref().map(|kept| kept.grant());
                grant.is_some_and(|it| it.is_of_application() && *it.client_id() == key)
            }
            _ => false,
        };
        for id in 0..self.entries.len() {
            self.with(id, now, |entry, _| {
                if is_held_up(entry) {
                    entry.failure = None;
                    entry.rest = None;
                }
            });
        }
    }

    /// Begins nothing more. What is under way goes on: poll until [`is_busy`](Self::is_busy) says that it is done.
    pub fn stop(&mut self) {
        self.stopping = true;
        self.list = None;
        for entry in self.entries.iter_mut().flatten() {
            entry.keep_alive = false;
        }
    }

    /// Returns whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Returns whether a request is under way whose response could be lost, or a grant is not stored yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let mut entries = self.entries.iter().flatten();
        entries.any(|entry| {
            let may_be_left = matches!(
                entry.phase,
                Phase::Idle | Phase::Look | Phase::Recheck | Phase::MarkDead
            );
            !entry.commands.is_empty() || !may_be_left
        })
    }

    /// Returns what is to be done next. Call it again after every other call, until it says to wait.
    pub fn poll(&mut self, now: SystemTime) -> Step {
        self.observe(now);
        let next_listing = self.next_listing(now);
        if let Some(Page { after }) = self.list.take() {
            let job = self.next_job(Target::List);
            let request = StoreRequest::ListDue { after, limit: PAGE };
            return Step::Store { job, request };
        }
        loop {
            let Some(id) = self.ready.pop_front().or_else(|| self.due(now)) else {
                let timer = self.timers.first().map(|(at, _)| *at);
                let until = timer.into_iter().chain(next_listing).min();
                return Step::Wait { until };
            };
            if let Some(step) = self.advance(id, now) {
                return step;
            }
        }
    }

    /// Returns what is to be done next for one grant. A caller that waits for its token and drives the keeper itself calls
    /// this, so as not to be held up by other grants.
    pub fn poll_grant(&mut self, name: &GrantName, now: SystemTime) -> Step {
        self.observe(now);
        self.prune(now);
        let id = self.names.get(name).copied();
        let step = id.and_then(|id| self.advance(id, now));
        step.unwrap_or_else(|| Step::Wait {
            until: self.entry(name).and_then(|entry| entry.timer),
        })
    }

    /// Drops some of the names that the store did not know.
    fn prune(&mut self, now: SystemTime) {
        let due = self.timers.iter().take_while(|(at, _)| *at <= now);
        let due: Vec<usize> = due.map(|(_, id)| *id).take(16).collect();
        for id in due {
            let entry = self.entries.get(id).and_then(Option::as_deref);
            if entry.is_some_and(|entry| entry.is_over(now)) {
                self.with(id, now, |_, _| ());
            }
        }
    }

    fn advance(&mut self, id: usize, now: SystemTime) -> Option<Step> {
        let step = self.with(id, now, |entry, cx| {
            entry.is_ready = false;
            let step = entry.advance(cx);
            entry.leave_if_idle(cx);
            step
        });
        let step = step.flatten()?;
        if let Step::Store { job, .. } | Step::Send { job, .. } = &step {
            self.jobs.insert(*job, Target::Entry(id));
        }
        Some(step)
    }

    fn due(&mut self, now: SystemTime) -> Option<usize> {
        let (at, id) = *self.timers.first().filter(|(at, _)| *at <= now)?;
        self.timers.remove(&(at, id));
        if let Some(Some(entry)) = self.entries.get_mut(id) {
            entry.timer = None;
        }
        Some(id)
    }

    fn next_job(&mut self, target: Target) -> JobId {
        let job = JobId::after(&mut self.last_job);
        self.jobs.insert(job, target);
        job
    }

    /// Takes what the store responded to a job.
    pub fn stored(
        &mut self,
        job: JobId,
        result: Result<StoreResponse, StoreError>,
        now: SystemTime,
    ) {
        self.observe(now);
        match self.jobs.remove(&job) {
            Some(Target::Entry(id)) => {
                self.with(id, now, |entry, cx| {
                    if entry.job == Some(job) && !matches!(entry.phase, Phase::Send(_)) {
                        entry.stored(result, cx);
                        entry.leave_if_idle(cx);
                    }
                });
            }
            Some(Target::List) => {
                let event = self.gate.store_responded(result.is_ok(), &self.policy, now);
                self.events.extend(event);
                match result {
                    Ok(StoreResponse::Listed(page)) => self.listed(page, now),
                    Ok(_) => {}
                    Err(error) => self.list_failure = Some(Arc::new(error)),
                }
            }
            None => {}
        }
    }

    /// Takes what came of sending a job's request.
    pub fn sent(&mut self, job: JobId, result: Result<StepResponse, Error>, now: SystemTime) {
        self.observe(now);
        if let Some(Target::Entry(id)) = self.jobs.remove(&job) {
            self.with(id, now, |entry, cx| {
                if entry.job == Some(job) {
                    entry.sent(result, cx);
                    entry.leave_if_idle(cx);
                }
            });
        }
    }

    /// Notes that a job was given up, and that it is not known what came of it. A driver that is dropped calls this.
    pub fn lost(&mut self, job: JobId, now: SystemTime) {
        let Some(Target::Entry(id)) = self.jobs.get(&job).copied() else {
            return self.stored(job, Err(StoreError::new("it was given up")), now);
        };
        let entry = self.entries.get(id).and_then(Option::as_deref);
        if entry.is_some_and(|entry| matches!(entry.phase, Phase::Send(_))) {
            let error = Error::interrupted(Stage::Receive, "it was given up");
            self.sent(job, Err(error), now);
        } else {
            self.stored(job, Err(StoreError::new("it was given up")), now);
        }
    }

    /// Returns the next event, oldest first. At most 1,024 wait to be taken.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// Returns the state of a grant, if it was put or asked for. Of a name that the store does not know, there is one for a short time
    /// after it was asked for, whose failure is [`KeepError::Unknown`].
    #[must_use]
    pub fn state(&self, name: &GrantName) -> Option<GrantState> {
        self.entry(name).map(state_of)
    }

    /// Returns the states of all grants that are held, in the order of their names.
    pub fn states(&self) -> impl Iterator<Item = GrantState> + '_ {
        let entries = self.names.values();
        let entries = entries.filter_map(|id| self.entries.get(*id)?.as_deref());
        entries.map(state_of)
    }

    pub(super) fn entry(&self, name: &GrantName) -> Option<&Entry> {
        self.entries.get(*self.names.get(name)?)?.as_deref()
    }

    pub(super) fn id_of(&mut self, name: &GrantName) -> usize {
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let entry = Some(Box::new(Entry::new(name.clone())));
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.entries.len().saturating_sub(1)
        });
        if let Some(place) = self.entries.get_mut(id) {
            *place = entry;
        }
        self.names.insert(name.clone(), id);
        id
    }

    /// Does something with an entry, and sees to it that it is looked at when it must be.
    pub(super) fn with<R>(
        &mut self,
        id: usize,
        now: SystemTime,
        act: impl FnOnce(&mut Entry, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let mut entry = self.entries.get_mut(id)?.take()?;
        let mut next = Vec::new();
        let result = act(
            &mut entry,
            &mut Context {
                id,
                now,
                policy: &self.policy,
                seed: self.seed,
                gate: &mut self.gate,
                events: &mut self.events,
                outcomes: &mut self.outcomes,
                last_job: &mut self.last_job,
                next: &mut next,
                stopping: self.stopping,
            },
        );
        self.put_back(id, entry, now);
        self.hand_on(next);
        Some(result)
    }

    /// Gives each place in the gate to the next in its queue.
    fn hand_on(&mut self, places: Vec<BaseUrl>) {
        for place in places {
            while let Some(id) = self.gate.next_in_queue(&place) {
                let entry = self.entries.get_mut(id).and_then(Option::as_deref_mut);
                let Some(entry) = entry.filter(|entry| entry.queued) else {
                    continue;
                };
                let Some(kept) = entry.held.clone() else {
                    continue;
                };
                entry.queued = false;
                self.gate.take_place(&kept);
                entry.admitted = Some(kept);
                if !std::mem::replace(&mut entry.is_ready, true) {
                    self.ready.push_back(id);
                }
                break;
            }
        }
    }

    fn put_back(&mut self, id: usize, mut entry: Box<Entry>, now: SystemTime) {
        if let Some(at) = entry.timer.take() {
            self.timers.remove(&(at, id));
        }
        if entry.is_over(now) {
            self.gate.unqueue(id);
            self.names.remove(&entry.name);
            self.free.push(id);
            return;
        }
        match entry.wake_at(now) {
            Some(at) if at > now => {
                entry.timer = Some(at);
                self.timers.insert((at, id));
            }
            Some(_) => {
                let is_begun = !matches!(entry.phase, Phase::Idle) || !entry.commands.is_empty();
                let may_begin = !self.stopping || is_begun;
                if may_begin && !std::mem::replace(&mut entry.is_ready, true) {
                    self.ready.push_back(id);
                }
            }
            None => {}
        }
        if let Some(place) = self.entries.get_mut(id) {
            *place = Some(entry);
        }
    }

    /// Takes the time, and moves what is waited for where the clock stepped back.
    pub(super) fn observe(&mut self, now: SystemTime) {
        let step = self.latest.replace(now).map_or(Duration::ZERO, |latest| {
            latest.duration_since(now).unwrap_or_default()
        });
        if step <= STEP {
            return;
        }
        self.events.push(Event::ClockSteppedBack { by: step });
        self.gate.stepped_back(step);
        self.timers.clear();
        for (id, entry) in self.entries.iter_mut().enumerate() {
            let Some(entry) = entry else { continue };
            entry.stepped_back(step);
            entry.timer = entry.wake_at(now);
            self.timers.extend(entry.timer.map(|at| (at, id)));
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("policy", &self.policy)
            .field("grants", &self.names.len())
            .finish_non_exhaustive()
    }
}
