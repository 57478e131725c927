//! The builder of a keeper.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Condvar, Mutex};
use std::time::SystemTime;

use concur_oauth_core::Application;
use concur_oauth_core::keeper::{self, Event, Policy, PolicyError, Store};
use concur_oauth_shared::keeper::Tokens;

use super::Keeper;
use super::driver::Shared;
use crate::Client;

/// Builds a [`Keeper`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct KeeperBuilder {
    client: Client,
    store: Box<dyn Store>,
    policy: Policy,
    applications: Vec<Application>,
    on_event: Box<dyn Fn(&Event) + Send + Sync>,
}

impl KeeperBuilder {
    pub(super) fn new(client: Client, store: Box<dyn Store>) -> Self {
        Self {
            client,
            store,
            policy: Policy::default(),
            applications: Vec::new(),
            on_event: Box::new(|_| {}),
        }
    }

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

    /// Has each event told to this function, on the thread on which it happened, with no lock held. What it does delays that
    /// thread.
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Builds the keeper. Nothing is read from the store yet: each grant is, when it is first asked for.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where grants could be lost under the policy with this client's deadline, or no randomness can be drawn.
    pub fn build(self) -> Result<Keeper, PolicyError> {
        let settings = self.client.settings();
        let deadline = settings.timeout();
        let seed = settings.random().ok_or(PolicyError::NoRandomness)?;
        let mut machine =
            keeper::Keeper::new(self.policy.deadline(deadline), u128::from_ne_bytes(seed))?;
        for application in self.applications {
            machine.set_application(application, SystemTime::now());
        }
        let shared = Shared {
            client: self.client,
            store: self.store,
            tokens: Tokens::default(),
            machine: Mutex::new(machine),
            changed: Condvar::new(),
            runners: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            deadline,
            on_event: self.on_event,
            events: Mutex::default(),
            teller: Mutex::new(()),
        };
        Ok(Keeper {
            shared: Arc::new(shared),
        })
    }
}

impl fmt::Debug for KeeperBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeeperBuilder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
