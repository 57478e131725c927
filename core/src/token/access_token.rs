//! The access token that Concur grants, and its parts for storage.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::TokenScheme;
use crate::base_url::BaseUrl;
use crate::document_warning::{DocumentWarning, Warnings};
use crate::secret::secret_string;

/// An access token of either service, with what Concur said of it.
///
/// One of [`net2`](crate::net2) lives about a year, one of [`v0`](crate::v0) an hour. It can [authorize](Self::authorize) a request to the user's own base URL, say how much
/// [time it has left](Self::time_left_at), and be [taken apart](Self::into_parts) for storage.
/// `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct AccessToken {
    parts: TokenParts,
    warnings: Vec<DocumentWarning>,
}

impl AccessToken {
    pub(crate) fn new(parts: TokenParts, warnings: Warnings) -> Self {
        Self {
            parts,
            warnings: warnings.into_vec(),
        }
    }

    /// Returns the token itself, for the `Authorization` header field of later requests. Guard it like a password.
    #[must_use]
    pub fn token(&self) -> &SecretString {
        &self.parts.token
    }

    /// Returns the refresh token. `None` where Concur gave none, as older responses do, or where it could not
    /// be read, which is one of the [`warnings`](Self::warnings).
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.parts.refresh_token.as_ref()
    }

    /// Returns how later requests name the token in `Authorization`: by the word of the service that granted it.
    #[must_use]
    pub fn scheme(&self) -> TokenScheme {
        self.parts.scheme
    }

    /// Returns when the refresh token expires, unless it is used before. `None` where Concur did not say: only `v0` does.
    #[must_use]
    pub fn refresh_expires_at(&self) -> Option<SystemTime> {
        self.parts.refresh_expires_at
    }

    /// Returns the scopes that the token has, as Concur wrote them, separated by spaces. `None` where Concur did not say:
    /// only `v0` does.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.parts.scope.as_deref()
    }

    /// Returns the ID token, which says for whom the token is: [`v0::IdToken`](crate::v0::IdToken) reads it. `None` where
    /// Concur gave none: only `v0` does, and not with client credentials.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.parts.id_token.as_ref()
    }

    /// Returns when the token expires. `None` where Concur did not say, or where it could not be read, which is
    /// one of the [`warnings`](Self::warnings).
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.parts.expires_at
    }

    /// Returns where every later request for this user goes: the instance URL or geolocation that Concur named, or the
    /// base URL that was asked where it named none that can be used.
    ///
    /// A host that a response names is used only inside the trust domain of the host that was asked: under
    /// `concursolutions.com` (`concurcdc.cn` likewise), for `v0` under `api.concursolutions.com`, by https and at the
    /// default port, or on this machine where that was asked. Another is reported in the
    /// [`warnings`](Self::warnings).
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.parts.base_url
    }

    /// Moves the token to a base URL that the caller knows to be right: from now on, the token and its
    /// refresh token are sent there.
    ///
    /// No response can do this by itself.
    pub fn set_base_url(&mut self, base_url: BaseUrl) {
        self.parts.base_url = base_url;
    }

    /// Returns what was wrong with single fields of the document that brought the token. A token built from stored
    /// parts has none.
    #[must_use]
    pub fn warnings(&self) -> &[DocumentWarning] {
        &self.warnings
    }

    /// Returns whether the token has expired at `now`, or `None` where its expiry is not known.
    #[must_use]
    pub fn is_expired_at(&self, now: SystemTime) -> Option<bool> {
        self.time_left_at(now).map(|left| left.is_zero())
    }

    /// Returns how long the token is still valid at `now`: zero once it has expired, `None` where its
    /// expiry is not known.
    #[must_use]
    pub fn time_left_at(&self, now: SystemTime) -> Option<Duration> {
        let expires_at = self.parts.expires_at?;
        Some(expires_at.duration_since(now).unwrap_or_default())
    }

    /// Takes the token apart, for storage. The warnings are dropped.
    #[must_use]
    pub fn into_parts(self) -> TokenParts {
        self.parts
    }

    pub(super) fn parts_mut(&mut self) -> &mut TokenParts {
        &mut self.parts
    }
}

