//! The keys that Concur signs ID tokens with.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::uri::PathAndQuery;
use http::{Method, Request};

use super::request;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::{self, BodyError, ResponseError};
use crate::secret::SecretBody;
use crate::wire::Format;
use crate::wire::json::{JsonField, JsonValue};

/// Fetches the keys that Concur signs ID tokens with.
///
/// Keep them, and fetch them again where an [`IdToken`](super::IdToken) names a key that they do not have. They carry the
/// base URL that they came from, and an ID token's issuer must be in the same domain. Sending this twice is harmless.
///
/// (Concur's page: *Authentication, ID Token*, links `https://www-us.api.concursolutions.com/oauth2/v0/jwks` alone. Whether
/// all data centers have the same keys is not documented: ask the token's own.)
#[derive(Debug, Clone, Copy)]
pub struct FetchJwks<'a> {
    base_url: &'a BaseUrl,
}

impl<'a> FetchJwks<'a> {
    /// Creates the request for the keys of this data center.
    #[must_use]
    pub fn new(base_url: &'a BaseUrl) -> Self {
        Self { base_url }
    }
}

impl Exchange for FetchJwks<'_> {
    type Output = Jwks;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = PathAndQuery::from_static("/oauth2/v0/jwks");
        request::new(Method::GET, self.base_url, path)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<Jwks, ResponseError> {
        let base_url = context.base_url().clone();
        response::read_success(&response, Format::Json, |body| {
            let keys = read(body)?;
            Ok(Jwks { base_url, keys })
        })
    }
}

/// Public keys, and the base URL that they came from.
#[derive(Clone)]
pub struct Jwks {
    base_url: BaseUrl,
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: Box<str>,
    der: Vec<u8>,
}

impl Jwks {
    /// Returns the base URL that the keys came from.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Returns whether there is a key of this ID.
    #[must_use]
    pub fn has_key(&self, id: &str) -> bool {
        self.key(id).is_some()
    }

    /// Returns the key of this ID as PKCS #1 writes it.
    pub(super) fn key(&self, id: &str) -> Option<&[u8]> {
        let key = self.keys.iter().find(|key| &*key.id == id)?;
        Some(&key.der)
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwks({} keys of {})", self.keys.len(), self.base_url)
    }
}

/// Reads a set of keys (RFC 7517 section 5). Keys that cannot verify RS256 are left out, as the RFC asks.
fn read(body: &[u8]) -> Result<Vec<Key>, BodyError> {
    let mut keys = JsonField::default();
    response::json_fields(body, |name, value| {
        if name == "keys" {
            keys.add(value);
        }
    })?;
    let keys = keys.value().and_then(JsonValue::values);
    let keys = keys.ok_or(BodyError::OtherDocument)?;
    Ok(keys.into_iter().filter_map(read_key).collect())
}

fn read_key(value: JsonValue<'_>) -> Option<Key> {
    let (mut kind, mut id, mut n, mut e) =
        <(JsonField, JsonField, JsonField, JsonField)>::default();
    let (mut purpose, mut algorithm) = <(JsonField, JsonField)>::default();
    value.fields(|name, value| match name {
        "kty" => kind.add(value),
        "kid" => id.add(value),
        "n" => n.add(value),
        "e" => e.add(value),
        "use" => purpose.add(value),
        "alg" => algorithm.add(value),
        _ => {}
    })?;
    let is = |field: JsonField, word| match field {
        JsonField::Absent => Some(true),
        field => Some(&*field.text()? == word),
    };
    let is_fit = &*kind.text()? == "RSA" && is(purpose, "sig")? && is(algorithm, "RS256")?;
    let number = |field: JsonField| {
        let bytes = URL_SAFE_NO_PAD
            .decode(field.text()?.trim_end_matches('='))
            .ok()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.get(zeros..).map(<[u8]>::to_vec)
    };
    let (modulus, exponent) = (number(n)?, number(e)?);
    // 2,048 to 8,192 bits: less is not safe (RFC 7518 section 3.3), and more takes too long to verify.
    let is_sized = (256..=1024).contains(&modulus.len()) && (1..=8).contains(&exponent.len());
    Some(Key {
        id: id.text()?.to_owned().into(),
        der: public_key(&modulus, &exponent)?,
    })
    .filter(|_| is_fit && is_sized)
}

