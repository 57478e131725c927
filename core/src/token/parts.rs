//! A token taken apart for safe storage.

use std::time::SystemTime;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{AccessToken, InstanceUrl};

/// What to store of an [`AccessToken`], and what to build it from again.
///
/// ```
/// use concur_oauth_core::{AccessToken, ExposeSecret, TokenParts};
/// # let token: AccessToken = TokenParts::new("q962LLopjMgTOeTn3fRN+5uABCg=").into();
///
/// let parts = token.into_parts();
/// let stored = parts.token.expose_secret().to_owned(); // encrypted, one hopes
///
/// let mut parts = TokenParts::new(stored);
/// parts.instance_url = Some("https://www.concursolutions.com".parse()?);
/// let token = AccessToken::from(parts);
/// # Ok::<(), concur_oauth_core::InputError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenParts {
    /// The token itself.
    pub token: SecretString,
    /// The refresh token, if there is one.
    pub refresh_token: Option<SecretString>,
    /// When the token expires, if that is known.
    pub expires_at: Option<SystemTime>,
    /// Where the user's data lives, if that is known.
    pub instance_url: Option<InstanceUrl>,
}

impl TokenParts {
    /// A token of which nothing else is known yet. Set the other fields afterwards: without an
    /// instance URL, the token [authorizes](AccessToken::authorize) nothing.
    ///
    /// A `String` is wiped. A secret that is held already can be put into the field.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        // A `SecretString` made of a string with spare capacity would leave a copy.
        let token = Zeroizing::new(token.into());
        Self {
            token: SecretString::from(token.as_str()),
            refresh_token: None,
            expires_at: None,
            instance_url: None,
        }
    }
}

impl From<AccessToken> for TokenParts {
    fn from(token: AccessToken) -> Self {
        token.into_parts()
    }
}
