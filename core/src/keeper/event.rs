//! What a keeper tells of itself.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use super::{GrantName, Version};
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;

/// Why a grant was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Its token was near its end.
    Ahead,
    /// Its token had expired, or was not held.
    Expired,
    /// A later version was asked for: its token was rejected, or had too little left.
    Asked,
    /// No caller asked for it, and its refresh token would age out.
    KeepAlive,
}

/// Something that happened in a keeper.
///
/// It holds no secret: no token, URL with a query or body is in any of its types.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A grant was renewed, and is stored.
    Renewed {
        /// The grant.
        name: GrantName,
        /// Its new version.
        version: Version,
        /// Why it was renewed.
        reason: Reason,
        /// Whether its refresh token was rotated.
        rotated: bool,
        /// How long the new access token lives.
        life: Duration,
    },
    /// A renewal failed. What is held is handed out as long as it lives.
    RenewalFailed {
        /// The grant.
        name: GrantName,
        /// The version that was to be renewed.
        version: Version,
        /// When it is tried again.
        until: SystemTime,
        /// Whether Concur may have done it all the same, and a rotated refresh token can be lost. A token of the application itself
        /// has no refresh token, so this is `false` for it.
        may_have_reached_concur: bool,
        /// Concur's number of the error.
        code: Option<u32>,
        /// The ID for which Concur's support asks.
        correlation_id: Option<Box<str>>,
    },
    /// A grant is dead: a person must consent anew. There is one such event, in the process that marked it.
    NeedsConsent {
        /// The grant.
        name: GrantName,
        /// Its version.
        version: Version,
    },
    /// A grant that was dead lives again.
    Healed {
        /// The grant.
        name: GrantName,
        /// Its version.
        version: Version,
    },
    /// A renewed grant could not be stored. Its token is handed out from memory, and storing is tried again. Keep the process
    /// alive.
    Unsaved {
        /// The grant.
        name: GrantName,
        /// Its version.
        version: Version,
    },
    /// A grant that could not be stored is stored.
    Saved {
        /// The grant.
        name: GrantName,
        /// Its version.
        version: Version,
    },
    /// What this process had renewed was dropped, because the store has a later grant.
    Superseded {
        /// The grant.
        name: GrantName,
        /// The version that the store has.
        version: Version,
    },
    /// The store had an older version than this process, and was given the newer one.
    StoreWentBack {
        /// The grant.
        name: GrantName,
        /// The version that the store had.
        stored: Version,
        /// The version that this process holds.
        held: Version,
    },
    /// A process was ended while it renewed this grant. It is not known what came of it.
    Abandoned {
        /// The grant.
        name: GrantName,
        /// Until when others wait.
        until: SystemTime,
    },
    /// A refresh token ends soon, and was not renewed.
    RefreshTokenEnds {
        /// The grant.
        name: GrantName,
        /// When it ends.
        at: SystemTime,
    },
    /// Concur refuses an application. None of its grants is renewed until it accepts it.
    ApplicationRefused {
        /// The application.
        client_id: ConsumerKey,
        /// When Concur is asked again.
        until: SystemTime,
    },
    /// Concur accepts an application that it had refused.
    ApplicationAccepted {
        /// The application.
        client_id: ConsumerKey,
    },
    /// A data center asked for a pause.
    HostPaused {
        /// The data center.
        host: BaseUrl,
        /// Until when.
        until: SystemTime,
    },
    /// The store could not be used. There is one such event until it can.
    StoreFailed,
    /// The store can be used again.
    StoreRecovered,
    /// The store is set up in a way in which grants can be lost.
    StoreWarning {
        /// What to do about it.
        advice: Box<str>,
    },
    /// The clock stepped back. The times that are waited for moved with it.
    ClockSteppedBack {
        /// How far.
        by: Duration,
    },
    /// Events that were not taken were dropped.
    Dropped {
        /// How many.
        count: u64,
    },
}

/// How many events wait at most.
const MAX_EVENTS: usize = 1024;

/// The events that are not taken yet.
#[derive(Debug, Default, Clone)]
pub(super) struct Events {
    waiting: VecDeque<Event>,
    dropped: u64,
}

impl Events {
    pub(super) fn push(&mut self, event: Event) {
        if self.waiting.len() < MAX_EVENTS {
            self.waiting.push_back(event);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Adds an event, if there is one.
    pub(super) fn extend(&mut self, event: Option<Event>) {
        if let Some(event) = event {
            self.push(event);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let next = self.waiting.pop_front();
        next.or_else(|| {
            let count = std::mem::take(&mut self.dropped);
            (count > 0).then_some(Event::Dropped { count })
        })
    }
}
