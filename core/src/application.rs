//! An application: its consumer key and its secret.

use http::HeaderValue;
use secrecy::SecretString;

use crate::input::{self, InputError, InputField, InputProblem};
use crate::secret;

/// The consumer key of an application, which [`v0`](crate::v0) calls its client ID or App ID: `client_id` in OAuth's words.
///
/// Concur shows it where the application is registered. It names the application and is not a
/// secret, though Concur refuses every flow without a valid one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConsumerKey(String);

impl ConsumerKey {
    /// Creates a consumer key from the text that Concur shows.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains anything but visible
    /// ASCII, which a header field cannot carry.
    pub fn new(key: impl Into<String>) -> Result<Self, InputError> {
        let key = key.into();
        input::header_word(InputField::CONSUMER_KEY, &key)?;
        Ok(Self(key))
    }

    /// Returns the key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the value of the `X-ConsumerKey` header field.
    pub(crate) fn into_header_value(self) -> Result<HeaderValue, InputError> {
        HeaderValue::try_from(self.0).map_err(|_| {
            InputError::new(InputField::CONSUMER_KEY, InputProblem::NOT_A_HEADER_VALUE)
        })
    }
}

/// An application: its consumer key and its consumer secret, which [`v0`](crate::v0) calls client ID and client secret.
///
/// Both come from the page where the application is registered. Code exchanges, grants and refreshes show the secret
/// besides the key. They borrow the application, because it must outlive them. The secret is wiped when
/// the application is dropped, and `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Application {
    key: ConsumerKey,
    secret: SecretString,
}

impl Application {
    /// Creates an application with the secret that Concur shows. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the secret is empty, longer than 8 KiB, or contains a control character.
    pub fn new(key: ConsumerKey, secret: impl Into<String>) -> Result<Self, InputError> {
        let secret = secret::secret(InputField::CONSUMER_SECRET, secret)?;
        Ok(Self { key, secret })
    }

    /// Returns the consumer key.
    #[must_use]
    pub fn key(&self) -> &ConsumerKey {
        &self.key
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }
}
