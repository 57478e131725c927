//! An application and its secret.

use std::time::Duration;

use secrecy::SecretString;

use crate::ConsumerKey;
use crate::input::{self, Field, InputError};

/// An application with its consumer secret, `client_id` and `client_secret` in OAuth's words.
///
/// Both come from Concur's New Partner Application page. The secret is what the code exchange and the
/// refresh show besides the key; exchanges borrow it, because it must outlive them. It is wiped when
/// the application is dropped, and `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Application {
    key: ConsumerKey,
    secret: SecretString,
}

impl Application {
    /// An application with its secret as Concur shows it. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the secret is empty, longer than 8 KiB or holds a control character.
    pub fn new(key: ConsumerKey, secret: impl Into<String>) -> Result<Self, InputError> {
        let secret = input::secret(Field::ConsumerSecret, secret)?;
        Ok(Self { key, secret })
    }

    /// The consumer key.
    #[must_use]
    pub fn key(&self) -> &ConsumerKey {
        &self.key
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }
}

/// A request token, `code` in OAuth's words: what Concur gives once a user has consented, and the
/// [code exchange](crate::CodeExchange) spends.
///
/// It is good for [15 minutes](Self::LIFE), once. It comes with the user's browser ([`read_web_return`] and
/// [`read_app_center`]) or in a connection request.
///
/// [`read_web_return`]: crate::read_web_return
/// [`read_app_center`]: crate::read_app_center
#[derive(Debug, Clone)]
pub struct RequestToken(SecretString);

impl RequestToken {
    /// How long one is good: 15 minutes.
    pub const LIFE: Duration = Duration::from_secs(15 * 60);

    /// Takes a request token that came some other way. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB or holds a control character.
    pub fn new(token: impl Into<String>) -> Result<Self, InputError> {
        input::secret(Field::RequestToken, token).map(Self)
    }

    /// The token itself. Guard it like a password until it is spent.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}
