//! A grant: what a keeper keeps, in the form in which it is stored.

use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::StoredGrant;
use super::time::{earlier, later, left};
use crate::application::ConsumerKey;
use crate::input::{InputError, InputField, InputProblem};
use crate::token::{AccessToken, TokenParts, TokenScheme};

/// The number of the stored form.
const FORMAT: u64 = 1;

/// What Concur granted to an application: an access token, and the refresh token that renews it.
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
    refresh_token: SecretString,
    received_at: SystemTime,
    lineage: u64,
}

impl Grant {
    /// Creates a grant of the application with this client ID or consumer key, from a token that was received at this time.
    /// The ID token and the warnings are not kept.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token has no refresh token, with which alone it can be renewed.
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
            refresh_token: parts.refresh_token.take().ok_or(missing)?,
            token: parts.into(),
            received_at,
            lineage: 0,
        })
    }

    /// Returns the client ID or consumer key of the application that the grant is for.
    #[must_use]
    pub fn client_id(&self) -> &ConsumerKey {
        &self.client_id
    }

    /// Returns the access token, without its refresh token.
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

    pub(super) fn refresh_token(&self) -> &SecretString {
        &self.refresh_token
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
    #[must_use]
    pub fn refresh_ends_at(&self) -> SystemTime {
        let known = self.token.refresh_expires_at();
        known.unwrap_or_else(|| later(self.received_at, Duration::from_secs(180 * 86_400)))
    }

    /// Returns the whole token, to which a refresh is applied.
    pub(super) fn whole_token(&self) -> AccessToken {
        let mut parts = self.token.clone().into_parts();
        parts.refresh_token = Some(self.refresh_token.clone());
        parts.into()
    }

    /// Returns the grant with its times `step` earlier, for a clock that stepped back.
    pub(super) fn stepped_back(&self, step: Duration) -> Self {
        let mut parts = self.token.clone().into_parts();
        parts.expires_at = parts.expires_at.map(|at| earlier(at, step));
        Self {
            client_id: self.client_id.clone(),
            token: parts.into(),
            refresh_token: self.refresh_token.clone(),
            received_at: earlier(self.received_at, step),
            lineage: self.lineage,
        }
    }

    pub(super) fn has_same_tokens(&self, other: &Self) -> bool {
        use secrecy::ExposeSecret;
        self.token.token().expose_secret() == other.token.token().expose_secret()
            && self.refresh_token.expose_secret() == other.refresh_token.expose_secret()
    }

    /// Returns the stored form at this time. It holds secrets in the clear, and is wiped.
    ///
    /// Times are stored as they are, for people, and as seconds from the storing, by which a process counts whose clock
    /// differs.
    pub(super) fn encode(&self, now: SystemTime) -> Option<StoredGrant> {
        let about = json!({
            "format": FORMAT,
            "client_id": self.client_id.as_str(),
            "age": now.duration_since(self.received_at).unwrap_or_default().as_secs(),
            "life": self.life().as_secs(),
            "lineage": self.lineage,
        });
        // Sized generously: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *bytes, &about).ok()?;
        bytes.push(b'\n');
        serde_json::to_writer(&mut *bytes, &self.whole_token().into_parts()).ok()?;
        Some(StoredGrant::new(std::mem::take(&mut *bytes)))
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
        let grant = Self::new(client_id, token.into(), received_at);
        let grant = grant.map_err(|error| error.to_string())?;
        Ok(grant.with_lineage(lineage))
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("client_id", &self.client_id)
            .field("token", &self.token)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
