//! What a keeper tells of itself.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::{GrantName, Version};
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::wire::date::Rfc3339;

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
    /// A data center responded with a 503 or 429: nothing is sent to it for a time, which it can have asked for.
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

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ahead => "ahead of its end",
            Self::Expired => "expired",
            Self::Asked => "a later one was asked for",
            Self::KeepAlive => "to keep it alive",
        })
    }
}

/// A line for a log.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renewed {
                name,
                version,
                reason,
                life,
                ..
            } => {
                let life = life.as_secs();
                write!(f, "{name} was renewed ({reason}): {version}, for {life} s")
            }
            Self::RenewalFailed {
                name,
                until,
                may_have_reached_concur,
                code,
                correlation_id,
                ..
            } => {
                write!(
                    f,
                    "{name} was not renewed, and is tried again at {}",
                    Rfc3339(*until)
                )?;
                if *may_have_reached_concur {
                    f.write_str("; it is not known whether Concur renewed it")?;
                }
                if let Some(code) = code {
                    write!(f, "; code {code}")?;
                }
                if let Some(id) = correlation_id {
                    write!(f, "; correlation ID {id:?}")?;
                }
                Ok(())
            }
            Self::NeedsConsent { name, .. } => {
                write!(f, "{name} needs consent: connect the user or company anew")
            }
            Self::Healed { name, .. } => write!(f, "{name} lives again"),
            Self::Unsaved { name, .. } => {
                write!(
                    f,
                    "{name} was renewed and cannot be stored: keep this process alive"
                )
            }
            Self::Saved { name, .. } => write!(f, "{name} is stored now"),
            Self::Superseded { name, version } => {
                write!(
                    f,
                    "another process has stored {name} in the meantime: {version}"
                )
            }
            Self::StoreWentBack { name, stored, held } => {
                write!(f, "the store had {stored} of {name}, and is given {held}")
            }
            Self::Abandoned { name, until } => write!(
                f,
                "a process was ended while it renewed {name}: the others wait until {}",
                Rfc3339(*until)
            ),
            Self::RefreshTokenEnds { name, at } => {
                write!(f, "the refresh token of {name} ends at {}", Rfc3339(*at))
            }
            Self::ApplicationRefused { client_id, until } => write!(
                f,
                "Concur refuses the application {}: correct its ID or secret; it is tried again at {}",
                client_id.as_str(),
                Rfc3339(*until)
            ),
            Self::ApplicationAccepted { client_id } => {
                write!(
                    f,
                    "Concur accepts the application {} again",
                    client_id.as_str()
                )
            }
            Self::HostPaused { host, until } => {
                write!(
                    f,
                    "{host} is unavailable: it is not asked until {}",
                    Rfc3339(*until)
                )
            }
            Self::StoreFailed => f.write_str("the store cannot be used"),
            Self::StoreRecovered => f.write_str("the store can be used again"),
            Self::StoreWarning { advice } => write!(f, "the store can lose grants: {advice}"),
            Self::ClockSteppedBack { by } => {
                write!(f, "the clock stepped back by {} s", by.as_secs())
            }
            Self::Dropped { count } => write!(f, "{count} events were dropped: take them sooner"),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_a_line_for_a_log() {
        let name = GrantName::new("acme").unwrap();
        let version = Version::new(7);
        let renewed = Event::Renewed {
            name: name.clone(),
            version,
            reason: Reason::Ahead,
            rotated: true,
            life: Duration::from_secs(3600),
        };
        assert_eq!(
            renewed.to_string(),
            "acme was renewed (ahead of its end): version 7, for 3600 s"
        );
        let failed = Event::RenewalFailed {
            name,
            version,
            until: SystemTime::UNIX_EPOCH,
            may_have_reached_concur: true,
            code: Some(5),
            correlation_id: Some("a\nb".into()),
        };
        assert_eq!(
            failed.to_string(),
            "acme was not renewed, and is tried again at 1970-01-01T00:00:00Z; it is not known whether Concur renewed it; code 5; \
             correlation ID \"a\\nb\""
        );
    }
}
