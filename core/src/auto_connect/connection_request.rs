//! One user's wish to be connected.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::{FieldError, RequestToken};

/// A connection request: a user pressed Connect at Concur, said who they are at the supplier, and
/// consented.
///
/// What it says of the user is what they typed, and nobody has checked it: match it against
/// your own records. Texts are `None` where they are missing, empty, or stand there more than once.
///
/// `Debug` shows neither the request token nor anything that names the user.
#[derive(Clone)]
pub struct ConnectionRequest {
    pub(super) id: Result<Box<str>, FieldError>,
    pub(super) request_token: Result<RequestToken, FieldError>,
    pub(super) last_modified: Result<Option<SystemTime>, FieldError>,
    pub(super) status: Option<Box<str>>,
    pub(super) loyalty_number: Option<Box<str>>,
    pub(super) first_name: Option<Box<str>>,
    pub(super) middle_name: Option<Box<str>>,
    pub(super) last_name: Option<Box<str>>,
    pub(super) user_id: Option<Box<str>>,
    pub(super) email_addresses: Vec<Box<str>>,
}

impl ConnectionRequest {
    /// Its ID, by which it is [reported](super::ReportConnection), fetched and deleted.
    ///
    /// # Errors
    ///
    /// [`FieldError`] where it has none, more than one, or one that no path can carry.
    pub fn id(&self) -> Result<&str, FieldError> {
        self.id.as_deref().map_err(|error| *error)
    }

    /// The request token, for a [`CodeExchange`](crate::CodeExchange).
    ///
    /// # Errors
    ///
    /// [`FieldError`] where it has none, more than one, or one that cannot be used.
    pub fn request_token(&self) -> Result<&RequestToken, FieldError> {
        self.request_token.as_ref().map_err(|error| *error)
    }

    /// When it was last modified; `None` where Concur did not say.
    ///
    /// # Errors
    ///
    /// [`FieldError`] where it said something that is no date.
    pub fn last_modified(&self) -> Result<Option<SystemTime>, FieldError> {
        self.last_modified
    }

    /// How long the request token is good for, seen from `now`: zero once it has expired, `None` where
    /// that is not known.
    ///
    /// It counts [15 minutes](RequestToken::LIFE) from when the request was last modified, which for a
    /// pending one is when the token was made. Concur has the last word.
    #[must_use]
    pub fn request_token_time_left_at(&self, now: SystemTime) -> Option<Duration> {
        let expires_at = self.last_modified.ok()??.checked_add(RequestToken::LIFE)?;
        Some(expires_at.duration_since(now).unwrap_or_default())
    }

    /// Whether the request token has expired at `now`; `None` where that is not known.
    #[must_use]
    pub fn is_request_token_expired_at(&self, now: SystemTime) -> Option<bool> {
        let left = self.request_token_time_left_at(now)?;
        Some(left.is_zero())
    }

    /// Concur's word or code for where it stands.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The user's number with the supplier.
    #[must_use]
    pub fn loyalty_number(&self) -> Option<&str> {
        self.loyalty_number.as_deref()
    }

    /// The user's first name.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        self.first_name.as_deref()
    }

    /// The user's middle name.
    #[must_use]
    pub fn middle_name(&self) -> Option<&str> {
        self.middle_name.as_deref()
    }

    /// The user's last name.
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        self.last_name.as_deref()
    }

    /// Concur's ID of the user, in [v3.2](super::Version::V3_2).
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// The user's e-mail addresses, five at most as Concur documents it, from
    /// [v3.1](super::Version::V3_1) on.
    pub fn email_addresses(&self) -> impl Iterator<Item = &str> {
        self.email_addresses.iter().map(AsRef::as_ref)
    }
}

impl fmt::Debug for ConnectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRequest")
            .field("id", &self.id)
            .field("request_token", &self.request_token)
            .field("last_modified", &self.last_modified)
            .finish_non_exhaustive()
    }
}
