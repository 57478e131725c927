//! A keeper for tasks, over any asynchronous transport.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    self, Ask, AsyncStore, Event, Grant, GrantName, GrantState, KeepError, KeptToken, Policy,
    PolicyError, Ticket, Version,
};
use concur_oauth_core::v0::RevokeConnections;
use concur_oauth_core::{Application, Error, StepRequest, StepResponse, TokenScheme};
use http::StatusCode;

use super::{Runner, Tokens};
use crate::{Settings, Timer};

/// How long a store that fails is tried again before a caller that puts or forgets is told.
const PATIENCE: Duration = Duration::from_secs(5);

/// An asynchronous transport, as a keeper needs it.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request. The future owns what it needs.
    fn send(
        &self,
        request: StepRequest<'static>,
    ) -> Pin<Box<dyn Future<Output = Result<StepResponse, Error>> + Send>>;

    /// Returns a future that ends after this time.
    fn timer(&self, duration: Duration) -> Timer;

    /// Returns the settings of the client.
    fn settings(&self) -> &Settings;
}

type OnEvent = Box<dyn Fn(&Event) + Send + Sync>;

/// Builds a [`Keeper`] and its [`Runner`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct KeeperBuilder<T> {
    transport: T,
    store: Arc<dyn AsyncStore>,
    policy: Policy,
    applications: Vec<Application>,
    on_event: OnEvent,
}

impl<T: Transport> KeeperBuilder<T> {
    /// Adds an application, whose grants can be renewed then.
    pub fn application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// Sets the policy: [`Policy::default`] by default. The deadline in it is replaced by the client's.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Has each event told to this function, on the task that runs the keeper. It must not block.
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Builds the keeper, and what runs it: spawn that on a task of its own. Nothing is read from the store yet.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where grants could be lost under the policy with this client's deadline, or no randomness can be drawn.
    pub fn build(self) -> Result<(Keeper<T>, Runner<T>), PolicyError> {
        let deadline = self.transport.settings().timeout();
        let seed = self.transport.settings().random();
        let seed = u128::from_ne_bytes(seed.ok_or(PolicyError::NoRandomness)?);
        let mut machine = keeper::Keeper::new(self.policy.deadline(deadline), seed)?;
        for application in self.applications {
            machine.set_application(application, SystemTime::now());
        }
        let shared = Arc::new(Shared {
            transport: self.transport,
            store: self.store,
            tokens: Tokens::default(),
            state: Mutex::new(State {
                machine,
                runner: None,
                waiting: BTreeMap::new(),
                last: 0,
                stopped: false,
            }),
            deadline,
            on_event: self.on_event,
        });
        let runner = Runner::new(Arc::clone(&shared));
        Ok((Keeper { shared }, runner))
    }
}

/// Keeps the tokens of many grants fresh, for tasks. Clones share them, cheaply.
///
/// A [`Runner`] does what is to be done. A request that it has sent is finished and stored, whatever becomes of the futures that
/// wait for it.
pub struct Keeper<T> {
    shared: Arc<Shared<T>>,
}

pub(super) struct Shared<T> {
    pub(super) transport: T,
    pub(super) store: Arc<dyn AsyncStore>,
    tokens: Tokens,
    state: Mutex<State>,
    /// The deadline of an exchange.
    deadline: Duration,
    pub(super) on_event: OnEvent,
}

pub(super) struct State {
    pub(super) machine: keeper::Keeper,
    pub(super) runner: Option<Waker>,
    /// Those who wait for something to happen, by number.
    waiting: BTreeMap<u64, Waker>,
    last: u64,
    /// The runner was dropped.
    pub(super) stopped: bool,
}

impl<T> Shared<T> {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_runner(&self) {
        let runner = self.state().runner.take();
        if let Some(runner) = runner {
            runner.wake();
        }
    }

    pub(super) fn wake_waiting(&self) {
        let waiting = std::mem::take(&mut self.state().waiting);
        waiting.into_values().for_each(Waker::wake);
    }
}

