//! The ID token: who a token is for, signed by Concur.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Jwks;
use crate::application::ConsumerKey;
use crate::base_url::{NamedUrl, TrustDomain};
use crate::wire::json::{self, JsonField, JsonValue};

/// The longest ID token that is read, in bytes. Concur's have about one thousand.
const MAX_LEN: usize = 16 * 1024;

/// How far Concur's clock and this machine's may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// An ID token: Concur's signed word on who a token is for.
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
    #[error("the ID token is for another application, and must not be used")]
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
        let (mut algorithm, mut key_id, mut critical) =
            <(JsonField, JsonField, JsonField)>::default();
        let header = decode(header)?;
        json::read_fields(&header, |name, value| match name {
            "alg" => algorithm.add(value),
            "kid" => key_id.add(value),
            "crit" => critical.add(value),
            _ => {}
        })
        .ok()?;
        // What must be understood and is not (RFC 7515 section 4.1.11).
        if !matches!(critical, JsonField::Absent) {
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
        let signed = SignedMessage {
            public_key: key.ok_or(IdTokenError::UnknownKey)?,
            message: self.message.as_bytes(),
            signature: &self.signature,
        };
        if !check(&signed) {
            return Err(IdTokenError::BadSignature);
        }
        let claims = &self.claims;
        if !claims
            .audience
            .iter()
            .any(|name| &**name == client_id.as_str())
        {
            return Err(IdTokenError::WrongAudience);
        }
        let issuer = claims.issuer.as_deref().unwrap_or_default();
        if !matches!(
            TrustDomain::V0.read(keys.base_url(), issuer),
            NamedUrl::Trusted(_)
        ) {
            return Err(IdTokenError::WrongIssuer);
        }
        let ends = claims.expires_at.and_then(|at| at.checked_add(LEEWAY));
        if ends.is_none_or(|ends| ends <= now) {
            return Err(IdTokenError::Expired);
        }
        let earliest = now.checked_add(LEEWAY).unwrap_or(now);
        if claims.not_before.is_some_and(|begins| begins > earliest) {
            return Err(IdTokenError::NotYetValid);
        }
        Ok(claims)
    }
}

/// What an ID token claims.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    subject: Option<Box<str>>,
    principal_type: Option<Box<str>>,
    issuer: Option<Box<str>>,
    audience: Vec<Box<str>>,
    expires_at: Option<SystemTime>,
    not_before: Option<SystemTime>,
    issued_at: Option<SystemTime>,
}

impl Claims {
    /// Returns who the token is for: the UUID of a user or of a company. It is compared as it is, and not cleaned to be
    /// shown.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Returns what kind of principal that is, `concur.type`: `user` or `company`.
    #[must_use]
    pub fn principal_type(&self) -> Option<&str> {
        self.principal_type.as_deref()
    }

    /// Returns who issued the token: the base URL of a data center.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Returns the client IDs of the applications that the token is for.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().map(AsRef::as_ref)
    }

    /// Returns when the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Returns when the token begins to be valid.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.not_before
    }

    /// Returns when the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.issued_at
    }

    fn read(text: &[u8]) -> Option<Self> {
        let mut fields = <[JsonField<'_>; 7]>::default();
        let [subject, kind, issuer, audience, expires, begins, created] = &mut fields;
        json::read_fields(text, |name, value| match name {
            "sub" => subject.add(value),
            "concur.type" => kind.add(value),
            "iss" => issuer.add(value),
            "aud" => audience.add(value),
            "exp" => expires.add(value),
            "nbf" => begins.add(value),
            "iat" => created.add(value),
            _ => {}
        })
        .ok()?;
        // Of two claims with one name, readers could take either (RFC 7519 section 4).
        if fields
            .iter()
            .any(|field| matches!(field, JsonField::Repeated))
        {
            return None;
        }
        let [subject, kind, issuer, audience, expires, begins, created] = fields;
        let text = |field: JsonField| field.text().map(|text| text.to_owned().into());
        let time = |field: JsonField| match field {
            JsonField::Absent => Some(None),
            field => Some(Some(seconds(&field.text()?)?)),
        };
        Some(Self {
            subject: text(subject),
            principal_type: text(kind),
            issuer: text(issuer),
            audience: audience.value().map(names).unwrap_or_default(),
            expires_at: time(expires)?,
            not_before: time(begins)?,
            issued_at: time(created)?,
        })
    }
}

/// Reads a name, or an array of them (RFC 7519 section 4.1.3).
fn names(value: JsonValue<'_>) -> Vec<Box<str>> {
    let values = value.values().unwrap_or_else(|| vec![value]);
    let names = values.into_iter().filter_map(JsonValue::string);
    names.map(|name| name.to_owned().into()).collect()
}

