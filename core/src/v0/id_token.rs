//! The ID token: for whom a token is, signed by Concur.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Claims, Jwks};
use crate::application::ConsumerKey;
use crate::base_url::{NamedUrl, TrustDomain};
use crate::wire::json::{self, JsonField};

/// The longest ID token that is read, in bytes. Concur's have about one thousand.
const MAX_LEN: usize = 16 * 1024;

/// How far Concur's clock and this machine's may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// An ID token: Concur's signed word on which user or company a token is for.
///
/// [`subject`](Claims::subject) is the ID to store beside a token: the user's or company's UUID. An ID token that came
/// straight from Concur in a token's response, over TLS, needs no further proof (OpenID Connect Core section 3.1.3.7), and
/// its [unverified claims](Self::unverified_claims) do. One that passed through other hands must be
/// [verified](Self::verify).
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # use std::time::SystemTime;
/// # use concur_oauth::v0::{ClientId, IdTokenError, Jwks};
/// use concur_oauth::v0::IdToken;
///
/// # const TEXT: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjE0NTU2MTQwMjIifQ.eyJzdWIiOiI3NjQ1OWFkMyJ9.c2ln";
/// let id_token = IdToken::parse(TEXT)?; // from token.id_token()
/// assert_eq!(id_token.unverified_claims().subject(), Some("76459ad3"));
///
/// // Keys: `client.send(FetchJwks::new(token.base_url()))`. Check: each transport has `verify_rs256`.
/// # fn verify(id_token: &IdToken, keys: &Jwks, client_id: &ClientId) -> Result<(), IdTokenError> {
/// # let verify_rs256 = |message: &concur_oauth::v0::SignedMessage<'_>| message.signature().is_empty();
/// let claims = id_token.verify(keys, client_id, SystemTime::now(), verify_rs256)?;
/// # Ok(()) }
/// # Ok::<(), IdTokenError>(())
/// ```
///
/// What Concur calls `at_hash` has 16 hexadecimal digits. It is not that of OpenID Connect, Concur does not say what it is
/// computed of, and it is not checked. (Concur's page: *Authentication, ID Token*.)
#[derive(Debug, Clone)]
pub struct IdToken {
    algorithm: Box<str>,
    key_id: Option<Box<str>>,
    claims: Claims,
    /// Header and claims as they were signed.
    message: Box<str>,
    signature: Vec<u8>,
}

/// An ID token cannot be used. No variant holds any text of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// It is no signed JWT of at most 16 KiB.
    #[error("the ID token is not a signed JWT: check where it came from")]
    Malformed,
    /// It is signed with another algorithm than RS256, or not at all.
    #[error("the ID token is not signed with RS256, and must not be used")]
    Algorithm,
    /// None of the keys signed it, by what it says.
    #[error("the ID token names a key that is not there: fetch Concur's keys again")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the ID token's signature is wrong: it is not Concur's, and must not be used")]
    BadSignature,
    /// It is for another application.
    #[error("the ID token is for another application, or is no ID token, and must not be used")]
    WrongAudience,
    /// Its issuer is outside the trust domain of the keys.
    #[error("the ID token's issuer is not of the keys' domain: it must not be used")]
    WrongIssuer,
    /// It has expired, or does not say when it does.
    #[error("the ID token has expired: refresh the token")]
    Expired,
    /// It is not valid yet.
    #[error("the ID token is not valid yet: check this machine's clock")]
    NotYetValid,
}

/// What an ID token's signature is checked by. A check returns whether `signature` is that of `message` by the key, in RSA
/// PKCS #1 v1.5 with SHA-256 (RS256, RFC 7518 section 3.3).
#[derive(Debug, Clone, Copy)]
pub struct SignedMessage<'a> {
    public_key: &'a [u8],
    message: &'a [u8],
    signature: &'a [u8],
}

impl<'a> SignedMessage<'a> {
    /// Creates what a check is given, to test one.
    #[must_use]
    pub const fn new(public_key: &'a [u8], message: &'a [u8], signature: &'a [u8]) -> Self {
        Self {
            public_key,
            message,
            signature,
        }
    }

    /// Returns the public key: `RSAPublicKey` in DER (RFC 8017 appendix A.1.1), which libraries call PKCS #1.
    #[must_use]
    pub fn public_key(&self) -> &'a [u8] {
        self.public_key
    }

    /// Returns what was signed.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        self.message
    }

    /// Returns the signature.
    #[must_use]
    pub fn signature(&self) -> &'a [u8] {
        self.signature
    }
}

impl IdToken {
    /// Reads an ID token, without verifying it.
    ///
    /// # Errors
    ///
    /// [`IdTokenError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, IdTokenError> {
        Self::read(text).ok_or(IdTokenError::Malformed)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        let decode = |part| URL_SAFE_NO_PAD.decode(part).ok();
        let (mut algorithm, mut key_id) = <(JsonField, JsonField)>::default();
        let mut is_critical = false;
        let header = decode(header)?;
        json::read_fields(&header, |name, value| match name {
            "alg" => algorithm.add(value),
            "kid" => key_id.add(value),
            "crit" => is_critical = true,
            _ => {}
        })
        .ok()?;
        // What must be understood and is not (RFC 7515 section 4.1.11).
        if is_critical {
            return None;
        }
        Some(Self {
            algorithm: algorithm.text()?.to_owned().into(),
            key_id: key_id.text().map(|id| id.to_owned().into()),
            claims: Claims::read(&decode(claims)?)?,
            message: message.into(),
            signature: decode(signature)?,
        })
    }

    /// Returns what the token claims, without any proof.
    #[must_use]
    pub fn unverified_claims(&self) -> &Claims {
        &self.claims
    }

    /// Verifies the token at the time `now`, and returns what it claims: it is signed with RS256 by one of Concur's keys, for
    /// this application, by an issuer in the domain that the keys came from, and valid. Clocks may differ by a minute.
    ///
    /// This crate has no cryptography. `check` says whether the signature is right. The transports of `concur-oauth` have
    /// one, `verify_rs256`.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`]. Where it is [`UnknownKey`](IdTokenError::UnknownKey), fetch the keys again, once.
    pub fn verify(
        &self,
        keys: &Jwks,
        client_id: &ConsumerKey,
        now: SystemTime,
        check: impl FnOnce(&SignedMessage<'_>) -> bool,
    ) -> Result<&Claims, IdTokenError> {
        if &*self.algorithm != "RS256" {
            return Err(IdTokenError::Algorithm);
        }
        let key = self.key_id.as_deref().and_then(|id| keys.key(id));
        let key = key.ok_or(IdTokenError::UnknownKey)?;
        let signed = SignedMessage::new(key, self.message.as_bytes(), &self.signature);
        if !check(&signed) {
            return Err(IdTokenError::BadSignature);
        }
        let claims = &self.claims;
        if !claims.audience().any(|name| name == client_id.as_str()) {
            return Err(IdTokenError::WrongAudience);
        }
        let issuer = claims.issuer().unwrap_or_default();
        if !matches!(
            TrustDomain::V0.read(keys.base_url(), issuer),
            NamedUrl::Trusted(_)
        ) {
            return Err(IdTokenError::WrongIssuer);
        }
        let ends = claims.expires_at().and_then(|at| at.checked_add(LEEWAY));
        if ends.is_none_or(|ends| ends <= now) {
            return Err(IdTokenError::Expired);
        }
        let earliest = now.checked_add(LEEWAY).unwrap_or(now);
        if claims.not_before().is_some_and(|begins| begins > earliest) {
            return Err(IdTokenError::NotYetValid);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests;
