//! The request token that a user's consent brings.

use std::time::Duration;

use secrecy::SecretString;

use crate::input::{InputError, InputField};
use crate::secret;

/// A request token, `code` in OAuth's words. Concur issues it once a user has consented, and the
/// [code exchange](crate::net2::CodeExchange) spends it.
///
/// It is valid for [15 minutes](Self::LIFETIME), once, in `net2`, and for
/// [24 hours](crate::v0::RequestTokenGrant::LIFETIME), a few times, in `v0`. It comes with the user's browser
/// ([`parse_callback`] and [`parse_app_center_callback`]) or in a connection request. `Debug` does not show
/// it, and it is wiped when it is dropped.
///
/// [`parse_callback`]: crate::parse_callback
/// [`parse_app_center_callback`]: crate::parse_app_center_callback
#[derive(Debug, Clone)]
pub struct RequestToken(SecretString);

impl RequestToken {
    /// How long a request token of `net2` is valid: 15 minutes. (Concur's page: *Authentication, Web Flow*.)
    pub const LIFETIME: Duration = Duration::from_secs(15 * 60);

    /// Creates a request token that came some other way. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character.
    pub fn new(token: impl Into<String>) -> Result<Self, InputError> {
        secret::secret(InputField::REQUEST_TOKEN, token).map(Self)
    }

    /// Returns the token itself. Guard it like a password until it is spent.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}
