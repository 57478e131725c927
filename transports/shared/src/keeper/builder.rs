//! The builder of a keeper, for threads and for tasks.

use std::fmt;
use std::time::{Duration, SystemTime};

use concur_oauth_core::Application;
use concur_oauth_core::keeper::{self, ClientCredentials, Event, GrantName, Policy, PolicyError};

use crate::Settings;

/// What events are told to.
pub type OnEvent = Box<dyn Fn(&Event) + Send + Sync>;

/// What a keeper is made of: a client and a store.
pub trait KeeperParts {
    /// The keeper, and what runs it.
    type Built;

    /// Returns the settings of the client.
    fn settings(&self) -> &Settings;

    /// Puts the keeper together.
    fn build(self, setup: Setup) -> Self::Built;
}

/// What a builder has set.
pub struct Setup {
    /// The state machine.
    pub machine: keeper::Keeper,
    /// The deadline of an exchange.
    pub deadline: Duration,
    /// What events are told to.
    pub on_event: OnEvent,
}

/// Builds a keeper.
#[must_use = "a builder does nothing until `build` is called"]
pub struct KeeperBuilder<P> {
    parts: P,
    policy: Policy,
    applications: Vec<Application>,
    client_credentials: Vec<(GrantName, ClientCredentials)>,
    on_event: OnEvent,
}

impl<P: KeeperParts> KeeperBuilder<P> {
    /// Creates a builder with the defaults.
    pub fn new(parts: P) -> Self {
        Self {
            parts,
            policy: Policy::default(),
            applications: Vec::new(),
            client_credentials: Vec::new(),
            on_event: Box::new(|_| {}),
        }
    }

    /// Adds an application, whose grants can be renewed then.
    pub fn application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// Has tokens of an application itself under this name, which are kept in memory alone. Each name takes the last credentials that it
    /// is given.
    ///
    /// Meanwhile a stored grant of the name is hidden: it is neither handed out nor kept alive, so use a name of its own. A grant that is
    /// put takes the place of the credentials, and where they are forgotten the stored grant is seen again.
    pub fn client_credentials(mut self, name: GrantName, credentials: ClientCredentials) -> Self {
        self.client_credentials.push((name, credentials));
        self
    }

    /// Sets the policy: [`Policy::default`] by default. The deadline in it is replaced by the client's.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Has each event told to this function, by the thread or task on which it happened, with no lock held. What it does delays
    /// that, so it must not block a task.
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_event = Box::new(on_event);
        self
    }

    /// Builds the keeper; for tasks, with the [`Runner`](super::Runner) that must be spawned. Nothing is read from the store yet:
    /// each grant is, when it is first asked for.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] where grants could be lost under the policy with this client's deadline, or no randomness can be drawn.
    pub fn build(self) -> Result<P::Built, PolicyError> {
        let settings = self.parts.settings();
        let deadline = settings.timeout();
        let seed = settings.random().ok_or(PolicyError::NoRandomness)?;
        let policy = self.policy.deadline(deadline);
        let mut machine = keeper::Keeper::new(policy, u128::from_ne_bytes(seed))?;
        let now = SystemTime::now();
        for application in self.applications {
            machine.set_application(application, now);
        }
        for (name, credentials) in self.client_credentials {
            // Nothing is in use yet.
            let _ = machine.set_client_credentials(&name, credentials, now);
        }
        Ok(self.parts.build(Setup {
            machine,
            deadline,
            on_event: self.on_event,
        }))
    }
}

impl<P> fmt::Debug for KeeperBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeeperBuilder")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
