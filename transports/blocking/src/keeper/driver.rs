//! What a thread does for a keeper, with its lock given back while it lasts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use concur_oauth_core::StepRequest;
use concur_oauth_core::keeper::{self, Event, JobId, KeptToken, Step, Store};
use concur_oauth_shared::keeper::Tokens;

use super::LONGEST_SLEEP;
use crate::Client;

/// What the clones of a keeper share.
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) store: Box<dyn Store>,
    pub(super) tokens: Tokens,
    pub(super) machine: Mutex<keeper::Keeper>,
    /// Something has happened that a thread can wait for.
    pub(super) changed: Condvar,
    /// How many threads run the keeper.
    pub(super) runners: AtomicUsize,
    pub(super) stopping: AtomicBool,
    /// The deadline of an exchange.
    pub(super) deadline: Duration,
    pub(super) on_event: Box<dyn Fn(&Event) + Send + Sync>,
    /// What is to be told, in its order.
    pub(super) events: Mutex<VecDeque<Event>>,
    pub(super) teller: Mutex<()>,
}

/// A job that is lost where what does it panics.
struct Job<'a> {
    shared: &'a Shared,
    job: Option<JobId>,
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        if let Some(job) = self.job {
            self.shared.machine().lost(job, SystemTime::now());
            self.shared.changed.notify_all();
        }
    }
}

/// A thread that runs the keeper, until it ends, however that is.
pub(super) struct Running<'a>(&'a Shared);

impl<'a> Running<'a> {
    pub(super) fn begin(shared: &'a Shared) -> Self {
        shared.runners.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.runners.fetch_sub(1, Ordering::SeqCst);
        // Others may have to do what it did.
        self.0.changed.notify_all();
    }
}

impl Shared {
    pub(super) fn machine(&self) -> MutexGuard<'_, keeper::Keeper> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a step, with the lock given back while it lasts.
    pub(super) fn take<'a>(
        &'a self,
        step: Step,
        machine: MutexGuard<'a, keeper::Keeper>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, keeper::Keeper> {
        match step {
            Step::Store { job, request } => {
                drop(machine);
                let mut guard = self.guard(job);
                let result = request.send(&*self.store);
                guard.job = None;
                self.finished(|machine, now| machine.stored(job, result, now))
            }
            Step::Send { job, request } => {
                drop(machine);
                let mut guard = self.guard(job);
                let result = self.client.send::<StepRequest<'_>>(request);
                guard.job = None;
                self.finished(|machine, now| machine.sent(job, result, now))
            }
            Step::Wait { until: wake_at } => {
                let now = SystemTime::now();
                let sleep = wake_at.map(|at| at.duration_since(now).unwrap_or_default());
                let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                let wait = sleep.into_iter().chain(left).min().unwrap_or(LONGEST_SLEEP);
                let waited = self.changed.wait_timeout(machine, wait);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn guard(&self, job: JobId) -> Job<'_> {
        Job {
            shared: self,
            job: Some(job),
        }
    }

    /// Tells events in their order: by one thread at a time, which takes what the others leave.
    fn tell(&self) {
        let events = || self.events.lock().unwrap_or_else(PoisonError::into_inner);
        while !events().is_empty() {
            let Ok(_teller) = self.teller.try_lock() else {
                return;
            };
            loop {
                let next = events().pop_front();
                match next {
                    Some(event) => (self.on_event)(&event),
                    None => break,
                }
            }
        }
    }

    /// Tells the machine what came of a job, and the events that follow.
    fn finished(
        &self,
        tell: impl FnOnce(&mut keeper::Keeper, SystemTime),
    ) -> MutexGuard<'_, keeper::Keeper> {
        let mut machine = self.machine();
        tell(&mut machine, SystemTime::now());
        let is_told = {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            events.extend(std::iter::from_fn(|| machine.next_event()));
            events.is_empty()
        };
        self.changed.notify_all();
        if is_told {
            return machine;
        }
        drop(machine);
        self.tell();
        self.machine()
    }

    /// Has a token handed out without a question from now on.
    pub(super) fn publish(&self, token: &Arc<KeptToken>) -> Arc<KeptToken> {
        self.tokens.put(token);
        Arc::clone(token)
    }
}