impl From<TokenParts> for AccessToken {
    fn from(parts: TokenParts) -> Self {
        Self::new(parts, Warnings::default())
    }
}

/// The parts of an [`AccessToken`]: what to store of it, and what to build it from again.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use std::time::{Duration, SystemTime};
///
/// use concur_oauth::{AccessToken, BaseUrl, ExposeSecret, TokenParts, TokenScheme};
/// # let mut parts = TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::EU2);
/// # parts.expires_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610));
/// # let token: AccessToken = parts.into();
/// let seconds = |at: Option<SystemTime>| {
///     let since = at.map(|at| at.duration_since(SystemTime::UNIX_EPOCH)).transpose();
///     since.map(|since| since.map(|since| since.as_secs()))
/// };
/// let time = |seconds: Option<u64>| seconds.map(|at| SystemTime::UNIX_EPOCH + Duration::from_secs(at));
///
/// // Apart: columns of an encrypted store.
/// let parts = token.into_parts();
/// let scheme = parts.scheme.as_str();
/// let secret = parts.token.expose_secret().to_owned();
/// let expires = seconds(parts.expires_at)?;
/// let refresh = parts.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
/// let refresh_expires = seconds(parts.refresh_expires_at)?;
/// let base_url = parts.base_url.to_string();
/// let scope = parts.scope.clone();
///
/// // And together again. (The ID token was read when it came.)
/// let mut parts = TokenParts::new(scheme.parse()?, secret, base_url.parse()?);
/// parts.expires_at = time(expires);
/// parts.refresh_token = refresh.map(Into::into);
/// parts.refresh_expires_at = time(refresh_expires);
/// parts.scope = scope;
/// let token = AccessToken::from(parts);
/// assert_eq!(token.is_expired_at(SystemTime::now()), Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Stored form
///
/// With the feature `serde`, the parts are `Serialize` and `Deserialize`. A later version reads what this one has stored:
///
/// | field | what it is |
/// |---|---|
/// | `format` | the number 1 |
/// | `scheme` | `OAuth` or `Bearer` |
/// | `access_token` | the token |
/// | `expires_at` | whole seconds since 1970, rounded down, or null |
/// | `refresh_token` | a text, or null |
/// | `refresh_expires_at` | as `expires_at` |
/// | `base_url` | such as `https://us2.api.concursolutions.com` |
/// | `scope` | a text, or null |
/// | `id_token` | a text, or null |
///
/// A field that is null may be missing, and further fields are ignored. A format without names, such as an array of CBOR,
/// has the fields in this order. No error shows a value. What is stored holds secrets in the clear: encrypt it, or keep it where
/// no other user can read it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenParts {
    /// How later requests name the token.
    pub scheme: TokenScheme,
    /// The token itself.
    pub token: SecretString,
    /// When the token expires, if that is known.
    pub expires_at: Option<SystemTime>,
    /// The refresh token, if there is one.
    pub refresh_token: Option<SecretString>,
    /// When the refresh token expires, if that is known.
    pub refresh_expires_at: Option<SystemTime>,
    /// Where the user's data lives. The token is sent nowhere else.
    pub base_url: BaseUrl,
    /// The scopes, separated by spaces, if they are known.
    pub scope: Option<String>,
    /// The ID token, if there is one.
    pub id_token: Option<SecretString>,
}

impl TokenParts {
    /// Creates the parts of a token of which nothing else is known yet. Set the other fields afterwards.
    ///
    /// A `String` is wiped. A secret that is held already can be put into the field.
    #[must_use]
    pub fn new(scheme: TokenScheme, token: impl Into<String>, base_url: BaseUrl) -> Self {
        Self {
            scheme,
            token: secret_string(&Zeroizing::new(token.into())),
            expires_at: None,
            refresh_token: None,
            refresh_expires_at: None,
            base_url,
            scope: None,
            id_token: None,
        }
    }
}

impl From<AccessToken> for TokenParts {
    fn from(token: AccessToken) -> Self {
        token.into_parts()
    }
}
