use super::*;
use crate::base_url::BaseUrl;
use crate::document_warning::FieldProblem as F;
use secrecy::ExposeSecret;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn parse_with(status: u16, body: &[u8]) -> Result<AccessToken, ResponseError> {
    let context = ResponseContext::new(BaseUrl::GLZ, at(1_000));
    let response = http::Response::builder().status(status);
    parse(&response.body(body).unwrap(), &context)
}

fn token(body: &str) -> AccessToken {
    parse_with(200, body.as_bytes()).unwrap()
}

fn unreadable(body: &str) -> BodyError {
    match parse_with(200, body.as_bytes()).unwrap_err() {
        ResponseError::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

/// Returns what a document with this field beside its token warns of.
fn warning(field: &str) -> Option<F> {
    let token = token(&format!(r#"{{"access_token":"t",{field}}}"#));
    assert_eq!(token.token().expose_secret(), "t");
    assert!(token.warnings().len() < 2, "{field}");
    token
        .warnings()
        .first()
        .map(|warning| warning.problem().clone())
}

const OBSERVED: &str = r#"{"expires_in":3600,"scope":"openid expense.report.read user_read","token_type":"Bearer",
"access_token":"eyJ0","refresh_token":"2d725xipty0z7ha3vlpy8b2c3hqxmw","refresh_expires_in":1703696549,
"geolocation":"https://us2.api.concursolutions.com","id_token":"eyJ1"}"#;

#[test]
fn observed_document_is_read_whole() {
    let token = token(OBSERVED);
    assert_eq!(token.scheme(), TokenScheme::Bearer);
    assert_eq!(token.token().expose_secret(), "eyJ0");
    assert_eq!(token.expires_at(), Some(at(4_600)));
    assert_eq!(
        token.refresh_token().unwrap().expose_secret(),
        "2d725xipty0z7ha3vlpy8b2c3hqxmw"
    );
    assert_eq!(token.refresh_expires_at(), Some(at(1_703_696_549)));
    assert_eq!(token.base_url(), &BaseUrl::US2);
    assert_eq!(token.scope(), Some("openid expense.report.read user_read"));
    assert_eq!(token.id_token().unwrap().expose_secret(), "eyJ1");
    assert!(token.warnings().is_empty());
    let shown = format!("{token:?}");
    assert!(
        !shown.contains("eyJ") && !shown.contains("2d725"),
        "{shown}"
    );
}

#[test]
fn trap_02_lifetime_is_a_number_or_a_string() {
    for lifetime in ["3600", "\"3600\""] {
        let token = token(&format!(
            r#"{{"access_token":"t","expires_in":{lifetime}}}"#
        ));
        assert_eq!(token.expires_at(), Some(at(4_600)), "{lifetime}");
    }
    for bad in [
        "-1",
        "1e999",
        "3600.5",
        "\"abc\"",
        "\"\\ud800\"",
        "18446744073709551615",
        "99999999999999999999",
        "true",
        "{}",
        "[3600]",
    ] {
        assert_eq!(
            warning(&format!("\"expires_in\":{bad}")),
            Some(F::Unreadable),
            "{bad}"
        );
    }
    for absent in ["null", "\"\""] {
        assert_eq!(
            warning(&format!("\"expires_in\":{absent}")),
            None,
            "{absent}"
        );
    }
}

#[test]
fn trap_03_refresh_expiry_is_a_time_and_has_had_other_names() {
    for name in [
        "refresh_expires_in",
        "refresh_expiry",
        "refresh_token_expires_in",
    ] {
        for time in ["1703696549", "\"1703696549\""] {
            let token = token(&format!(r#"{{"access_token":"t","{name}":{time}}}"#));
            assert_eq!(
                token.refresh_expires_at(),
                Some(at(1_703_696_549)),
                "{name}"
            );
        }
    }
    assert_eq!(
        warning("\"refresh_expires_in\":253402300800"),
        Some(F::Unreadable)
    );
}

#[test]
fn trap_04_geolocation_may_have_a_path_or_a_slash() {
    for text in [
        "https://us.api.concursolutions.com",
        "https://us.api.concursolutions.com/",
        "https://us.api.concursolutions.com/oauth2/v0/token",
        "HTTPS://US.api.concursolutions.com:443",
    ] {
        let token = token(&format!(r#"{{"access_token":"t","geolocation":"{text}"}}"#));
        assert_eq!(
            token.base_url().to_string(),
            "https://us.api.concursolutions.com"
        );
        assert!(token.warnings().is_empty());
    }
    assert_eq!(token(r#"{"access_token":"t"}"#).base_url(), &BaseUrl::GLZ);
}

#[test]
fn trap_06_foreign_geolocation_is_reported_and_not_used() {
    for text in [
        "https://evil.example",
        "https://www.concursolutions.com",
        "https://api.concursolutions.com",
        "https://us2.api.concursolutions.com.evil.example",
        "https://us2.api.concursolutions.com:8443",
        "https://127.0.0.1",
        "http://localhost",
    ] {
        let token = token(&format!(r#"{{"access_token":"t","geolocation":"{text}"}}"#));
        assert_eq!(token.base_url(), &BaseUrl::GLZ, "{text}");
        let foreign = F::Foreign(Some(text.parse().unwrap()));
        assert_eq!(token.warnings()[0].problem(), &foreign, "{text}");
    }
    let insecure = "\"geolocation\":\"http://us2.api.concursolutions.com\"";
    assert_eq!(warning(insecure), Some(F::Foreign(None)));
    for text in [
        "us2",
        "https://",
        "https://me@us2.api.concursolutions.com",
        "ftp://a",
    ] {
        let field = format!("\"geolocation\":\"{text}\"");
        assert_eq!(warning(&field), Some(F::Unreadable), "{text}");
    }
}

#[test]
fn trap_21_application_token_has_neither_refresh_token_nor_id_token() {
    let token = token(r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#);
    assert!(token.refresh_token().is_none() && token.id_token().is_none());
    assert!(token.warnings().is_empty());
}

#[test]
fn trap_28_token_type_is_read_in_any_case() {
    for word in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(
            warning(&format!("\"token_type\":\"{word}\"")),
            None,
            "{word}"
        );
    }
    assert_eq!(warning("\"token_type\":\"mac\""), Some(F::Unreadable));
}

#[test]
fn side_field_that_cannot_be_read_costs_no_token() {
    for field in [
        "\"scope\":\"\\ud800\"",
        "\"scope\":[\"a\"]",
        "\"id_token\":{}",
        "\"refresh_token\":true",
        "\"refresh_expires_in\":\"never\"",
    ] {
        assert_eq!(warning(field), Some(F::Unreadable), "{field}");
    }
    assert_eq!(
        warning("\"scope\":\"a\",\"scope\":\"a\""),
        Some(F::Repeated)
    );
    // Names that are not known, or are no text.
    assert_eq!(warning("\"\\ud800\":1,\"other\":{\"a\":[1e999]}"), None);
    // Escapes count: in a name, and in a value.
    let token = token("\u{feff} {\"\\u0061ccess_token\":\"a\\/b\",\"idtoken\":\"i\"}\n");
    assert_eq!(token.token().expose_secret(), "a/b");
    assert_eq!(token.id_token().unwrap().expose_secret(), "i");
}

#[test]
fn body_without_one_token_is_an_error() {
    use BodyError as E;
    for (body, reason) in [
        ("", E::Empty),
        (" \n", E::Empty),
        ("{}", E::NoToken),
        ("{\"access_token\":null}", E::NoToken),
        ("{\"access_token\":1}", E::NoToken),
        ("{\"access_token\":{}}", E::NoToken),
        ("{\"access_token\":\"\\ud800\"}", E::NoToken),
        ("{\"access_token\":\"\"}", E::EmptyToken),
        (
            "{\"access_token\":\"a\",\"access_token\":\"b\"}",
            E::RepeatedToken,
        ),
        ("[]", E::Json { line: 1, column: 0 }),
        (
            "{\"access_token\":\"a\"",
            E::Json {
                line: 1,
                column: 19,
            },
        ),
        (
            "{\"access_token\":\"a\"}x",
            E::Json {
                line: 1,
                column: 21,
            },
        ),
        ("\"a\"", E::NotJson),
        ("access_token=a", E::NotJson),
        ("<Access_Token><Token>a</Token></Access_Token>", E::NotJson),
        ("<html>", E::Html),
    ] {
        assert_eq!(unreadable(body), reason, "{body}");
    }
    let large = format!("{{\"access_token\":\"{}\"}}", "a".repeat(65_536));
    assert_eq!(unreadable(&large), E::TooLarge);
    // Other encodings than UTF-8.
    for other in [
        &b"\xff\xfe{\0}\0"[..],
        b"{\"access_token\":\"\xe9\"}",
        b"{\"access_token\":\"t\",\"scope\":\"\xe9\"}",
    ] {
        let error = parse_with(200, other).unwrap_err();
        let ResponseError::Unreadable { reason, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(reason, E::NotJson);
    }
    let error = parse_with(204, b"").unwrap_err();
    assert!(
        matches!(
            error,
            ResponseError::Unreadable {
                reason: E::Empty,
                ..
            }
        ),
        "{error:?}"
    );
    let html = http::Response::builder().header("content-type", "text/html; charset=utf-8");
    let html = html.body(&b"<p>Sign in"[..]).unwrap();
    let context = ResponseContext::new(BaseUrl::GLZ, at(0));
    let ResponseError::Unreadable { reason, .. } = parse(&html, &context).unwrap_err() else {
        panic!("unreadable");
    };
    assert_eq!(reason, E::Html);
}

#[test]
fn trap_29_error_is_sorted_by_code_before_word_before_status() {
    use crate::response::ErrorKind as K;
    for (status, body, kind) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"Incorrect Credentials. Please Retry","code":5}"#,
            K::WrongCredentials,
        ),
        (403, r#"{"error":"invalid_grant","code":108}"#, K::DeadGrant),
        (
            400,
            r#"{"error":"invalid_grant","code":"14"}"#,
            K::AccountLocked,
        ),
        (
            401,
            r#"{"error":"invalid_client","code":61}"#,
            K::WrongApplication,
        ),
        (
            403,
            r#"{"error":"invalid_client","code":53}"#,
            K::AskAdministrator,
        ),
        (400, r#"{"code":134}"#, K::Unavailable),
        (
            400,
            r#"{"code":16,"geolocation":"https://us2.api.concursolutions.com"}"#,
            K::Elsewhere,
        ),
        (400, r#"{"code":103}"#, K::AskUserAgain),
        (
            400,
            r#"{"error":"invalid_scope","code":9999}"#,
            K::WrongApplication,
        ),
        (400, r#"{"error":"invalid_grant"}"#, K::DeadGrant),
        (403, r#"{"error":"invalid_request"}"#, K::AskAdministrator),
        (400, r#"{"code":"INVALIDTOKEN"}"#, K::DeadGrant),
        (429, r#"{"message":"slow"}"#, K::Unavailable),
        (200, r#"{"error":"invalid_grant","code":108}"#, K::DeadGrant),
        (500, r#"{"error":"invalid_grant","code":108}"#, K::DeadGrant),
        (401, "", K::Other),
        (401, r#"{"error":"invalid_request"}"#, K::Other),
        (503, r#"{"error":"invalid_client"}"#, K::Unavailable),
        (429, r#"{"error":"access_denied"}"#, K::Unavailable),
        (403, r#"{"code":59}"#, K::AskAdministrator),
        (400, r#"{"error":"invalid_request","code":82}"#, K::Other),
        (
            403,
            "<Error><Message>No</Message></Error>",
            K::AskAdministrator,
        ),
        (503, "<html>", K::Unavailable),
        (500, "", K::Unavailable),
        (404, "{\"a\":1}", K::Other),
    ] {
        let error = parse_with(status, body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), Some(kind), "{status} {body} {error}");
        let again = kind == K::Unavailable;
        assert_eq!(error.retry_after().is_some(), again, "{status} {body}");
        assert_eq!(matches!(error, ResponseError::Unavailable(_)), again);
    }
    for (status, body) in [(404, "<html>"), (400, "no"), (407, "{}")] {
        let error = parse_with(status, body.as_bytes()).unwrap_err();
        assert!(
            matches!(error, ResponseError::NotConcur { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn error_document_is_kept_cleaned() {
    let body = r#"{"error":"invalid_grant","concur-correlationid":"72a8bb84","error_description":"bad\u001b[2J or expired refresh token","code":108,"geolocation":"https://us2.api.concursolutions.com/x"}"#;
    let error = parse_with(403, body.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "refused by Concur: bad[2J or expired refresh token (status 403 Forbidden, invalid_grant, code 108, \
         id 72a8bb84): connect the user or the company anew"
    );
    let ResponseError::Refused(refused) = error else {
        panic!("refused");
    };
    assert_eq!(refused.code(), Some(108));
    assert_eq!(refused.error(), Some("invalid_grant"));
    assert_eq!(refused.geolocation(), Some(&BaseUrl::US2));
    // The header field speaks where the document does not, in any case.
    let response = http::Response::builder()
        .status(400)
        .header("Concur-CorrelationID", "e17fb88b")
        .body(&br#"{"error":"invalid_grant"}"#[..]);
    let context = ResponseContext::new(BaseUrl::GLZ, at(0));
    let error = parse(&response.unwrap(), &context).unwrap_err();
    assert_eq!(
        error.to_string(),
        "refused by Concur: invalid_grant (status 400 Bad Request, id e17fb88b): check that the token is not \
         spent, expired or revoked"
    );
}

#[test]
fn advice_is_that_of_the_code() {
    for (code, advice) in [
        (5, "or the ID and its request token"),
        (
            14,
            "do not try again: an administrator must unlock the account",
        ),
        (21, "use the Web flow or a one-time password"),
        (53, "an administrator of the company must enable"),
        (54, "ask for fewer scopes"),
        (61, "check the client ID or consumer key"),
        (82, "use a one-time password that was mailed before"),
        (103, "have the user begin again"),
        (108, "connect the user or the company anew"),
        (
            136,
            "have a request token made for this application's client ID",
        ),
        (139, "choose a new password at Concur"),
        (9999, "check what was sent"),
    ] {
        let body = format!(r#"{{"error":"invalid_request","code":{code}}}"#);
        let error = parse_with(400, body.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(advice), "{error}");
    }
    let elsewhere = r#"{"code":16,"geolocation":"https://evil.example"}"#;
    let error = parse_with(400, elsewhere.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("lives at https://evil.example, where the request was not sent"),
        "{error}"
    );
    let error = parse_with(400, br#"{"code":16}"#).unwrap_err().to_string();
    assert!(error.contains("name the data center"), "{error}");
}
