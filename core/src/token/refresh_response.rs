//! What a refresh brings.

use secrecy::{ExposeSecret, SecretString};

use super::AccessToken;
use crate::base_url::BaseUrl;

/// The response to a refresh ([`net2::Refresh`](crate::net2::Refresh), [`v0::Refresh`](crate::v0::Refresh)): a new access token, which can come without parts that the
/// old one had. [`AccessToken::apply_refresh`] takes it. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[must_use = "`AccessToken::apply_refresh` takes it"]
pub struct RefreshResponse(AccessToken);

impl RefreshResponse {
    pub(crate) fn new(token: AccessToken) -> Self {
        Self(token)
    }

    /// Returns the token as it came: without the refresh token that the response did not bring, and with
    /// [`warnings`](AccessToken::warnings) of what could not be read.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.0
    }

    /// Returns the token, with this refresh token where the response brought none. For a caller that has stored
    /// nothing but the refresh token that it sent.
    #[must_use]
    pub fn into_token(self, sent: SecretString) -> AccessToken {
        let mut token = self.0;
        token.parts_mut().refresh_token.get_or_insert(sent);
        token
    }
}

/// What a refresh changed besides the token and its expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a token that moved, or whose refresh token was rotated, must be stored anew"]
pub struct TokenChanges {
    moved_from: Option<BaseUrl>,
    refresh_token: bool,
}

impl TokenChanges {
    /// Returns the base URL that the token had before, where it has another now: one that the response names inside
    /// the trust domain, or the one that the refresh was sent to. Later requests go to the new one.
    #[must_use]
    pub fn moved_from(&self) -> Option<&BaseUrl> {
        self.moved_from.as_ref()
    }

    /// Returns whether the refresh token was rotated: the response brought one that differs from the old one, which it
    /// replaces.
    #[must_use]
    pub fn has_new_refresh_token(&self) -> bool {
        self.refresh_token
    }
}

impl AccessToken {
    /// Replaces the token by the one that a refresh brought, and returns what else changed.
    ///
    /// The refresh token and the scopes are kept where the response brings none. So is the refresh token's expiry, with the
    /// old refresh token alone, and is then the earliest that it can be: its use has prolonged its life. The token's expiry and the ID
    /// token are those of the response, known or not. The base URL is the one that the response names inside the trust
    /// domain of the one that was asked, or else the one that was asked. The warnings are those of the new document.
    pub fn apply_refresh(&mut self, response: RefreshResponse) -> TokenChanges {
        let old = std::mem::replace(self, response.0).into_parts();
        let new = self.parts_mut();
        let is_new = match (&new.refresh_token, &old.refresh_token) {
            (Some(new), Some(old)) => new.expose_secret() != old.expose_secret(),
            (new, _) => new.is_some(),
        };
        if !is_new {
            new.refresh_token = old.refresh_token;
            // A refresh prolongs the life of its refresh token, so the old end is no later than the true one.
            new.refresh_expires_at = new.refresh_expires_at.or(old.refresh_expires_at);
        }
        new.scope = new.scope.take().or(old.scope);
        TokenChanges {
            moved_from: (old.base_url != new.base_url).then_some(old.base_url),
            refresh_token: is_new,
        }
    }
}
