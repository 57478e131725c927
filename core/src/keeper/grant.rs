//! A grant: what a keeper keeps, in the form in which it is stored.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::renewal::Renewal;
use super::time::{earlier, later, left};
use super::{ClientCredentials, StoreError, StoredGrant};
use crate::application::ConsumerKey;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::input::{InputError, InputField, InputProblem};
use crate::token::{AccessToken, TokenParts, TokenScheme};

/// The number of the stored form.
const FORMAT: u64 = 1;

/// What Concur granted to an application: an access token, and what renews it. That is a refresh token, or the application's own
/// ID and secret.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use std::time::SystemTime;
///
/// use concur_oauth::keeper::Grant;
/// # use concur_oauth::{AccessToken, BaseUrl, ConsumerKey, TokenParts, TokenScheme};
/// # let client_id = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// # let mut parts = TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::EU2);
/// # parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
/// # let token = AccessToken::from(parts);
///
/// // let token = client.send(RequestTokenGrant::new(...))?;
/// let grant = Grant::new(client_id, token, SystemTime::now())?;
/// # Ok::<(), concur_oauth::InputError>(())
/// ```
#[derive(Clone)]
pub struct Grant {
    client_id: ConsumerKey,
    token: AccessToken,
    renewal: Renewal,
    received_at: SystemTime,
    lineage: u64,
}

impl Grant {
    /// Creates a grant of the application with this client ID or consumer key, from a token that was received at this time.
    /// The ID token and the warnings are not kept.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token has no refresh token. One of the application itself has none: that is
    /// [`of_application`](Self::of_application).
    pub fn new(
        client_id: ConsumerKey,
        token: AccessToken,
        received_at: SystemTime,
    ) -> Result<Self, InputError> {
        let missing = InputError::new(InputField::REFRESH_TOKEN, InputProblem::Missing);
        let mut parts = token.into_parts();
        parts.id_token = None;
        Ok(Self {
            client_id,
            renewal: Renewal::RefreshToken(parts.refresh_token.take().ok_or(missing)?),
            token: parts.into(),
            received_at,
            lineage: 0,
        })
    }

    /// Creates a grant from a refresh token alone, which was received at this time: one that you stored before, or one that
    /// [`MigrateToken`](crate::v0::MigrateToken) brought. The first access token is obtained when a caller asks for it.
    #[must_use]
    pub fn from_refresh_token(
        client_id: ConsumerKey,
        scheme: TokenScheme,
        base_url: BaseUrl,
        refresh_token: SecretString,
        received_at: SystemTime,
    ) -> Self {
        Self {
            client_id,
            token: no_token(scheme, base_url, received_at),
            renewal: Renewal::RefreshToken(refresh_token),
            received_at,
            lineage: 0,
        }
    }

    /// Sets when the refresh token ends, where that is known: otherwise it is six months after it was received.
    #[must_use]
    pub fn with_refresh_end(mut self, at: Option<SystemTime>) -> Self {
        let mut parts = self.token.into_parts();
        parts.refresh_expires_at = at;
        self.token = parts.into();
        self
    }

    /// Creates the grant of an application itself. The first access token is obtained when a caller asks for it.
    ///
    /// Put it where processes are to share one token. Where each can have its own, the keeper needs no store for it: give it the
    /// [`ClientCredentials`].
    #[must_use]
    pub fn of_application(credentials: ClientCredentials) -> Self {
        let never = SystemTime::UNIX_EPOCH;
        Self {
            client_id: credentials.client_id().clone(),
            token: no_token(TokenScheme::Bearer, credentials.base_url().clone(), never),
            renewal: Renewal::ClientCredentials(Box::new(credentials)),
            received_at: never,
            lineage: 0,
        }
    }

    /// Replaces the access token by one that was received at this time, and the refresh token if another came with it. The end of
    /// the refresh token is kept where that stays and no other end came. The ID token and the warnings are not kept.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token is of the other service.
    pub fn with_token(
        self,
        token: AccessToken,
        received_at: SystemTime,
    ) -> Result<Self, InputError> {
        if token.scheme() != self.token.scheme() {
            let problem = InputProblem::Malformed("is of the other service");
            return Err(InputError::new(InputField::ACCESS_TOKEN, problem));
        }
        Ok(self.replaced(token, received_at))
    }