/// Reads seconds since 1970. A fraction is dropped.
fn seconds(text: &str) -> Option<SystemTime> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(whole.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base_url::BaseUrl;
    use crate::exchange::{Exchange, ResponseContext};
    use crate::v0::FetchJwks;

    const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"1455614022"}"#;
    const CLAIMS: &str = r#"{"aud":"client","concur.version":2,"concur.type":"user","sub":"76459ad3",
        "iss":"https://us.api.concursolutions.com","exp":1485485529,"nbf":1485481929,
        "at_hash":"351515a6482f4ee1","iat":1485481929}"#;

    fn encode(header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.c2ln")
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn keys() -> Jwks {
        let n = URL_SAFE_NO_PAD.encode([0x81; 256]);
        let body =
            format!(r#"{{"keys":[{{"kty":"RSA","kid":"1455614022","n":"{n}","e":"AQAB"}}]}}"#);
        let context = ResponseContext::new(BaseUrl::US2, at(0));
        FetchJwks::parse(http::Response::new(body.as_bytes()), &context).unwrap()
    }

    /// Verifies with a check that takes every signature.
    fn verify(header: &str, claims: &str, now: u64) -> Result<Claims, IdTokenError> {
        let token = IdToken::parse(&encode(header, claims))?;
        let client = ConsumerKey::new("client").unwrap();
        let verified = token.verify(&keys(), &client, at(now), |signed| {
            assert_eq!(
                signed.message(),
                encode(header, claims)[..]
                    .rsplit_once('.')
                    .unwrap()
                    .0
                    .as_bytes()
            );
            signed.signature() == b"sig" && signed.public_key().starts_with(&[0x30, 0x82])
        });
        verified.cloned()
    }

    #[test]
    fn documented_token_is_verified() {
        let claims = verify(HEADER, CLAIMS, 1_485_482_000).unwrap();
        assert_eq!(claims.subject(), Some("76459ad3"));
        assert_eq!(claims.principal_type(), Some("user"));
        assert_eq!(claims.issuer(), Some("https://us.api.concursolutions.com"));
        assert_eq!(claims.audience().collect::<Vec<_>>(), ["client"]);
        assert_eq!(claims.expires_at(), Some(at(1_485_485_529)));
        assert_eq!(claims.not_before(), Some(at(1_485_481_929)));
        assert_eq!(claims.issued_at(), Some(at(1_485_481_929)));
    }

    #[test]
    fn trap_20_and_22_old_claims_may_be_missing_and_at_hash_is_not_checked() {
        let without = r#"{"aud":["other","client"],"sub":"a","iss":"https://eu2.api.concursolutions.com","exp":"20.5"}"#;
        assert!(verify(HEADER, without, 10).is_ok());
        let other_hash = CLAIMS.replace("351515a6482f4ee1", "not a hash");
        assert!(verify(HEADER, &other_hash, 1_485_482_000).is_ok());
    }

    #[test]
    fn what_is_not_concurs_word_for_this_application_now_is_refused() {
        use IdTokenError as E;
        let now = 1_485_482_000;
        for (from, to, error) in [
            ("RS256", "none", E::Algorithm),
            ("RS256", "HS256", E::Algorithm),
            ("1455614022", "1455614346", E::UnknownKey),
            (",\"kid\":\"1455614022\"", "", E::UnknownKey),
            ("\"typ\":\"JWT\"", "\"crit\":[\"x\"]", E::Malformed),
        ] {
            let header = HEADER.replace(from, to);
            assert_eq!(verify(&header, CLAIMS, now).unwrap_err(), error, "{to}");
        }
        for (from, to, error) in [
            ("client", "*", E::WrongAudience),
            ("\"aud\":\"client\",", "", E::WrongAudience),
            ("us.api.concursolutions.com", "evil.example", E::WrongIssuer),
            (
                "us.api.concursolutions.com",
                "www.concursolutions.com",
                E::WrongIssuer,
            ),
            ("https://us.api", "http://us.api", E::WrongIssuer),
            ("\"exp\":1485485529,", "", E::Expired),
            ("\"exp\":1485485529", "\"exp\":\"soon\"", E::Malformed),
            ("\"exp\":1485485529", "\"exp\":-1", E::Malformed),
            ("\"sub\":\"76459ad3\"", "\"aud\":\"client\"", E::Malformed),
        ] {
            let claims = CLAIMS.replace(from, to);
            assert_eq!(verify(HEADER, &claims, now).unwrap_err(), error, "{to}");
        }
        // A minute either way.
        assert!(verify(HEADER, CLAIMS, 1_485_485_588).is_ok());
        assert_eq!(
            verify(HEADER, CLAIMS, 1_485_485_589).unwrap_err(),
            E::Expired
        );
        assert!(verify(HEADER, CLAIMS, 1_485_481_869).is_ok());
        assert_eq!(
            verify(HEADER, CLAIMS, 1_485_481_868).unwrap_err(),
            E::NotYetValid
        );
        // The check has the last word on the signature.
        let token = IdToken::parse(&encode(HEADER, CLAIMS)).unwrap();
        let client = ConsumerKey::new("client").unwrap();
        let error = token
            .verify(&keys(), &client, at(now), |_| false)
            .unwrap_err();
        assert_eq!(error, E::BadSignature);
    }

    #[test]
    fn what_is_no_jwt_is_malformed() {
        let good = encode(HEADER, CLAIMS);
        for bad in [
            String::new(),
            "a.b".to_owned(),
            format!("{good}.d"),
            format!("{good}="),
            good.replacen('.', "", 1),
            encode("[]", CLAIMS),
            encode(HEADER, "1"),
            encode("{}", CLAIMS),
            encode(HEADER, &format!("{{\"sub\":\"{}\"}}", "a".repeat(75_000))),
        ] {
            let error = IdToken::parse(&bad).unwrap_err();
            assert_eq!(error, IdTokenError::Malformed, "{}", bad.len());
        }
    }
}
