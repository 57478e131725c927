//! The token that Concur grants.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use super::TokenParts;
use crate::{FieldError, InstanceUrl};

/// An access token, with what Concur said of it. It lives about a year.
///
/// What it may do next: [authorize](Self::authorize) a request to the user's own instance, say how
/// much [time it has left](Self::time_left_at), and be [taken apart](Self::into_parts) for storage.
/// `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub(super) token: SecretString,
    pub(super) refresh_token: Result<Option<SecretString>, FieldError>,
    pub(super) expires_at: Result<Option<SystemTime>, FieldError>,
    pub(super) instance_url: Result<Option<InstanceUrl>, FieldError>,
    /// The instance that was asked, where the answer names none that can be used.
    pub(super) asked: Option<InstanceUrl>,
}

impl AccessToken {
    /// The token itself, for the `Authorization` header of later calls. Guard it like a password.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// When the token expires; `None` where Concur did not say.
    ///
    /// # Errors
    ///
    /// [`FieldError`] where it said something that is no date. The token is good all the same.
    pub fn expires_at(&self) -> Result<Option<SystemTime>, FieldError> {
        self.expires_at
    }

    /// The refresh token; `None` where Concur gave none, as older answers do.
    ///
    /// # Errors
    ///
    /// [`FieldError`] where the answer had more than one, or one that is no text.
    pub fn refresh_token(&self) -> Result<Option<&SecretString>, FieldError> {
        self.refresh_token
            .as_ref()
            .map(Option::as_ref)
            .map_err(|error| *error)
    }

    /// What Concur said of where every later call for this user goes; `None` where it did not say,
    /// as in older answers. Calls then go to the instance that was asked, and
    /// [`authorize`](Self::authorize) sees to that.
    ///
    /// # Errors
    ///
    /// [`FieldError`] where it said something that cannot be used, such as plain http in answer to
    /// an https request. The token is good all the same, at the instance that was asked.
    pub fn instance_url(&self) -> Result<Option<&InstanceUrl>, FieldError> {
        self.instance_url
            .as_ref()
            .map(Option::as_ref)
            .map_err(|error| *error)
    }

    /// Where every later call for this user goes: the instance that Concur [named](Self::instance_url),
    /// or where it named none that can be used, the one that was asked. `None` for a token built from
    /// parts that name none.
    #[must_use]
    pub fn own_instance(&self) -> Option<&InstanceUrl> {
        let stated = self.instance_url.as_ref().ok().and_then(Option::as_ref);
        stated.or(self.asked.as_ref())
    }

    /// Whether the token has expired at `now`; `None` where its expiry is not known.
    #[must_use]
    pub fn is_expired_at(&self, now: SystemTime) -> Option<bool> {
        self.time_left_at(now).map(|left| left.is_zero())
    }

    /// How long the token is good for, seen from `now`: zero once it has expired, `None` where its
    /// expiry is not known.
    #[must_use]
    pub fn time_left_at(&self, now: SystemTime) -> Option<Duration> {
        let expires_at = self.expires_at.ok()??;
        Some(expires_at.duration_since(now).unwrap_or_default())
    }

    /// Takes the token apart, for storage. What could not be read is left out; where that is the
    /// instance URL, the instance that was asked stands in for it.
    #[must_use]
    pub fn into_parts(self) -> TokenParts {
        TokenParts {
            token: self.token,
            refresh_token: self.refresh_token.unwrap_or_default(),
            expires_at: self.expires_at.unwrap_or_default(),
            instance_url: self.instance_url.unwrap_or_default().or(self.asked),
        }
    }
}

impl From<TokenParts> for AccessToken {
    fn from(parts: TokenParts) -> Self {
        Self {
            token: parts.token,
            refresh_token: Ok(parts.refresh_token),
            expires_at: Ok(parts.expires_at),
            instance_url: Ok(parts.instance_url),
            asked: None,
        }
    }
}
