//! Why a keeper has no token.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::{GrantName, StoreError};
use crate::application::ConsumerKey;
use crate::error::{Error, Report};
use crate::input::InputError;
use crate::wire::date::Rfc3339;

/// Why a keeper has no token. Clones share the cause: all callers that wait for one renewal get the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The name cannot be that of a grant.
    #[error(transparent)]
    Name(#[from] InputError),
    /// The store has no grant of this name, or it was forgotten.
    #[error(
        "there is no grant {name}: connect the user or company, and put the grant that comes; for an application's own token, set its credentials"
    )]
    Unknown {
        /// The name.
        name: GrantName,
    },
    /// The grant is dead: its refresh token was refused for good. A person must consent anew.
    #[error(
        "the grant {name} needs consent: connect the user or company anew, and put the grant that comes"
    )]
    NeedsConsent {
        /// The name.
        name: GrantName,
        /// What Concur said, where this process heard it.
        #[source]
        source: Option<Arc<Error>>,
    },
    /// Concur refuses this grant for now: its user or company must do something first.
    #[error("Concur refuses the grant {name} until something is done; it is asked again at {}", Rfc3339(*until))]
    Refused {
        /// The name.
        name: GrantName,
        /// When Concur is asked again.
        until: SystemTime,
        /// What Concur said.
        #[source]
        source: Arc<Error>,
    },
    /// Concur refuses the application, so none of its grants is renewed.
    #[error("Concur refuses the application {}: correct its ID, secret or settings, and set it anew; it is asked again at {}", client_id.as_str(), Rfc3339(*until))]
    ApplicationRefused {
        /// The application's client ID or consumer key.
        client_id: ConsumerKey,
        /// When Concur is asked again.
        until: SystemTime,
        /// What Concur said.
        #[source]
        source: Arc<Error>,
    },
    /// The grant is for an application that the keeper was not given.
    #[error("the grant {name} is for the application {}: give the keeper that application, with its secret", client_id.as_str())]
    NoApplication {
        /// The name.
        name: GrantName,
        /// The application's client ID or consumer key.
        client_id: ConsumerKey,
    },
    /// The renewal failed, and is tried again by itself, or when the token is asked for.
    #[error("the exchange with Concur for {name} failed; it is worth another try at {}", Rfc3339(*until))]
    Failed {
        /// The name.
        name: GrantName,
        /// When it is tried again.
        until: SystemTime,
        /// What failed.
        #[source]
        source: Arc<Error>,
    },
    /// The revocation failed, and is not tried again by itself. The grant is kept.
    #[error("the grant {name} is kept, as it could not be revoked: revoke it again, at {} or later", Rfc3339(*until))]
    NotRevoked {
        /// The name.
        name: GrantName,
        /// When it is worth another try.
        until: SystemTime,
        /// What failed. Where [`may_have_reached_concur`](Error::may_have_reached_concur) is true, Concur can have revoked it all the
        /// same.
        #[source]
        source: Arc<Error>,
    },
    /// The store could not be used.
    #[error("the store could not be used for {name}; it is tried again at {}", Rfc3339(*until))]
    Store {
        /// The name.
        name: GrantName,
        /// When it is tried again.
        until: SystemTime,
        /// What the store said.
        #[source]
        source: Arc<StoreError>,
    },
    /// A grant of [`net2`](crate::net2) is not revoked by its own token.
    #[error(
        "the grant {name} is of the older service: have an administrator's token revoke it, and forget it then"
    )]
    NeedsAdministrator {
        /// The name.
        name: GrantName,
    },
    /// The token is the application's own, which Concur does not revoke.
    #[error(
        "the token of {name} is the application's own, which Concur does not revoke: it ends by itself"
    )]
    NotRevocable {
        /// The name.
        name: GrantName,
    },
    /// Nothing is renewed: the keeper was stopped, or nothing runs it.
    #[error(
        "the keeper was stopped, or nothing runs it: make another, spawn the runner where `build` returns one, and keep its task alive"
    )]
    Stopped,
    /// A renewal is under way, in this process or in another, or had an unknown outcome. It did not end in the time that a caller
    /// waits.
    #[error("the token of {name} is being renewed, or it is not known what became of a renewal, until {} at the latest: ask again then", Rfc3339(*until))]
    Waiting {
        /// The name.
        name: GrantName,
        /// When it ends at the latest.
        until: SystemTime,
    },
}

impl KeepError {
    /// Returns when it is worth asking again, or `None` where something must be done first.
    #[must_use]
    pub fn retry_at(&self) -> Option<SystemTime> {
        match self {
            Self::Refused { until, .. }
            | Self::ApplicationRefused { until, .. }
            | Self::Failed { until, .. }
            | Self::NotRevoked { until, .. }
            | Self::Store { until, .. }
            | Self::Waiting { until, .. } => Some(*until),
            Self::Name(_)
            | Self::Stopped
            | Self::NeedsAdministrator { .. }
            | Self::NotRevocable { .. }
            | Self::Unknown { .. }
            | Self::NeedsConsent { .. }
            | Self::NoApplication { .. } => None,
        }
    }

    /// Returns the error of a revocation that failed at `now`.
    #[must_use]
    pub fn of_revocation(name: GrantName, error: Error, now: SystemTime) -> Self {
        let after = error.retry_after().unwrap_or_default();
        Self::NotRevoked {
            name,
            until: super::time::later(now, after),
            source: Arc::new(error),
        }
    }

    /// Returns the text of the error and of each of its causes in one line, as [`Error::report`] does.
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }

    pub(super) fn stepped_back(&mut self, step: std::time::Duration) {
        match self {
            Self::Refused { until, .. }
            | Self::ApplicationRefused { until, .. }
            | Self::Failed { until, .. }
            | Self::NotRevoked { until, .. }
            | Self::Store { until, .. }
            | Self::Waiting { until, .. } => *until = super::time::earlier(*until, step),
            Self::Name(_)
            | Self::Stopped
            | Self::NeedsAdministrator { .. }
            | Self::NotRevocable { .. }
            | Self::Unknown { .. }
            | Self::NeedsConsent { .. }
            | Self::NoApplication { .. } => {}
        }
    }
}
