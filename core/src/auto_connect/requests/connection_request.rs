//! One user's connection request.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::ConnectionRequestId;
use crate::authorization::RequestToken;
use crate::document_warning::DocumentWarning;

/// A connection request: a user pressed Connect at Concur, entered their membership at the supplier, and
/// consented.
///
/// What it says of the user is what the user typed, and unchecked: match it against your own records. A field is
/// `None` where it is missing or empty, or where it cannot be used, which is one of the
/// [`warnings`](Self::warnings).
///
/// `Debug` shows neither the request token nor anything that identifies the user.
#[derive(Clone)]
pub struct ConnectionRequest {
    pub(super) id: Option<ConnectionRequestId>,
    pub(super) request_token: Option<RequestToken>,
    pub(super) last_modified: Option<SystemTime>,
    pub(super) status: Option<Box<str>>,
    pub(super) loyalty_number: Option<Box<str>>,
    pub(super) first_name: Option<Box<str>>,
    pub(super) middle_name: Option<Box<str>>,
    pub(super) last_name: Option<Box<str>>,
    pub(super) user_id: Option<Box<str>>,
    pub(super) email_addresses: Vec<Box<str>>,
    pub(super) warnings: Vec<DocumentWarning>,
}

impl ConnectionRequest {
    /// Returns its ID, by which it is [reported](super::ReportConnection), fetched and deleted.
    #[must_use]
    pub fn id(&self) -> Option<&ConnectionRequestId> {
        self.id.as_ref()
    }

    /// Returns the request token, for a [`CodeExchange`](crate::net2::CodeExchange) or a
    /// [`RequestTokenGrant`](crate::v0::RequestTokenGrant).
    #[must_use]
    pub fn request_token(&self) -> Option<&RequestToken> {
        self.request_token.as_ref()
    }

    /// Returns when it was last modified.
    #[must_use]
    pub fn last_modified(&self) -> Option<SystemTime> {
        self.last_modified
    }

    /// Returns how long the request token is still valid at `now`: zero once it has expired, `None` where
    /// that is not known.
    ///
    /// It counts the [15 minutes](RequestToken::LIFETIME) of `net2` from when the request was last modified, which for a
    /// pending one is when the token was issued. Concur has the last word. (In `v0` it lives for
    /// [24 hours](crate::v0::RequestTokenGrant::LIFETIME).)
    #[must_use]
    pub fn request_token_time_left_at(&self, now: SystemTime) -> Option<Duration> {
        self.time_left_of(RequestToken::LIFETIME, now)
    }

    /// Returns how long a request token that lives so long is still valid at `now`.
    pub(in super::super) fn time_left_of(
        &self,
        life: Duration,
        now: SystemTime,
    ) -> Option<Duration> {
        let expires_at = self.last_modified?.checked_add(life)?;
        Some(expires_at.duration_since(now).unwrap_or_default())
    }

    /// Returns whether the request token has expired at `now`, or `None` where that is not known.
    #[must_use]
    pub fn is_request_token_expired_at(&self, now: SystemTime) -> Option<bool> {
        let left = self.request_token_time_left_at(now)?;
        Some(left.is_zero())
    }

    /// Returns Concur's word or code for its status.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// Returns the user's loyalty number with the supplier.
    #[must_use]
    pub fn loyalty_number(&self) -> Option<&str> {
        self.loyalty_number.as_deref()
    }

    /// Returns the user's first name.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        self.first_name.as_deref()
    }

    /// Returns the user's middle name.
    #[must_use]
    pub fn middle_name(&self) -> Option<&str> {
        self.middle_name.as_deref()
    }

    /// Returns the user's last name.
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        self.last_name.as_deref()
    }

    /// Returns Concur's ID of the user, in [v3.2](super::Version::V3_2).
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Returns the user's e-mail addresses, from [v3.1](super::Version::V3_1) on. Concur documents five at most.
    pub fn email_addresses(&self) -> impl Iterator<Item = &str> {
        self.email_addresses.iter().map(AsRef::as_ref)
    }

    /// Returns what was wrong with single fields of the connection request.
    #[must_use]
    pub fn warnings(&self) -> &[DocumentWarning] {
        &self.warnings
    }
}

impl fmt::Debug for ConnectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRequest")
            .field("id", &self.id)
            .field("request_token", &self.request_token)
            .field("last_modified", &self.last_modified)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
