//! A keeper of tokens, for threads.
//!
//! A [`Keeper`] has the access tokens of many grants, renews each before it ends, and keeps what came of it in a store, which
//! other processes can share. What it promises, and how, is on the page of [`concur_oauth_core::keeper`].
//!
//! # Examples
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub mod blocking { pub use concur_oauth_blocking::*; } }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use concur_oauth::{AccessToken, TokenParts, TokenScheme, BaseUrl};
//! use std::time::SystemTime;
//!
//! use concur_oauth::blocking::{Client, keeper::{Keeper, MemoryStore}};
//! use concur_oauth::keeper::Grant;
//! use concur_oauth::{Application, ConsumerKey, http};
//!
//! # let root = concur_oauth::blocking::rustls::pki_types::CertificateDer::from(concur_oauth_emulator::Server::start()?.ca_der().to_vec());
//! # let client = Client::builder().no_proxy().add_root(root).build()?;
//! # /*
//! let client = Client::new()?;
//! # */
//! let id = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
//! let application = Application::new(id.clone(), "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
//! let keeper = Keeper::builder(client, MemoryStore::new())
//!     .application(application)
//!     .on_event(|event| println!("{event:?}"))
//!     .build()?;
//!
//! // Once, when a company has connected:
//! # let mut parts = TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::EU2);
//! # parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
//! # parts.expires_at = Some(SystemTime::now() + std::time::Duration::from_secs(3600));
//! # let token = AccessToken::from(parts);
//! keeper.put("customer-4711", Grant::new(id, token, SystemTime::now())?)?;
//!
//! // And whenever its token is needed:
//! let token = keeper.token("customer-4711")?;
//! let mut call = http::Request::get("https://eu2.api.concursolutions.com/profile/v1/me").body(())?;
//! token.token().authorize(&mut call)?;
//! # Ok(()) }
//! ```
//!
//! Refresh tokens that an application has stored before are put once, while nothing else refreshes them:
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub mod blocking { pub use concur_oauth_blocking::*; } }
//! use std::time::SystemTime;
//!
//! use concur_oauth::blocking::keeper::Keeper;
//! use concur_oauth::keeper::{Grant, KeepError};
//! use concur_oauth::{BaseUrl, ConsumerKey, TokenScheme};
//!
//! struct Row {
//!     customer: String,
//!     refresh_token: String,
//!     geolocation: BaseUrl, // where it was granted
//!     last_refreshed_at: SystemTime,
//! }
//!
//! fn put(keeper: &Keeper, id: &ConsumerKey, rows: Vec<Row>) -> Result<(), Box<dyn std::error::Error>> {
//!     for row in rows {
//!         match keeper.token(&row.customer) {
//!             Err(KeepError::Unknown { .. }) => {}
//!             Err(error @ KeepError::Store { .. }) => return Err(error.into()),
//!             // It is there. A second run must not put an old refresh token over a newer one.
//!             _ => continue,
//!         }
//!         let grant = Grant::from_refresh_token(
//!             id.clone(),
//!             TokenScheme::Bearer, // of `/oauth2/v0`; `OAuth` is of the older service
//!             row.geolocation,
//!             row.refresh_token.into(),
//!             row.last_refreshed_at,
//!         );
//!         keeper.put(&row.customer, grant)?;
//!     }
//!     Ok(())
//! }
//! ```

mod driver;
mod parts;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth_core::Application;
use concur_oauth_core::keeper::{
    self, Ask, ClientCredentials, Grant, GrantName, GrantState, KeepError, KeptToken, Step, Store,
    StoreError, Ticket, Version,
};
use concur_oauth_core::v0::RevokeConnections;
use concur_oauth_shared::keeper::PATIENCE;
use http::StatusCode;

use self::driver::{Running, Shared};
use crate::Client;

pub use self::parts::Parts;
#[doc(inline)]
pub use concur_oauth_shared::keeper::{BlockOn, MemoryStore};
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
#[doc(inline)]
pub use concur_oauth_shared::keeper::{SealedStore, SealingError, SealingKeys};

/// How long a thread that runs a keeper sleeps at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Builds a [`Keeper`].
pub type KeeperBuilder = concur_oauth_shared::keeper::KeeperBuilder<Parts>;

/// Keeps the tokens of many grants fresh, for threads. Clones share them, cheaply.
///
/// [`token`](Self::token) returns a token that is fresh in some 100 nanoseconds, and threads do not wait for each other there. Where
/// none is fresh, the calling thread renews the grant itself: one exchange, whatever the number of threads that wait for it.
///
/// Run [`run`](Self::run) on a thread of its own where tokens are to be renewed before a caller waits for them. Without it, the
/// call that finds its token due renews it before it returns.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

