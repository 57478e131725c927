//! A token taken apart for safe storage.

use std::time::SystemTime;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{AccessToken, InstanceUrl};

/// What to store of an [`AccessToken`], and what to build it from again.
///
/// ```
/// use concur_oauth_core::{AccessToken, ExposeSecret, TokenParts};
/// use std::time::{Duration, SystemTime};
/// # let mut parts = TokenParts::new("q962LLopjMgTOeTn3fRN+5uABCg=");
/// # parts.expires_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610));
/// # let token: AccessToken = parts.into();
///
/// // Apart: four columns of an encrypted store.
/// let parts = token.into_parts();
/// let secret = parts.token.expose_secret().to_owned();
/// let refresh = parts.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
/// let instance = parts.instance_url.as_ref().map(ToString::to_string);
/// let expires = parts.expires_at.map(|at| at.duration_since(SystemTime::UNIX_EPOCH)).transpose()?;
/// let expires = expires.map(|since| since.as_secs());
///
/// // And together again.
/// let mut parts = TokenParts::new(secret);
/// parts.refresh_token = refresh.map(Into::into);
/// parts.instance_url = instance.map(|url| url.parse()).transpose()?;
/// parts.expires_at = expires.map(|at| SystemTime::UNIX_EPOCH + Duration::from_secs(at));
/// let token = AccessToken::from(parts);
/// assert_eq!(token.is_expired_at(SystemTime::now()), Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
