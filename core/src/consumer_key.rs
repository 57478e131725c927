//! Which application asks.

use crate::input::{self, Field, InputError};

/// The consumer key of an application, `client_id` in OAuth's words.
///
/// Concur shows it on the New Partner Application page. It names the application and is not a
/// secret, though Concur refuses the Native flow without a valid one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConsumerKey(String);

impl ConsumerKey {
    /// Takes a consumer key as Concur shows it.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or holds anything but visible
    /// ASCII, which a header cannot carry.
    pub fn new(key: impl Into<String>) -> Result<Self, InputError> {
        let key = key.into();
        input::header_word(Field::ConsumerKey, &key)?;
        Ok(Self(key))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}