impl Keeper {
    /// Returns a builder for a keeper that sends with this client and keeps what it has in this store.
    pub fn builder(client: Client, store: impl Store + 'static) -> KeeperBuilder {
        let store = Box::new(store);
        KeeperBuilder::new(Parts { client, store })
    }

    /// Returns a token of the grant that is fresh. Where that must be waited for, at most as long as an exchange may last.
    ///
    /// # Errors
    ///
    /// [`KeepError`] says why there is none, and when it is worth asking again.
    pub fn token(&self, name: impl AsRef<str>) -> Result<Arc<KeptToken>, KeepError> {
        if let Some(token) = self.shared.tokens.get(name.as_ref(), SystemTime::now()) {
            return Ok(token);
        }
        self.ask(&GrantName::new(name)?, None, self.shared.deadline)
    }

    /// Returns a token of the grant, and waits no longer than this for it.
    ///
    /// A request that has been sent is not given up, so the call can last as long as an exchange, where it is this one that
    /// sends.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn token_within(
        &self,
        name: impl AsRef<str>,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(&GrantName::new(name)?, None, wait)
    }

    /// Returns a token of a later version than this one, which has too little left. Waits as
    /// [`token_within`](Self::token_within) does.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn token_after(
        &self,
        name: impl AsRef<str>,
        version: Version,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        self.ask(&GrantName::new(name)?, Some(version), wait)
    }

    fn ask(
        &self,
        name: &GrantName,
        after: Option<Version>,
        wait: Duration,
    ) -> Result<Arc<KeptToken>, KeepError> {
        let until = Instant::now().checked_add(wait);
        let mut ends = SystemTime::now();
        let mut ask = |machine: &mut keeper::Keeper, now| {
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
        };
        let result = self.drive(name, until, &mut ask);
        let result = result.unwrap_or_else(|| {
            let name = name.clone();
            Err(KeepError::Waiting { name, until: ends })
        });
        match result {
            Ok(token) => Ok(self.shared.publish(&token)),
            Err(error) => {
                // One that is only too short for this caller is still good for others.
                if after.is_none() {
                    self.shared.tokens.remove(name.as_str());
                }
                Err(error)
            }
        }
    }

    /// Notes that a resource server rejected a token with this status. Returns whether another is worth asking for: if so,
    /// the next call of [`token`](Self::token) renews it, and the caller can repeat its request once.
    ///
    /// It is so after a 401, and after a 403 within a minute of the token's expiry or later. It is not so for a token that was received
    /// less than a minute ago: what rejects a fresh token will reject the next. Then hand the failure on, and do not try again.
    #[must_use = "it says whether to ask again"]
    pub fn reject(&self, token: &KeptToken, status: StatusCode) -> bool {
        let mut machine = self.shared.machine();
        machine.reject(token, status, SystemTime::now())
    }

    /// Puts a grant: the first of its name, or one in place of what is there, after a new consent. Returns when it is stored.
    ///
    /// # Errors
    ///
    /// [`KeepError::Store`] where it could not be stored within five seconds. It is held all the same, and storing is tried again
    /// while the keeper is in use. [`KeepError::Name`] where the name cannot be that of a grant.
    pub fn put(&self, name: impl AsRef<str>, grant: Grant) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
        let ticket = self.shared.machine().put(name, grant, SystemTime::now());
        self.finish(name, ticket)
    }

    /// Forgets a grant. Concur is not told: revoke the token first, where it is to end.
    ///
    /// # Errors
    ///
    /// [`KeepError::Unknown`] where there is none, and [`KeepError::Store`] where the store could not be used.
    /// [`KeepError::Name`] where the name cannot be that of a grant.
    pub fn forget(&self, name: impl AsRef<str>) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
        let ticket = self.shared.machine().forget(name, SystemTime::now());
        let result = self.finish(name, ticket);
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
    pub fn revoke(&self, name: impl AsRef<str>) -> Result<(), KeepError> {
        let name = &GrantName::new(name)?;
        let token = self.token_within(name, self.shared.deadline)?;
        token.check_revocable()?;
        let revoked = self
            .shared
            .client
            .send(RevokeConnections::new(token.token()));
        revoked
            .map_err(|error| KeepError::of_revocation(name.clone(), error, SystemTime::now()))?;
        self.forget(name)
    }

    fn finish(&self, name: &GrantName, ticket: Ticket) -> Result<(), KeepError> {
        let until = Instant::now().checked_add(self.shared.deadline);
        let patience = Instant::now().checked_add(PATIENCE);
        let outcome = self.drive(name, until, &mut |machine, _| {
            let is_late = patience.is_some_and(|until| Instant::now() >= until);
            let failure = machine.failure(name).filter(|_| is_late);
            machine.take_outcome(ticket).or(failure.map(Err))
        });
        outcome.unwrap_or_else(|| {
            let failure = self.shared.machine().give_up(ticket, name);
            Err(failure.unwrap_or_else(|| KeepError::Waiting {
                name: name.clone(),
                until: SystemTime::now(),
            }))
        })
    }

    /// Adds an application, or replaces the one with the same ID, whose secret has changed.
    pub fn set_application(&self, application: Application) {
        let mut machine = self.shared.machine();
        machine.set_application(application, SystemTime::now());
        drop(machine);
        self.shared.changed.notify_all();
    }

    /// Sets what tokens of an application itself are obtained with, as
    /// [`KeeperBuilder::client_credentials`](concur_oauth_shared::keeper::KeeperBuilder::client_credentials) does. Returns `false`, and
    /// does nothing, where a stored grant of that name is in use.
    #[must_use = "it says whether the name was free"]
    pub fn set_client_credentials(&self, name: &GrantName, credentials: ClientCredentials) -> bool {
        self.shared.tokens.remove(name.as_str());
        let mut machine = self.shared.machine();
        let is_set = machine.set_client_credentials(name, credentials, SystemTime::now());
        drop(machine);
        self.shared.changed.notify_all();
        is_set
    }

    /// Renews what is due, of all grants that were asked for, until [`stop`](Self::stop) is called. Several threads can run it
    /// at once: then several grants are renewed at a time.
    pub fn run(&self) {
        let shared = &*self.shared;
        let running = Running::begin(shared);
        let mut machine = shared.machine();
        loop {
            let is_stopping = shared.stopping.load(Ordering::SeqCst);
            if is_stopping && !machine.is_busy() {
                break;
            }
            let step = machine.poll(SystemTime::now());
            machine = shared.take(step, machine, Instant::now().checked_add(LONGEST_SLEEP));
        }
        drop(machine);
        drop(running);
    }

    /// Renews, once, idle grants before their refresh tokens age out: for a timer, once a day. Returns the states of all
    /// grants that are held by then, with the failures of those that could not be renewed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store could not say what is due.
    pub fn keep_alive(&self) -> Result<Vec<GrantState>, Arc<StoreError>> {
        let shared = &*self.shared;
        let mut machine = shared.machine();
        machine.keep_alive(SystemTime::now());
        loop {
            let step = machine.poll(SystemTime::now());
            let is_idle = matches!(step, Step::Wait { .. });
            if is_idle && !machine.is_keeping_alive() {
                return match machine.take_list_failure() {
                    Some(failure) => Err(failure),
                    None => Ok(machine.states().collect()),
                };
            }
            machine = shared.take(step, machine, Instant::now().checked_add(LONGEST_SLEEP));
        }
    }

    /// Begins nothing more, and has [`run`](Self::run) return once what is under way is finished and stored.
    ///
    /// A token that is held is still handed out. For another, [`token`](Self::token) is [`KeepError::Stopped`].
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        self.shared.machine().stop();
        self.shared.changed.notify_all();
    }

    /// Returns whether a request is under way whose response could be lost, or a grant is not stored yet.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.shared.machine().is_busy()
    }

    /// Returns the state of a grant, if it was put or asked for. Of a name that the store does not know, there is one for a short time
    /// after it was asked for, whose failure is [`KeepError::Unknown`].
    #[must_use]
    pub fn state(&self, name: impl AsRef<str>) -> Option<GrantState> {
        let name = GrantName::new(name).ok()?;
        self.shared.machine().state(&name)
    }

    /// Returns the states of all grants that were put or asked for, in the order of their names.
    #[must_use]
    pub fn states(&self) -> Vec<GrantState> {
        self.shared.machine().states().collect()
    }

    /// Does what is to be done for one grant, or waits for the thread that does it, until there is a result or the time has
    /// passed.
    fn drive<T>(
        &self,
        name: &GrantName,
        until: Option<Instant>,
        result: &mut impl FnMut(&mut keeper::Keeper, SystemTime) -> Option<T>,
    ) -> Option<T> {
        let shared = &*self.shared;
        let mut machine = shared.machine();
        let mut ready = None;
        loop {
            let now = SystemTime::now();
            // An outcome is taken once, and a token can be followed by a later one.
            ready = result(&mut machine, now).or(ready);
            if ready.is_some() && shared.runners.load(Ordering::SeqCst) > 0 {
                shared.changed.notify_all();
                return ready;
            }
            let step = machine.poll_grant(name, now);
            let is_waiting = matches!(step, Step::Wait { .. });
            // A token that is handed out may be due, and no other thread may be there to renew it.
            let is_late = until.is_some_and(|until| Instant::now() >= until);
            if is_waiting && (ready.is_some() || is_late) {
                // No thread would use a place that it gets later. Threads that wait for it queue anew.
                machine.let_go(name, now);
                shared.changed.notify_all();
                return ready;
            }
            machine = shared.take(step, machine, until);
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("machine", &*self.shared.machine())
            .finish_non_exhaustive()
    }
}
