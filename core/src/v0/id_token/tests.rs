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
    let body = format!(r#"{{"keys":[{{"kty":"RSA","kid":"1455614022","n":"{n}","e":"AQAB"}}]}}"#);
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
        ("\"typ\":\"JWT\"", "\"crit\":null", E::Malformed),
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
        ("\"exp\":1485485529", "\"exp\":1.9e9", E::Malformed),
        ("\"exp\":1485485529", "\"exp\":19E8", E::Malformed),
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