    pub(super) fn replaced(mut self, token: AccessToken, received_at: SystemTime) -> Self {
        let mut parts = token.into_parts();
        parts.id_token = None;
        let known_end = self.token.refresh_expires_at();
        match (&mut self.renewal, parts.refresh_token.take()) {
            (Renewal::RefreshToken(old), Some(new)) => *old = new,
            _ => parts.refresh_expires_at = parts.refresh_expires_at.or(known_end),
        }
        self.token = parts.into();
        self.received_at = received_at;
        self
    }

    /// Takes back what cannot be: that it was received after `now`.
    pub(super) fn received_by(mut self, now: SystemTime) -> Self {
        self.received_at = self.received_at.min(now);
        self
    }

    /// Returns the client ID or consumer key of the application that the grant is for.
    #[must_use]
    pub fn client_id(&self) -> &ConsumerKey {
        &self.client_id
    }

    /// Returns the access token, without its refresh token. It is empty where none was obtained yet.
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// Returns which consent the grant goes back to: the same number through all renewals, and a greater one for what is put
    /// in its place.
    pub(super) fn lineage(&self) -> u64 {
        self.lineage
    }

    pub(super) fn set_lineage(&mut self, lineage: u64) {
        self.lineage = lineage;
    }

    pub(super) fn with_lineage(mut self, lineage: u64) -> Self {
        self.lineage = lineage;
        self
    }

    /// Returns where a renewal is sent to.
    pub(super) fn renewal_base_url(&self) -> &BaseUrl {
        match &self.renewal {
            Renewal::RefreshToken(_) => self.token.base_url(),
            Renewal::ClientCredentials(credentials) => credentials.base_url(),
        }
    }

    /// Returns whether an access token was obtained. It may have expired.
    #[must_use]
    pub fn has_token(&self) -> bool {
        !self.token.token().expose_secret().is_empty()
    }

    pub(super) fn renewal(&self) -> &Renewal {
        &self.renewal
    }

    /// Returns whether it is the application's own, which no request with an unknown outcome can end.
    pub(super) fn is_of_application(&self) -> bool {
        matches!(self.renewal, Renewal::ClientCredentials(_))
    }

    pub(super) fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// Returns how long the access token lives, counted from when it was received. Where Concur did not say, it is taken to
    /// be what the service documents as usual, with a day in place of a year.
    pub(super) fn life(&self) -> Duration {
        let assumed = match self.token.scheme() {
            TokenScheme::Bearer => Duration::from_secs(3600),
            TokenScheme::OAuth => Duration::from_secs(86_400),
        };
        let expires_at = self.token.expires_at();
        expires_at.map_or(assumed, |at| left(at, self.received_at))
    }

    /// Returns when the refresh token ends, unless it is used before: six months from its last use where Concur did not say.
    /// `None` where the grant has none, because it is the application's own.
    #[must_use]
    pub fn refresh_ends_at(&self) -> Option<SystemTime> {
        if self.is_of_application() {
            return None;
        }
        let known = self.token.refresh_expires_at();
        Some(known.unwrap_or_else(|| later(self.received_at, Duration::from_secs(180 * 86_400))))
    }

    /// Returns the token with its refresh token, to which a refresh is applied.
    pub(super) fn whole_token(&self) -> AccessToken {
        let mut parts = self.token.clone().into_parts();
        parts.refresh_token = match &self.renewal {
            Renewal::RefreshToken(token) => Some(token.clone()),
            Renewal::ClientCredentials(_) => None,
        };
        parts.into()
    }

    /// Returns the grant with its times `step` earlier, for a clock that stepped back.
    pub(super) fn stepped_back(&self, step: Duration) -> Self {
        let mut parts = self.token.clone().into_parts();
        parts.expires_at = parts.expires_at.map(|at| earlier(at, step));
        Self {
            client_id: self.client_id.clone(),
            token: parts.into(),
            renewal: self.renewal.clone(),
            received_at: earlier(self.received_at, step),
            lineage: self.lineage,
        }
    }

