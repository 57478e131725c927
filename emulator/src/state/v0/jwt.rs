//! Access tokens and ID tokens: JWTs, signed by a key that is the same in every emulator.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer};
use serde_json::{Value, json};

use super::{Kind, seconds};

/// The key that signs, for tests alone: everyone has it.
const SIGNING_KEY: &[u8] = include_bytes!("signing_key.der");

/// Its modulus in Base64url.
const MODULUS: &str = "0syefL1-B4FP0A-Vn7ra6b1wBb_Vt3EX6bODaMQU5t06bf4yYJuTiQCKeiAHoN6ha89E-YinAnvgDwqIlGT-lsMxpp2PHQaUAMk6H7asG22NRFprCjIe2Lehrs9TE8LcQP_M31TPbewO7RjX6o94FFZod9SH2hBcZzijo1vngzmbxYLlzXciDSnYuNvvYXb3jlG1uam-uFlWDi1P-7pPq8A6wAb1-MhTgOe3gYCc-I_vzwAThnVS0mixs1GrN3j_kk97mvDBm-e0IMtsG5fdJwf15LkbpLd8jgOwhW2CwCDg_-kWuHTv_ppfb8vBxm465XG4QcRj3dSx1wlODHKLRw";

const KEY_ID: &str = "1455614346";

/// What a token says.
pub(super) struct TokenClaims<'a> {
    pub(super) client_id: &'a str,
    pub(super) subject: &'a str,
    pub(super) kind: Kind,
    pub(super) issuer: &'a str,
    pub(super) scope: &'a str,
    pub(super) life: Duration,
    pub(super) now: SystemTime,
}

impl TokenClaims<'_> {
    /// Returns the access token, with the claims of those observed since 2023.
    pub(super) fn access_token(&self) -> String {
        let scopes: Vec<_> = self
            .scope
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .collect();
        signed(&json!({
            "concur.scopes": scopes,
            "aud": "*",
            "concur.appId": self.client_id,
            "sub": self.subject,
            "iss": self.issuer,
            "exp": self.ends(),
            "concur.version": 3,
            "concur.type": self.kind.as_str(),
            "nbf": self.begins(),
            "iat": seconds(self.now),
            // Tokens of one second differ, as Concur's do.
            "jti": super::random::uuid(),
        }))
    }

    /// Returns the ID token, with the claims that Concur documents.
    pub(super) fn id_token(&self) -> String {
        signed(&json!({
            "aud": self.client_id,
            "concur.version": 3,
            "concur.type": self.kind.as_str(),
            "sub": self.subject,
            "iss": self.issuer,
            "exp": self.ends(),
            "nbf": self.begins(),
            "at_hash": "351515a6482f4ee1",
            "iat": seconds(self.now),
        }))
    }

    fn ends(&self) -> u64 {
        seconds(self.now.checked_add(self.life).unwrap_or(self.now))
    }

    fn begins(&self) -> u64 {
        seconds(
            self.now
                .checked_sub(Duration::from_secs(10))
                .unwrap_or(self.now),
        )
    }
}

/// Returns the public key, as Concur publishes its own.
pub(crate) fn jwks() -> Value {
    json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": MODULUS, "e": "AQAB",
    }] })
}

fn signed(claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": KEY_ID });
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = sign(message.as_bytes()).unwrap_or_default();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn sign(message: &[u8]) -> Option<Vec<u8>> {
    let key = PrivateKeyDer::from(PrivatePkcs1KeyDer::from(SIGNING_KEY));
    let key = rustls::crypto::ring::sign::any_supported_type(&key).ok()?;
    let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256])?;
    signer.sign(message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_key_verifies_what_is_signed() {
        let signature = sign(b"message").unwrap();
        let modulus = URL_SAFE_NO_PAD.decode(MODULUS).unwrap();
        let mut key = vec![0x30, 0x82, 1, 10, 2, 0x82, 1, 1, 0];
        key.extend(modulus);
        key.extend([2, 3, 1, 0, 1]);
        let provider = rustls::crypto::ring::default_provider();
        let verified = provider
            .signature_verification_algorithms
            .all
            .iter()
            .any(|algorithm| {
                algorithm
                    .verify_signature(&key, b"message", &signature)
                    .is_ok()
            });
        assert!(verified);
    }
}
