//! What a refresh brings.

use std::fmt;

use super::AccessToken;

/// The answer to a [refresh](crate::Refresh): a new access token, that may come without what the old one
/// had. [`AccessToken::renew`] takes it.
#[derive(Clone)]
#[must_use = "the old token is renewed by `AccessToken::renew`"]
pub struct Renewal(AccessToken);

impl From<AccessToken> for Renewal {
    fn from(token: AccessToken) -> Self {
        Self(token)
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Renewal").field(&self.0).finish()
    }
}

impl AccessToken {
    /// Replaces the token by a renewed one. The refresh token and the instance URL are kept where the
    /// renewal brings none that can be used; the expiry is the new token's, known or not.
    pub fn renew(&mut self, renewal: Renewal) {
        let Renewal(new) = renewal;
        self.token = new.token;
        self.expires_at = new.expires_at;
        if let Ok(Some(_)) = new.refresh_token {
            self.refresh_token = new.refresh_token;
        }
        if let Ok(Some(_)) = new.instance_url {
            self.instance_url = new.instance_url;
        } else if self.own_instance().is_none() {
            self.asked = new.asked;
        }
    }
}