impl<T: Transport> Keeper<T> {
    /// Returns a builder for a keeper that sends with this transport and keeps what it has in this store.
    pub fn builder(transport: T, store: impl AsyncStore + 'static) -> KeeperBuilder<T> {
        KeeperBuilder {
            transport,
            store: Arc::new(store),
            policy: Policy::default(),
            applications: Vec::new(),
            on_event: Box::new(|_| {}),
        }
    }

    /// Returns a token of the grant that is fresh. Where that must be waited for, at most as long as an exchange may last.
    ///
    /// # Errors
    ///
    /// [`KeepError`] says why there is none, and when it is worth asking again.
    pub async fn token(&self, name: &str) -> Result<Arc<KeptToken>, KeepError> {
        if let Some(token) = self.shared.tokens.get(name, SystemTime::now()) {
            return Ok(token);
        }
        let name = GrantName::new(name)?;
        self.ask(&name, None, self.shared.deadline).await
    }

    /// Returns a token of the grant, and waits no longer than this for it.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub async fn token_within(
        &self,
        name: &GrantName,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(name, None, wait).await
    }

    /// Returns a token of a later version than this one, which has too little left. Waits as
    /// [`token_within`](Self::token_within) does.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub async fn token_after(
        &self,
        name: &GrantName,
        version: Version,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(name, Some(version), wait).await
    }

    async fn ask(
        &self,
        name: &GrantName,
        after: Option<Version>,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        let shared = &*self.shared;
        let mut ends = SystemTime::now();
        let asked = self.wait_for(wait, |machine, now| {
            let ask = match after {
                None => machine.ask(name, now),
                Some(version) => machine.ask_after(name, version, now),
            };
            match ask {
                Ask::Use(token) => Some(Ok(token)),
                Ask::Failed(error) => Some(Err(error)),
                Ask::Wait { until } => {
                    ends = until;
                    None
                }
            }
        });
        let result = asked.await?.unwrap_or_else(|| {
            let name = name.clone();
            Err(KeepError::Waiting { name, until: ends })
        });
        match &result {
            Ok(token) => shared.tokens.put(token),
            // One that is only too short for this caller is still good for others.
            Err(_) if after.is_some() => {}
            Err(_) => shared.tokens.remove(name.as_str()),
        }
        result
    }

    /// Notes that a resource server rejected a token with this status. Returns whether another is worth asking for: if so,
    /// the next call of [`token`](Self::token) renews it.
    ///
    /// The caller's own request is its own to repeat.
    #[must_use = "it says whether to ask again"]
    pub fn reject(&self, token: &KeptToken, status: StatusCode) -> bool {
        let mut state = self.shared.state();
        state.machine.reject(token, status, SystemTime::now())
    }

    /// Puts a grant: the first of its name, or one in place of what is there, after a new consent. Returns when it is stored.
    ///
    /// # Errors
    ///
    /// [`KeepError::Store`] where it could not be stored within five seconds. It is held all the same, and storing is tried again
    /// as long as the runner runs.
    pub async fn put(&self, name: &GrantName, grant: Grant) -> Result<(), KeepError> {
        let put = |machine: &mut keeper::Keeper, now| machine.put(name, grant, now);
        self.command(name, put).await
    }

    /// Forgets a grant. Concur is not told: revoke the token first, where it is to end.
    ///
    /// # Errors
    ///
    /// [`KeepError::Unknown`] where there is none, and [`KeepError::Store`] where the store could not be used.
    pub async fn forget(&self, name: &GrantName) -> Result<(), KeepError> {
        let forget = |machine: &mut keeper::Keeper, now| machine.forget(name, now);
        let result = self.command(name, forget).await;
        self.shared.tokens.remove(name.as_str());
        result
    }

    /// Revokes a grant at Concur, and forgets it: all connections of its user or company to the application end, those of other
    /// installations included ([`RevokeConnections`]).
    ///
    /// It needs no lease: a renewal that is under way meanwhile brings tokens that are revoked with the others, and is not stored
    /// over the grant that was forgotten.
    ///
    /// # Errors
    ///
    /// [`KeepError`] where there is no token that authorizes it, or Concur or the store failed. The grant is kept then.
    /// [`KeepError::NeedsAdministrator`] for a grant of `net2`.
    pub async fn revoke(&self, name: &GrantName) -> Result<(), KeepError> {
        let token = self.token_within(name, self.shared.deadline).await?;
        if token.token().scheme() != TokenScheme::Bearer {
            let name = name.clone();
            return Err(KeepError::NeedsAdministrator { name });
        }
        let failed = |error| KeepError::of_revocation(name.clone(), error, SystemTime::now());
        let revoke = RevokeConnections::new(token.token());
        let request = StepRequest::owned(revoke).map_err(|error| failed(error.into()))?;
        let response = self.shared.transport.send(request).await;
        let revoked = response.and_then(|response| Ok(response.read::<RevokeConnections<'_>>()?));
        revoked.map_err(failed)?;
        self.forget(name).await
    }

    async fn command(
        &self,
        name: &GrantName,
        begin: impl FnOnce(&mut keeper::Keeper, SystemTime) -> Ticket,
    ) -> Result<(), KeepError> {
        let ticket = begin(&mut self.shared.state().machine, SystemTime::now());
        let patience = self.shared.deadline.min(PATIENCE);
        let outcome = self.wait_for(patience, |machine, _| machine.take_outcome(ticket));
        outcome.await?.unwrap_or_else(|| {
            let failure = self.shared.state().machine.give_up(ticket, name);
            Err(failure.unwrap_or_else(|| KeepError::Waiting {
                name: name.clone(),
                until: SystemTime::now(),
            }))
        })
    }

    /// Waits until there is a result, or this time has passed.
    async fn wait_for<R>(
        &self,
        wait: Duration,
        mut result: impl FnMut(&mut keeper::Keeper, SystemTime) -> Option<R>,
    ) -> Result<Option<R>, KeepError> {
        let shared = &*self.shared;
        let number = {
            let mut state = shared.state();
            state.last += 1;
            state.last
        };
        let place = Place { shared, number };
        let mut timer = None;
        std::future::poll_fn(|cx| {
            let mut state = shared.state();
            if let Some(ready) = result(&mut state.machine, SystemTime::now()) {
                drop(state);
                // What was asked for can be due.
                shared.wake_runner();
                return Poll::Ready(Ok(Some(ready)));
            }
            if state.stopped {
                return Poll::Ready(Err(KeepError::Stopped));
            }
            state.waiting.insert(place.number, cx.waker().clone());
            drop(state);
            shared.wake_runner();
            let timer = timer.get_or_insert_with(|| shared.transport.timer(wait));
            timer.as_mut().poll(cx).map(|()| Ok(None))
        })
        .await
    }

    /// Adds an application, or replaces the one with the same ID, whose secret has changed.
    pub fn set_application(&self, application: Application) {
        let mut state = self.shared.state();
        state
            .machine
            .set_application(application, SystemTime::now());
        drop(state);
        self.shared.wake_runner();
    }

    /// Begins to renew idle grants before their refresh tokens age out. The runner does so once a day by itself.
    pub fn keep_alive(&self) {
        self.shared.state().machine.keep_alive(SystemTime::now());
        self.shared.wake_runner();
    }

    /// Begins nothing more, and has the runner end once what is under way is finished and stored: await its task then.
    pub fn stop(&self) {
        self.shared.state().machine.stop();
        self.shared.wake_runner();
    }

    /// Returns the state of a grant, if it was asked for.
    #[must_use]
    pub fn state(&self, name: &GrantName) -> Option<GrantState> {
        self.shared.state().machine.state(name)
    }

    /// Returns the states of all grants that were asked for, in the order of their names.
    #[must_use]
    pub fn states(&self) -> Vec<GrantState> {
        self.shared.state().machine.states().collect()
    }
}

/// A place among the waiting callers, which ends with its future.
struct Place<'a, T> {
    shared: &'a Shared<T>,
    number: u64,
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        self.shared.state().waiting.remove(&self.number);
    }
}

impl<T> Clone for Keeper<T> {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        Self { shared }
    }
}

impl<T> fmt::Debug for Keeper<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("machine", &self.shared.state().machine)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for KeeperBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeeperBuilder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
