//! What a refresh brings.

use super::AccessToken;

/// The answer to a [refresh](crate::Refresh): a new access token, that may come without what the old one
/// had. [`AccessToken::renew`] takes it. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[must_use = "the old token is renewed by `AccessToken::renew`"]
pub struct Renewal(pub(crate) AccessToken);

impl Renewal {
    /// The token as it came: what the answer did not bring is not in it, and what could not be read says so.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.0
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
        }
    }
}
