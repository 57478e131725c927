//! A keeper for tasks, over any asynchronous transport.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    self, Ask, AsyncStore, ClientCredentials, Grant, GrantName, GrantState, KeepError, KeptToken,
    Ticket, Version,
};
use concur_oauth_core::v0::RevokeConnections;
use concur_oauth_core::{Application, Error, StepRequest, StepResponse};
use http::StatusCode;

use super::builder::{KeeperBuilder, KeeperParts, OnEvent, Setup};
use super::{PATIENCE, Runner, Tokens};
use crate::{Settings, Timer};

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

/// A transport and a store, of which a [`Keeper`] is made.
pub struct Parts<T> {
    transport: T,
    store: Arc<dyn AsyncStore>,
}

impl<T: Transport> KeeperParts for Parts<T> {
    type Built = (Keeper<T>, Runner<T>);

    fn settings(&self) -> &Settings {
        self.transport.settings()
    }

    fn build(self, setup: Setup) -> Self::Built {
        let shared = Arc::new(Shared {
            transport: self.transport,
            store: self.store,
            tokens: Tokens::default(),
            state: Mutex::new(State {
                machine: setup.machine,
                runner: None,
                waiting: BTreeMap::new(),
                last: 0,
                has_run: false,
                stopped: false,
            }),
            deadline: setup.deadline,
            on_event: setup.on_event,
        });
        let runner = Runner::new(Arc::clone(&shared));
        (Keeper { shared }, runner)
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
    /// The runner was polled.
    pub(super) has_run: bool,
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
    pub fn builder(transport: T, store: impl AsyncStore + 'static) -> KeeperBuilder<Parts<T>> {
        let store = Arc::new(store);
        KeeperBuilder::new(Parts { transport, store })
    }

    /// Returns a token of the grant that is fresh. Where that must be waited for, at most as long as an exchange may last.
    ///
    /// # Errors
    ///
    /// [`KeepError`] says why there is none, and when it is worth asking again.
    pub async fn token(&self, name: impl AsRef<str>) -> Result<Arc<KeptToken>, KeepError> {
        if let Some(token) = self.shared.tokens.get(name.as_ref(), SystemTime::now()) {
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
        name: impl AsRef<str>,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(&GrantName::new(name)?, None, wait).await
    }

    /// Returns a token of a later version than this one, which has too little left. Waits as
    /// [`token_within`](Self::token_within) does.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub async fn token_after(
        &self,
        name: impl AsRef<str>,
        version: Version,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(&GrantName::new(name)?, Some(version), wait).await
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
            if !shared.state().has_run {
                return Err(KeepError::Stopped);
            }
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
    /// the next call of [`token`](Self::token) renews it, and the caller can repeat its request once.
    ///
    /// It is so after a 401, and after a 403 within a minute of the token's expiry or later. It is not so for a token that was received
    /// less than a minute ago: what rejects a fresh token will reject the next. Then hand the failure on, and do not try again.
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
    /// as long as the runner runs. [`KeepError::Name`] where the name cannot be that of a grant.
    pub async fn put(&self, name: impl AsRef<str>, grant: Grant) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
        let put = |machine: &mut keeper::Keeper, now| machine.put(name, grant, now);
        self.command(name, put).await
    }

    /// Forgets a grant. Concur is not told: revoke the token first, where it is to end.
    ///
    /// # Errors
    ///
    /// [`KeepError::Unknown`] where there is none, and [`KeepError::Store`] where the store could not be used.
    /// [`KeepError::Name`] where the name cannot be that of a grant.
    pub async fn forget(&self, name: impl AsRef<str>) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
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
    /// [`KeepError::NotRevoked`] where Concur failed, and others of [`KeepError`] where there is no token that authorizes it, or the store
    /// failed. The grant is kept then. A token that is due is renewed first.
    /// [`KeepError::NeedsAdministrator`] for a grant of `net2`, and [`KeepError::NotRevocable`] for the application's own token.
    pub async fn revoke(&self, name: impl AsRef<str>) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
        let token = self.token_within(name, self.shared.deadline).await?;
        token.check_revocable()?;
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

    /// Sets what tokens of an application itself are obtained with, as
    /// [`KeeperBuilder::client_credentials`](super::KeeperBuilder::client_credentials) does. Returns `false`, and does nothing, where a
    /// stored grant of that name is in use.
    #[must_use = "it says whether the name was free"]
    pub fn set_client_credentials(&self, name: &GrantName, credentials: ClientCredentials) -> bool {
        self.shared.tokens.remove(name.as_str());
        let mut state = self.shared.state();
        let now = SystemTime::now();
        let is_set = state.machine.set_client_credentials(name, credentials, now);
        drop(state);
        self.shared.wake_runner();
        is_set
    }

    /// Begins to renew idle grants before their refresh tokens age out. The runner does so once a day by itself.
    pub fn keep_alive(&self) {
        self.shared.state().machine.keep_alive(SystemTime::now());
        self.shared.wake_runner();
    }

    /// Begins nothing more, and has the runner end once what is under way is finished and stored: await its task then.
    ///
    /// A token that is held is still handed out. For another, [`token`](Self::token) is [`KeepError::Stopped`].
    pub fn stop(&self) {
        self.shared.state().machine.stop();
        self.shared.wake_runner();
    }

    /// Returns the state of a grant, if it was put or asked for. Of a name that the store does not know, there is one for a short time
    /// after it was asked for, whose failure is [`KeepError::Unknown`].
    #[must_use]
    pub fn state(&self, name: impl AsRef<str>) -> Option<GrantState> {
        let name = GrantName::new(name).ok()?;
        self.shared.state().machine.state(&name)
    }

    /// Returns the states of all grants that were put or asked for, in the order of their names.
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

impl<T> fmt::Debug for Parts<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}
