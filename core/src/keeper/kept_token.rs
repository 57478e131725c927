//! A token that a keeper hands out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use super::time::{draw, earlier, later, percent, share};
use super::{Grant, GrantName, KeepError, Policy, Version};
use crate::token::{AccessToken, TokenScheme};

/// The earliest before its end that a token is renewed.
const MAX_EARLY: Duration = Duration::from_secs(30 * 86_400);

/// It was handed out.
const ASKED: u8 = 1;
/// It is not the grant's current token any more, or was rejected.
const STALE: u8 = 2;

/// An access token that a keeper hands out, of one version of a grant.
pub struct KeptToken {
    name: GrantName,
    version: Version,
    grant: Grant,
    renew_at: SystemTime,
    /// How much of its life must be left to hand it out without waiting, in milliseconds.
    margin: u32,
    expires_at: SystemTime,
    flags: AtomicU8,
}

impl KeptToken {
    pub(super) fn new(
        name: GrantName,
        version: Version,
        grant: Grant,
        policy: &Policy,
        seed: u128,
    ) -> Self {
        let life = grant.life();
        let early = life
            .saturating_sub(percent(life, policy.renew_after))
            .min(MAX_EARLY);
        // Up to a quarter of it sooner or later.
        let drawn = draw(seed, (name.as_str(), version));
        let early = percent(early, 75).saturating_add(share(percent(early, 50), drawn));
        let expires_at = later(grant.received_at(), life);
        // So it is due before it must be waited for.
        let margin = policy.margin.min(percent(early, 50));
        Self {
            name,
            version,
            renew_at: earlier(expires_at, early),
            margin: u32::try_from(margin.as_millis()).unwrap_or(u32::MAX),
            expires_at,
            flags: AtomicU8::new(flags_of(&grant)),
            grant,
        }
    }

    /// Returns the token, which authorizes requests. It comes without its refresh token, which is the keeper's.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        self.grant.token()
    }

    /// Returns the name of its grant.
    #[must_use]
    pub fn name(&self) -> &GrantName {
        &self.name
    }

    /// Returns its version, which names it where the token itself must not stand.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns when it expires. Where Concur did not say, an hour after it was received, or a day in
    /// [`net2`](crate::net2).
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    /// Returns from when on it is renewed, if it was asked for.
    #[must_use]
    pub fn renew_at(&self) -> SystemTime {
        self.renew_at
    }

    /// Returns whether it can be used at `now` without a question to the keeper: it is the grant's current token, and need
    /// not be renewed yet. That it was asked for is noted.
    ///
    /// It takes no lock. A driver calls this before it takes the keeper's.
    #[must_use]
    pub fn is_current_at(&self, now: SystemTime) -> bool {
        let flags = self.flags.load(Ordering::Relaxed);
        if flags & STALE != 0 || now >= self.renew_at {
            return false;
        }
        if flags & ASKED == 0 {
            self.flags.fetch_or(ASKED, Ordering::Relaxed);
        }
        true
    }

    /// Returns whether it can authorize the revocation of its own grant, as [`RevokeConnections`](crate::v0::RevokeConnections)
    /// needs it.
    ///
    /// # Errors
    ///
    /// [`KeepError::NeedsAdministrator`] for a token of [`net2`](crate::net2), and [`KeepError::NotRevocable`] for one of the
    /// application itself.
    pub fn check_revocable(&self) -> Result<(), KeepError> {
        let name = self.name.clone();
        if self.grant.is_of_application() {
            return Err(KeepError::NotRevocable { name });
        }
        match self.token().scheme() {
            TokenScheme::Bearer => Ok(()),
            TokenScheme::OAuth => Err(KeepError::NeedsAdministrator { name }),
        }
    }

    pub(super) fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Returns whether it has more than its margin left.
    pub(super) fn is_usable_at(&self, now: SystemTime) -> bool {
        let margin = Duration::from_millis(self.margin.into());
        self.grant.has_token() && now < earlier(self.expires_at, margin)
    }

    pub(super) fn is_alive_at(&self, now: SystemTime) -> bool {
        self.grant.has_token() && now < self.expires_at
    }

    pub(super) fn note_asked(&self) {
        self.flags.fetch_or(ASKED, Ordering::Relaxed);
    }

    pub(super) fn was_asked(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & ASKED != 0
    }

    /// Has each holder ask the keeper again.
    pub(super) fn make_stale(&self) {
        self.flags.fetch_or(STALE, Ordering::Relaxed);
    }

    /// Returns the same token with its times `step` earlier, for a clock that stepped back.
    pub(super) fn stepped_back(&self, step: Duration) -> Arc<Self> {
        self.make_stale();
        Arc::new(Self {
            name: self.name.clone(),
            version: self.version,
            grant: self.grant.stepped_back(step),
            renew_at: earlier(self.renew_at, step),
            margin: self.margin,
            expires_at: earlier(self.expires_at, step),
            flags: AtomicU8::new(
                self.flags.load(Ordering::Relaxed) & ASKED | flags_of(&self.grant),
            ),
        })
    }
}

/// Returns the flags of a new token. An empty one is none: each holder asks the keeper.
fn flags_of(grant: &Grant) -> u8 {
    if grant.has_token() { 0 } else { STALE }
}

impl fmt::Debug for KeptToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptToken")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