    /// Returns whether it is the same consent, with the same tokens.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_renewed_alike = match (&self.renewal, &other.renewal) {
            (Renewal::RefreshToken(one), Renewal::RefreshToken(other)) => {
                one.expose_secret() == other.expose_secret()
            }
            (Renewal::ClientCredentials(one), Renewal::ClientCredentials(other)) => one == other,
            _ => false,
        };
        is_renewed_alike
            && self.lineage == other.lineage
            && self.token.token().expose_secret() == other.token.token().expose_secret()
    }

    /// Returns the stored form at this time. It holds secrets in the clear, and is wiped.
    ///
    /// Times are stored as they are, for people, and as seconds from the storing, by which a process counts whose clock
    /// differs.
    pub(super) fn encode(&self, now: SystemTime) -> Result<StoredGrant, StoreError> {
        let credentials = match &self.renewal {
            Renewal::RefreshToken(_) => None,
            Renewal::ClientCredentials(credentials) => Some(json!({
                "base_url": credentials.base_url().to_string(),
                "scopes": credentials.scopes().iter().map(Scope::as_str).collect::<Vec<_>>(),
            })),
        };
        let about = json!({
            "format": FORMAT,
            "client_id": self.client_id.as_str(),
            "age": now.duration_since(self.received_at).unwrap_or_default().as_secs(),
            "life": self.life().as_secs(),
            "lineage": self.lineage,
            "client_credentials": credentials,
        });
        let mut parts = self.whole_token().into_parts();
        // The form has no earlier times.
        for at in [&mut parts.expires_at, &mut parts.refresh_expires_at] {
            *at = at.map(|at| at.max(SystemTime::UNIX_EPOCH));
        }
        // Sized generously: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        let failed = |error| StoreError::of_record("the grant has no stored form").because(error);
        serde_json::to_writer(&mut *bytes, &about).map_err(failed)?;
        bytes.push(b'\n');
        serde_json::to_writer(&mut *bytes, &parts).map_err(failed)?;
        Ok(StoredGrant::new(std::mem::take(&mut *bytes)))
    }

    /// Reads the stored form, which was stored `age_of_record` ago. An error shows no value.
    pub(super) fn decode(
        bytes: &[u8],
        age_of_record: Duration,
        now: SystemTime,
    ) -> Result<Self, String> {
        let foreign = || "it is not the record of a grant".to_owned();
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (about, token) = end
            .and_then(|end| bytes.split_at_checked(end))
            .ok_or_else(foreign)?;
        let about: Value = serde_json::from_slice(about).map_err(|_| foreign())?;
        let number = |name: &str| about.get(name).and_then(Value::as_u64);
        match number("format").ok_or_else(foreign)? {
            FORMAT => {}
            other => {
                return Err(format!(
                    "format {other} is not known: it was stored by another version"
                ));
            }
        }
        let missing = |name| format!("{name} is missing");
        let client_id = about.get("client_id").and_then(Value::as_str);
        let client_id = ConsumerKey::new(client_id.ok_or_else(|| missing("client_id"))?);
        let age = number("age").ok_or_else(|| missing("age"))?;
        let life = number("life").ok_or_else(|| missing("life"))?;
        let lineage = number("lineage").ok_or_else(|| missing("lineage"))?;
        let received_at = earlier(now, Duration::from_secs(age).saturating_add(age_of_record));
        let mut token: TokenParts =
            serde_json::from_slice(token).map_err(|error| error.to_string())?;
        if token.expires_at.is_some() {
            token.expires_at = Some(later(received_at, Duration::from_secs(life)));
        }
        let client_id = client_id.map_err(|error| error.to_string())?;
        let credentials = about.get("client_credentials").filter(|it| !it.is_null());
        let grant = if let Some(credentials) = credentials {
            let credentials = read_credentials(client_id, credentials)?;
            Self::of_application(credentials).replaced(token.into(), received_at)
        } else {
            let grant = Self::new(client_id, token.into(), received_at);
            grant.map_err(|error| error.to_string())?
        };
        Ok(grant.with_lineage(lineage))
    }
}

/// Reads what tokens of the application itself are obtained with.
fn read_credentials(client_id: ConsumerKey, stored: &Value) -> Result<ClientCredentials, String> {
    let missing = || "client_credentials is not what it was stored as".to_owned();
    let base_url = stored.get("base_url").and_then(Value::as_str);
    let base_url = base_url.ok_or_else(missing)?.parse::<BaseUrl>();
    let base_url = base_url.map_err(|error| error.to_string())?;
    let scopes = stored.get("scopes").and_then(Value::as_array);
    let scopes = scopes.ok_or_else(missing)?.iter().map(|scope| {
        let scope = Scope::new(scope.as_str().ok_or_else(missing)?);
        scope.map_err(|error| error.to_string())
    });
    let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
    Ok(ClientCredentials::new(client_id, base_url).with_scopes(scopes))
}

/// Returns the access token of a grant that has none yet: an empty one, which has expired.
fn no_token(scheme: TokenScheme, base_url: BaseUrl, received_at: SystemTime) -> AccessToken {
    let mut parts = TokenParts::new(scheme, "", base_url);
    parts.expires_at = Some(received_at);
    parts.into()
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("client_id", &self.client_id)
            .field("token", &self.token)
            .field("renewal", &self.renewal)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
