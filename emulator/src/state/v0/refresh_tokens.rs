//! Refresh tokens, and what a refresh does to them.

use std::time::{Duration, SystemTime};

use super::random;

/// What a refresh does to its refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rotation {
    /// The refresh token stays the same.
    #[default]
    Same,
    /// A new one is issued, and the old ones stay valid.
    KeepOld,
    /// A new one is issued, and the one before stays valid until the next is issued.
    KeepLastTwo,
    /// A new one is issued, and the old ones are refused.
    RefuseOld,
    /// A new one is issued. An old one that is used again ends them all.
    KillOld,
}

/// The refresh tokens of all applications.
#[derive(Debug, Clone)]
pub(crate) struct RefreshTokens {
    pub(crate) rotation: Rotation,
    /// How long a refresh token is valid from its last use.
    pub(crate) life: Duration,
    families: Vec<Family>,
}

impl Default for RefreshTokens {
    fn default() -> Self {
        Self {
            rotation: Rotation::default(),
            life: Duration::from_secs(180 * 86_400),
            families: Vec::new(),
        }
    }
}

/// The refresh tokens that came of one grant.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) client_id: String,
    pub(crate) principal: String,
    pub(crate) scope: String,
    current: String,
    old: Vec<String>,
    expires_at: SystemTime,
    is_revoked: bool,
}

/// Why a refresh token is refused.
pub(crate) enum Dead {
    /// It is not known, expired, revoked, or was used before.
    Expired,
    /// It was issued to another application.
    Foreign,
}

impl RefreshTokens {
    /// Issues the first refresh token of a grant.
    pub(crate) fn begin(
        &mut self,
        client_id: &str,
        principal: &str,
        scope: &str,
        now: SystemTime,
    ) -> (String, SystemTime) {
        let family = Family {
            client_id: client_id.to_owned(),
            principal: principal.to_owned(),
            scope: scope.to_owned(),
            current: random::lower(30),
            old: Vec::new(),
            expires_at: later(now, self.life),
            is_revoked: false,
        };
        let issued = (family.current.clone(), family.expires_at);
        self.families.push(family);
        issued
    }

    /// Returns the company or user that a refresh token is for.
    pub(crate) fn principal(&self, refresh_token: &str) -> Option<&str> {
        let mut all = self.families.iter();
        let family = all.find(|family| family.has(refresh_token))?;
        Some(&family.principal)
    }

    /// Returns the scopes that a refresh token was granted with.
    pub(crate) fn scope(&self, refresh_token: &str) -> String {
        let mut all = self.families.iter();
        let family = all.find(|family| family.has(refresh_token));
        family
            .map(|family| family.scope.clone())
            .unwrap_or_default()
    }

    /// Returns whether a refresh token was issued to this application.
    pub(crate) fn is_of(&self, client_id: &str, refresh_token: &str) -> bool {
        let mut all = self.families.iter();
        all.any(|family| family.client_id == client_id && family.has(refresh_token))
    }

    /// Uses a refresh token. Returns its family, and the refresh token that the response has.
    pub(crate) fn refresh(
        &mut self,
        client_id: &str,
        refresh_token: &str,
        now: SystemTime,
    ) -> Result<(&Family, (String, SystemTime)), Dead> {
        let (rotation, life) = (self.rotation, self.life);
        let mut all = self.families.iter_mut();
        let family = all
            .find(|family| family.has(refresh_token))
            .ok_or(Dead::Expired)?;
        if family.client_id != client_id {
            return Err(Dead::Foreign);
        }
        let is_old = family.current != refresh_token;
        if is_old && rotation == Rotation::KillOld {
            family.is_revoked = true;
        }
        let is_refused = match rotation {
            Rotation::Same | Rotation::KeepOld => false,
            Rotation::KeepLastTwo => {
                is_old && family.old.last().is_none_or(|last| last != refresh_token)
            }
            Rotation::RefuseOld | Rotation::KillOld => is_old,
        };
        if is_refused || family.is_revoked || family.expires_at <= now {
            return Err(Dead::Expired);
        }
        if rotation != Rotation::Same {
            let new = random::lower(30);
            family.old.push(std::mem::replace(&mut family.current, new));
        }
        family.expires_at = later(now, life);
        let issued = (family.current.clone(), family.expires_at);
        Ok((family, issued))
    }

    /// Ends all refresh tokens of a company or user for an application.
    pub(crate) fn revoke(&mut self, client_id: &str, principal: &str) {
        for family in &mut self.families {
            if family.client_id == client_id && family.principal == principal {
                family.is_revoked = true;
            }
        }
    }

    /// Returns the families, in the order in which they began.
    pub(crate) fn families(&self) -> &[Family] {
        &self.families
    }

    /// Ends the family at this place now. Returns `false` if there is none.
    pub(crate) fn expire(&mut self, at: usize, now: SystemTime) -> bool {
        let Some(family) = self.families.get_mut(at) else {
            return false;
        };
        family.expires_at = family.expires_at.min(now);
        true
    }

    pub(crate) fn has(&self, client_id: &str, principal: &str, now: SystemTime) -> bool {
        self.families.iter().any(|family| {
            family.client_id == client_id
                && family.principal == principal
                && family.is_valid_at(now)
        })
    }
}

impl Family {
    pub(crate) fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    pub(crate) fn is_valid_at(&self, now: SystemTime) -> bool {
        !self.is_revoked && self.expires_at > now
    }

    fn has(&self, refresh_token: &str) -> bool {
        self.current == refresh_token || self.old.iter().any(|old| old == refresh_token)
    }
}

fn later(now: SystemTime, life: Duration) -> SystemTime {
    now.checked_add(life).unwrap_or(now)
}
