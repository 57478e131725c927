use concur_oauth_core::v0::PasswordGrant;
use concur_oauth_core::{AccessToken, BodyError, Exchange, ExposeSecret, ResponseError};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::json::{Pairs, without_mark};
use super::{context, is_of_v0};

/// A token document of `v0`: a token that is granted is the one token of the document, its side fields are the document's,
/// and a token whose document is JSON is never lost, whatever stands beside it.
///
/// Returns what became of the document.
///
/// # Panics
///
/// Where that does not hold.
pub fn v0_token(bytes: &[u8]) -> &'static str {
    beside(bytes);
    let result = PasswordGrant::parse(http::Response::new(bytes), &context());
    let pairs = Pairs::read(bytes);
    let token = pairs
        .as_ref()
        .map(|pairs| match pairs.one(&["access_token"]) {
            Some(Value::String(token)) if !token.is_empty() => Some(token.as_str()),
            _ => None,
        });
    match result {
        Ok(granted) => {
            if let Some(expected) = token {
                assert_eq!(Some(granted.token().expose_secret()), expected);
            }
            if let Some(pairs) = &pairs {
                agree(&granted, pairs);
            }
            "token"
        }
        Err(ResponseError::Unreadable { reason, .. }) => {
            assert!(matches!(token, None | Some(None)) || reason == BodyError::TooLarge);
            match reason {
                BodyError::NoToken | BodyError::EmptyToken => "no token",
                BodyError::RepeatedToken => "repeated token",
                BodyError::Json { .. } => "malformed",
                _ => "other",
            }
        }
        Err(ResponseError::Refused(_) | ResponseError::Unavailable(_)) => {
            assert!(matches!(token, None | Some(None)));
            "refused"
        }
        Err(other) => panic!("a status of 200 cannot be {other:?}"),
    }
}

const LEDGER: &str = "eyJsZWRnZXI";

/// A token beside anything that is JSON is not lost, and nothing beside it is taken for it.
fn beside(bytes: &[u8]) {
    let start = without_mark(bytes);
    let Some(rest) = start.strip_prefix(b"{") else {
        return;
    };
    let empty = rest.trim_ascii_start().starts_with(b"}");
    let comma = if empty { "" } else { "," };
    let mut document = format!("{{\"access_token\":\"{LEDGER}\"{comma}").into_bytes();
    document.extend_from_slice(rest);
    let is_json = std::str::from_utf8(&document).is_ok()
        && serde_json::from_slice::<IgnoredAny>(&document).is_ok();
    let result = PasswordGrant::parse(http::Response::new(document.as_slice()), &context());
    match result {
        Ok(token) => {
            assert!(is_json);
            assert_eq!(token.token().expose_secret(), LEDGER);
            assert!(!format!("{token:?}").contains(LEDGER));
        }
        Err(ResponseError::Unreadable { reason, .. }) => {
            let is_repeated = reason == BodyError::RepeatedToken;
            let is_large = reason == BodyError::TooLarge;
            assert!(is_repeated || is_large || !is_json, "{reason:?}");
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn agree(token: &AccessToken, pairs: &Pairs) {
    let text = |names: &[&str]| match pairs.one(names)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let shown = |secret: Option<&concur_oauth_core::SecretString>| {
        secret.map(|secret| secret.expose_secret().to_owned())
    };
    // `Value` writes some numbers anew, so only texts are compared.
    if let Some(Value::String(_)) = pairs.one(&["refresh_token"]) {
        assert_eq!(shown(token.refresh_token()), text(&["refresh_token"]));
    }
    if let Some(Value::String(_)) = pairs.one(&["id_token", "idtoken"]) {
        assert_eq!(shown(token.id_token()), text(&["id_token", "idtoken"]));
    }
    if let Some(Value::String(_)) = pairs.one(&["scope"]) {
        assert_eq!(token.scope().map(str::to_owned), text(&["scope"]));
    }
    let seconds = |at: std::time::SystemTime| {
        at.duration_since(std::time::SystemTime::UNIX_EPOCH)
            .expect("not before 1970")
            .as_secs()
    };
    let number = text(&["expires_in"]).and_then(|text| text.trim().parse::<u64>().ok());
    match token.expires_at() {
        Some(at) => assert_eq!(Some(seconds(at)), number),
        None => assert!(number.is_none_or(|number| number > 253_402_300_799)),
    }
    assert!(token.base_url() == context().base_url() || is_of_v0(token.base_url()));
    if token.base_url() != context().base_url() {
        let named = text(&["geolocation"])
            .expect("a host out of nowhere")
            .to_lowercase();
        assert!(named.contains(token.base_url().authority()));
    }
}
