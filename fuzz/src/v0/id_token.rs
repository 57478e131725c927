use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use concur_oauth_core::v0::{ClientId, FetchJwks, IdToken, IdTokenError};
use concur_oauth_core::{BaseUrl, Exchange};
use serde_json::Value;

use super::json::Pairs;
use super::{context, is_of_v0};

/// Keys, a line end, and an ID token. Where the signature is said to be right, what is verified is RS256's, of a key that
/// stands there, for this application, by an issuer in the trust domain, and valid now.
///
/// Returns what became of it.
///
/// # Panics
///
/// Where that does not hold.
pub fn v0_id_token(bytes: &[u8]) -> &'static str {
    let mut halves = bytes.splitn(2, |byte| *byte == b'\n');
    let (jwks, text) = (
        halves.next().unwrap_or_default(),
        halves.next().unwrap_or_default(),
    );
    let Ok(keys) = FetchJwks::parse(http::Response::new(jwks), &context()) else {
        return "no keys";
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return "not text";
    };
    let Ok(token) = IdToken::parse(text) else {
        return "malformed";
    };
    let client_id = ClientId::new("client").expect("a good ID");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_485_482_000);
    let never = token.verify(&keys, &client_id, now, |_| false);
    assert!(never.is_err());
    let mut key = Vec::new();
    let verified = token.verify(&keys, &client_id, now, |signed| {
        key = signed.public_key().to_vec();
        let parts: Vec<_> = text.split('.').collect();
        assert_eq!(
            signed.message(),
            format!("{}.{}", parts[0], parts[1]).as_bytes()
        );
        assert_eq!(
            Some(signed.signature().to_vec()),
            URL_SAFE_NO_PAD.decode(parts[2]).ok()
        );
        true
    });
    match verified {
        Ok(claims) => {
            let part = |index: usize| {
                let part = text.split('.').nth(index).expect("three parts");
                Pairs::read(&URL_SAFE_NO_PAD.decode(part).expect("it was decoded"))
            };
            if let Some(header) = part(0) {
                assert_eq!(header.one(&["alg"]), Some(&Value::from("RS256")));
                assert!(header.all(&["crit"]).all(Value::is_null));
                let id = header.one(&["kid"]).expect("a key ID");
                assert_is_written(jwks, id, &key);
            }
            assert!(claims.audience().any(|name| name == "client"));
            let issuer = claims.issuer().expect("an issuer");
            let origin: Vec<_> = issuer.splitn(4, '/').take(3).collect();
            let base_url: BaseUrl = origin.join("/").parse().expect("a base URL");
            assert!(is_of_v0(&base_url));
            let expires = claims.expires_at().expect("an expiry");
            assert!(expires + Duration::from_secs(60) > now);
            "verified"
        }
        Err(IdTokenError::UnknownKey) => "unknown key",
        Err(_) => "refused",
    }
}

/// The key that was checked with is the one that the set has under its ID, in DER.
fn assert_is_written(jwks: &[u8], id: &Value, der: &[u8]) {
    let Ok(Value::Object(set)) = serde_json::from_slice(super::json::without_mark(jwks)) else {
        return;
    };
    let Some(Value::Array(keys)) = set.get("keys") else {
        return;
    };
    let bytes = |key: &Value, name: &str| {
        let text = key[name].as_str()?.trim_end_matches('=').to_owned();
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Some(bytes[zeros..].to_vec())
    };
    let is_written = |key: &Value| {
        let (Some(n), Some(e)) = (bytes(key, "n"), bytes(key, "e")) else {
            return false;
        };
        der.windows(n.len()).any(|window| window == n) && der.ends_with(&e)
    };
    // Where a name is repeated inside a key, `Value` has its last value.
    let named: Vec<_> = keys.iter().filter(|key| key["kid"] == *id).collect();
    assert!(named.is_empty() || named.iter().any(|key| is_written(key)));
}
