//! Grants: request tokens, and the tokens that they were exchanged for.

use std::time::{Duration, SystemTime};

use super::random;

/// How long a request token is valid: 15 minutes.
const REQUEST_TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Clone)]
pub(crate) struct Grants {
    /// How long an access token is valid.
    pub(crate) token_life: Duration,
    request_tokens: Vec<RequestToken>,
    issued: Vec<Grant>,
}

#[derive(Debug, Clone)]
struct RequestToken {
    code: String,
    key: String,
    login_id: String,
    expires_at: SystemTime,
}

/// A user's grant to an application.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_at: SystemTime,
    pub(crate) login_id: String,
    pub(crate) key: String,
    revoked: bool,
}

impl Grant {
    pub(crate) fn is_valid_at(&self, now: SystemTime) -> bool {
        !self.revoked && self.expires_at > now
    }
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            token_life: Duration::from_secs(365 * 86_400),
            request_tokens: Vec::new(),
            issued: Vec::new(),
        }
    }
}

impl Grants {
    /// Records a user's consent under a request token.
    pub(crate) fn consent(&mut self, code: String, key: &str, login_id: &str, now: SystemTime) {
        self.request_tokens.push(RequestToken {
            code,
            key: key.to_owned(),
            login_id: login_id.to_owned(),
            expires_at: later(now, REQUEST_TOKEN_LIFE),
        });
    }

    /// Issues a token of a user to an application.
    pub(crate) fn issue(&mut self, key: &str, login_id: &str, now: SystemTime) -> &Grant {
        self.add([random::token(), random::code()], key, login_id, now)
    }

    /// Adds this access token and this refresh token of a user.
    pub(crate) fn add(
        &mut self,
        tokens: [String; 2],
        key: &str,
        login_id: &str,
        now: SystemTime,
    ) -> &Grant {
        let [access_token, refresh_token] = tokens;
        let grant = Grant {
            access_token,
            refresh_token,
            expires_at: later(now, self.token_life),
            login_id: login_id.to_owned(),
            key: key.to_owned(),
            revoked: false,
        };
        self.issued.push(grant);
        &self.issued[self.issued.len() - 1]
    }

    /// Uses a request token up. Returns the login ID of its user, or why it is not valid.
    pub(crate) fn spend(
        &mut self,
        key: &str,
        code: &str,
        now: SystemTime,
    ) -> Result<String, &'static str> {
        let mut all = self.request_tokens.iter();
        let found = all.position(|token| token.code == code && token.key == key);
        let found = found.ok_or("Invalid request token")?;
        // An expired one is used up too.
        let token = self.request_tokens.swap_remove(found);
        if token.expires_at <= now {
            return Err("The request token has expired");
        }
        Ok(token.login_id)
    }

    /// Issues a new access token for a refresh token, which stays valid.
    pub(crate) fn refresh(
        &mut self,
        key: &str,
        refresh_token: &str,
        now: SystemTime,
    ) -> Result<&Grant, &'static str> {
        let token_life = self.token_life;
        let mut all = self.issued.iter_mut();
        let grant = all
            .find(|grant| grant.refresh_token == refresh_token && grant.key == key)
            .ok_or("Invalid refresh token")?;
        if grant.revoked {
            return Err("The token has been revoked");
        }
        grant.access_token = random::token();
        grant.expires_at = later(now, token_life);
        Ok(grant)
    }

    /// Returns the grant of an access token, or why it is not valid.
    pub(crate) fn holder(&self, token: &str, now: SystemTime) -> Result<&Grant, &'static str> {
        let mut all = self.issued.iter();
        match all.find(|grant| grant.access_token == token) {
            Some(grant) if grant.revoked => Err("The token has been revoked"),
            Some(grant) if grant.expires_at <= now => Err("The token has expired"),
            Some(grant) => Ok(grant),
            None => Err("Invalid token"),
        }
    }

    /// Returns whether an application has a valid token of a user.
    pub(crate) fn has_good(&self, key: &str, login_id: &str, now: SystemTime) -> bool {
        let mut all = self.issued.iter();
        all.any(|grant| grant.key == key && grant.login_id == login_id && grant.is_valid_at(now))
    }

    /// Returns what was granted, in its order.
    pub(crate) fn all(&self) -> &[Grant] {
        &self.issued
    }

    /// Ends the access token of the grant at this place now. Returns `false` if there is none.
    pub(crate) fn expire(&mut self, at: usize, now: SystemTime) -> bool {
        let Some(grant) = self.issued.get_mut(at) else {
            return false;
        };
        grant.expires_at = grant.expires_at.min(now);
        true
    }

    /// Revokes one token. Returns `false` if there is none.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.revoke_where(|grant| grant.access_token == token)
    }

    /// Revokes all tokens of a user for an application. Returns `false` if there is none.
    pub(crate) fn revoke_user(&mut self, key: &str, login_id: &str) -> bool {
        self.revoke_where(|grant| grant.key == key && grant.login_id == login_id)
    }

    fn revoke_where(&mut self, revoked: impl Fn(&Grant) -> bool) -> bool {
        let mut any = false;
        for grant in self.issued.iter_mut().filter(|grant| revoked(grant)) {
            grant.revoked = true;
            any = true;
        }
        any
    }
}

fn later(now: SystemTime, life: Duration) -> SystemTime {
    now.checked_add(life).unwrap_or(now)
}
