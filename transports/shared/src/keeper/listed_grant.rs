//! A grant in a list of a store's.

use std::time::Duration;

use concur_oauth_core::keeper::{GrantName, Lease, Version};

/// A grant in the list of a store that seals: what is stored of it in the clear.
#[derive(Debug, Clone)]
pub struct ListedGrant {
    /// Its name.
    pub name: GrantName,
    /// Its version.
    pub version: Version,
    /// Whether Concur has ended it, so that a person must consent anew.
    pub dead: bool,
    /// How long ago the version was stored.
    pub age: Duration,
    /// How long it is until it is renewed if no caller asks for it.
    pub due_in: Duration,
    /// The lease of the process that renews it.
    pub lease: Option<Lease>,
}