/// Writes `RSAPublicKey` in DER (RFC 8017 appendix A.1.1).
fn public_key(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    const INTEGER: u8 = 0x02;
    const SEQUENCE: u8 = 0x30;
    // A first bit of one would make the number negative.
    let integer = |number: &[u8]| {
        let sign: &[u8] = if number.first()? < &0x80 { &[] } else { &[0] };
        der(INTEGER, &[sign, number].concat())
    };
    der(SEQUENCE, &[integer(modulus)?, integer(exponent)?].concat())
}

/// Writes a value in DER, with its length in as few bytes as it needs.
fn der(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = u16::try_from(content.len()).ok()?.to_be_bytes();
    let header: &[u8] = match (high, low) {
        (0, 0..=0x7f) => &[tag, low],
        (0, _) => &[tag, 0x81, low],
        _ => &[tag, 0x82, high, low],
    };
    Some([header, content].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &str) -> String {
        let n = URL_SAFE_NO_PAD.encode([0x81; 256]);
        format!(r#"{{"kty":"RSA","kid":"1","n":"{n}","e":"AQAB"{fields}}}"#)
    }

    fn ids(keys: &[String]) -> Vec<String> {
        let body = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        let keys = read(body.as_bytes()).unwrap();
        keys.into_iter().map(|key| key.id.into_string()).collect()
    }

    #[test]
    fn keys_that_can_verify_rs256_are_read_and_others_left_out() {
        assert_eq!(
            ids(&[key(""), key(",\"use\":\"sig\",\"alg\":\"RS256\"")]),
            ["1", "1"]
        );
        let short = URL_SAFE_NO_PAD.encode([0x81; 255]);
        let padded = URL_SAFE_NO_PAD.encode([&[0][..], &[0x81; 255]].concat());
        let long = URL_SAFE_NO_PAD.encode([0x81; 1025]);
        let number = |n: &str, e: &str| format!(r#"{{"kty":"RSA","kid":"1","n":"{n}","e":"{e}"}}"#);
        let n = URL_SAFE_NO_PAD.encode([0x81; 256]);
        let others = [
            "1".to_owned(),
            "{}".to_owned(),
            key(",\"use\":\"enc\""),
            key(",\"alg\":\"RS512\""),
            key(",\"kty\":\"RSA\""),
            key("").replace("RSA", "EC"),
            key("").replace("\"kid\":\"1\",", ""),
            number(&short, "AQAB"),
            number(&padded, "AQAB"),
            number(&long, "AQAB"),
            number(&n, ""),
            number(&n, "AAAA"),
            number(&n, "AQABAQABAQAB"),
            number("!", "AQAB"),
        ];
        for other in others {
            assert!(ids(std::slice::from_ref(&other)).is_empty(), "{other}");
        }
        for body in ["{}", "{\"keys\":1}", "{\"keys\":[],\"keys\":[]}"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn public_key_is_written_as_der() {
        let der = public_key(&[0x81; 256], &[1, 0, 1]).unwrap();
        // SEQUENCE of 266 bytes: INTEGER of 257 with its zero, INTEGER of 3.
        assert_eq!(der[..9], [0x30, 0x82, 1, 10, 2, 0x82, 1, 1, 0]);
        assert_eq!(der[der.len() - 5..], [2, 3, 1, 0, 1]);
        assert_eq!(super::der(4, &[7; 127]).unwrap()[..2], [4, 127]);
        assert_eq!(super::der(4, &[7; 128]).unwrap()[..3], [4, 0x81, 128]);
        assert_eq!(super::der(4, &[7; 256]).unwrap()[..4], [4, 0x82, 1, 0]);
        assert_eq!(
            public_key(&[0x7f; 256], &[3]).unwrap()[4..9],
            [2, 0x82, 1, 0, 0x7f]
        );
    }
}
