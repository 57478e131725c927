//! What runs a keeper for tasks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{Event, JobId, Step, StoreError, StoreResponse};
use concur_oauth_core::{Error, StepResponse};

use super::Transport;
use super::asynchronous::Shared;
use crate::Timer;

/// How many jobs are under way at a time. The policy bounds exchanges further; these are questions to the store.
const MAX_JOBS: usize = 64;
/// How long a runner sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What came of a job.
enum Outcome {
    Stored(Result<StoreResponse, StoreError>),
    Sent(Result<StepResponse, Error>),
}

type Job = (JobId, Pin<Box<dyn Future<Output = Outcome> + Send>>);

/// Runs a [`Keeper`](super::Keeper): a future that ends after [`Keeper::stop`](super::Keeper::stop). Spawn it on a task of its own, and await that task at the end.
///
/// Where it is dropped, what it was doing is given up: a request can have reached Concur then, and a new refresh token be lost.
#[must_use = "the keeper does nothing unless this is spawned"]
pub struct Runner<T> {
    shared: Arc<Shared<T>>,
    jobs: Vec<Job>,
    timer: Option<(SystemTime, Timer)>,
}

impl<T> Runner<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self {
            shared,
            jobs: Vec::new(),
            timer: None,
        }
    }
}

impl<T: Transport> Runner<T> {
    /// Begins what is to be done. Returns when to look again.
    fn begin(&mut self, waker: &Waker) -> Option<SystemTime> {
        loop {
            let mut state = self.shared.state();
            state.runner = Some(waker.clone());
            state.has_run = true;
            if self.jobs.len() >= MAX_JOBS {
                return None;
            }
            let step = state.machine.poll(SystemTime::now());
            drop(state);
            let job: Job = match step {
                Step::Store { job, request } => {
                    let store = Arc::clone(&self.shared.store);
                    let work = async move { Outcome::Stored(store.send(request).await) };
                    (job, Box::pin(work))
                }
                Step::Send { job, request } => {
                    let work = self.shared.transport.send(request);
                    (job, Box::pin(async { Outcome::Sent(work.await) }))
                }
                Step::Wait { until } => return until,
            };
            self.jobs.push(job);
        }
    }

    /// Goes on with what is under way. Returns whether something has ended.
    fn go_on(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ended = Vec::new();
        self.jobs
            .retain_mut(|(job, work)| match work.as_mut().poll(cx) {
                Poll::Ready(outcome) => {
                    ended.push((*job, outcome));
                    false
                }
                Poll::Pending => true,
            });
        if ended.is_empty() {
            return false;
        }
        let mut state = self.shared.state();
        for (job, outcome) in ended {
            match outcome {
                Outcome::Stored(result) => state.machine.stored(job, result, SystemTime::now()),
                Outcome::Sent(result) => state.machine.sent(job, result, SystemTime::now()),
            }
        }
        let mut events = Vec::new();
        events.extend(std::iter::from_fn(|| state.machine.next_event()));
        drop(state);
        let warning = self.shared.store.take_warning();
        events.extend(warning.map(|advice| Event::StoreWarning { advice }));
        self.shared.wake_waiting();
        for event in &events {
            (self.shared.on_event)(event);
        }
        true
    }
}

impl<T: Transport> Future for Runner<T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            let until = this.begin(cx.waker());
            if this.go_on(cx) {
                continue;
            }
            let machine = &this.shared.state().machine;
            if machine.is_stopping() && !machine.is_busy() && this.jobs.is_empty() {
                return Poll::Ready(());
            }
            let now = SystemTime::now();
            let until = until.filter(|_| this.jobs.len() < MAX_JOBS);
            let sleep = until.map_or(LONGEST_SLEEP, |at| {
                at.duration_since(now)
                    .unwrap_or_default()
                    .min(LONGEST_SLEEP)
            });
            let at = now.checked_add(sleep).unwrap_or(now);
            // A timer that is set for another time is set anew.
            if this
                .timer
                .as_ref()
                .is_none_or(|(set, _)| at < *set || now >= *set)
            {
                this.timer = Some((at, this.shared.transport.timer(sleep)));
            }
            match this
                .timer
                .as_mut()
                .map(|(_, timer)| timer.as_mut().poll(cx))
            {
                Some(Poll::Ready(())) => this.timer = None,
                _ => return Poll::Pending,
            }
        }
    }
}

impl<T> Drop for Runner<T> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.stopped = true;
        for (job, _) in &self.jobs {
            state.machine.lost(*job, SystemTime::now());
        }
        drop(state);
        self.shared.wake_waiting();
    }
}

impl<T> fmt::Debug for Runner<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("jobs", &self.jobs.len())
            .finish_non_exhaustive()
    }
}
