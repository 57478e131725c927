//! What a keeper is made of.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Condvar, Mutex};

use concur_oauth_core::keeper::Store;
use concur_oauth_shared::Settings;
use concur_oauth_shared::keeper::{KeeperParts, Setup, Tokens};

use super::Keeper;
use super::driver::Shared;
use crate::Client;

/// A client and a store, of which a [`Keeper`] is made.
pub struct Parts {
    pub(super) client: Client,
    pub(super) store: Box<dyn Store>,
}

impl KeeperParts for Parts {
    type Built = Keeper;

    fn settings(&self) -> &Settings {
        self.client.settings()
    }

    fn build(self, setup: Setup) -> Keeper {
        let shared = Shared {
            client: self.client,
            store: self.store,
            tokens: Tokens::default(),
            machine: Mutex::new(setup.machine),
            changed: Condvar::new(),
            runners: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            deadline: setup.deadline,
            on_event: setup.on_event,
            events: Mutex::default(),
            teller: Mutex::new(()),
        };
        Keeper {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}
