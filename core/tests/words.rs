//! What errors, warnings and outcomes say: each is for a person, and says what to do next.

use std::time::{Duration, SystemTime};

use concur_oauth_core::Scope;
use concur_oauth_core::auto_connect::{Outcome, Pages, Status, Version};
use concur_oauth_core::http1::{Limits, MAX_BODY, ProtocolError};
use concur_oauth_core::net2::{NativeFlow, WebFlow};
use concur_oauth_core::{
    AccessToken, BaseUrl, ConsumerKey, Credentials, CsrfState, Error, Exchange, RedirectUri,
    ResponseContext, ResponseError, Stage, TokenParts, TokenScheme, http,
};

fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, SystemTime::UNIX_EPOCH)
}

fn respond(status: u16, body: &str) -> Result<AccessToken, ResponseError> {
    let response = http::Response::builder().status(status);
    NativeFlow::parse(response.body(body.as_bytes()).unwrap(), &context())
}

#[test]
fn bad_input_says_what_to_do() {
    let url = |text: &str| text.parse::<BaseUrl>().unwrap_err().to_string();
    for (said, words) in [
        (url(""), "the base URL is empty: give one"),
        (
            url("www.concursolutions.com"),
            "write it as https:// and the host",
        ),
        (url("http://concur.example"), "use https"),
        (url("https://me@concur.example"), "leave it out"),
        (
            url("https://concur.example/net2"),
            "give scheme and host only",
        ),
        (
            ConsumerKey::new("a b").unwrap_err().to_string(),
            "the consumer key (client ID) contains a space or a character outside visible ASCII: take it out",
        ),
        (
            Credentials::with_password("x".repeat(9000), "")
                .unwrap_err()
                .to_string(),
            "the login ID is too long: give at most 8192 bytes",
        ),
        (
            CsrfState::new("short").unwrap_err().to_string(),
            "the state is too short: make it of 16 random bytes",
        ),
        (
            RedirectUri::new("http://app.example/")
                .unwrap_err()
                .to_string(),
            "the redirect URI is plain http to a host that is not this machine: use https",
        ),
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn each_stage_is_named() {
    for (stage, words, sent) in [
        (Stage::Lookup, "cannot look up the host", false),
        (Stage::Connect, "cannot connect to the host", false),
        (Stage::Handshake, "cannot finish the TLS handshake", false),
        (
            Stage::Send,
            "the connection broke (trying to send the request)",
            true,
        ),
        (
            Stage::Receive,
            "the connection broke (trying to receive the response)",
            true,
        ),
    ] {
        let error = Error::interrupted(stage, "why");
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!(error.may_have_reached_concur(), sent);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
        let late = Error::Timeout {
            stage,
            after: Duration::from_millis(1500),
        };
        assert!(
            late.to_string().starts_with("no response within 1.5 s"),
            "{late}"
        );
        let wait = if sent { 300 } else { 5 };
        assert_eq!(late.retry_after(), Some(Duration::from_secs(wait)));
    }
    // What is cut short is a broken connection; other responses that are no HTTP do not mend by themselves.
    let cut = Error::from(ProtocolError::Truncated);
    assert!(matches!(cut, Error::Interrupted { .. }));
    assert_eq!(Error::from(ProtocolError::Upgrade).retry_after(), None);
}

#[test]
fn advice_follows_the_status_and_the_words() {
    let document = |words: &str| format!("<Error><Message>{words}</Message></Error>");
    for (status, body, advice) in [
        (
            400,
            document("No"),
            "if it is right, send it again a little later",
        ),
        (
            403,
            document("Invalid consumer key"),
            "check the client ID or consumer key, its secret, and the application's settings",
        ),
        (
            403,
            document("Invalid credentials"),
            "that the user is not locked",
        ),
        (
            403,
            document("The token has been revoked"),
            "not spent, expired or revoked",
        ),
        (
            403,
            document("No"),
            "that none is locked, spent, expired or revoked",
        ),
        (
            403,
            String::new(),
            "an empty response (status 403 Forbidden)",
        ),
        (
            403,
            "<Error/>".to_owned(),
            "no reason given (status 403 Forbidden)",
        ),
        (404, document("No"), "check what was asked for"),
        (
            409,
            document("No"),
            "check the base URL and any proxy on the way to it",
        ),
        (429, document("No"), "slow down (300 s)"),
        (503, document("No"), "wait before sending it again (300 s)"),
        (302, String::new(), "never followed: check the base URL"),
        (
            200,
            "<a/>".to_owned(),
            "check the base URL and any proxy on the way to it",
        ),
        (200, "<Access_Token/>".to_owned(), "tell Concur support"),
    ] {
        let error = respond(status, &body).unwrap_err().to_string();
        assert!(error.contains(advice), "{status} {body}: {error}");
    }
    // A body that was not read is named.
    let mut response = http::Response::new(&b""[..]);
    *response.status_mut() = http::StatusCode::FORBIDDEN;
    response
        .extensions_mut()
        .insert(ProtocolError::BodyTooLarge);
    let error = NativeFlow::parse(response, &context()).unwrap_err();
    assert!(
        error.to_string().contains("its body is too long"),
        "{error}"
    );
}

#[test]
fn warnings_name_field_and_problem() {
    let document = |fields: &str| format!("<Access_Token><Token>t</Token>{fields}</Access_Token>");
    for (fields, words) in [
        (
            "<Expiration_date>soon</Expiration_date>",
            "Expiration_date is given in a form that cannot be read",
        ),
        (
            "<Refresh_Token>a</Refresh_Token><Refresh_Token>b</Refresh_Token>",
            "Refresh_Token is given more than once",
        ),
        (
            "<Instance_Url>https://evil.example/</Instance_Url>",
            "Instance_Url names https://evil.example, which is foreign",
        ),
        (
            "<Instance_Url>http://www.concursolutions.com/</Instance_Url>",
            "Instance_Url names a host by plain http, which is foreign",
        ),
    ] {
        let token = respond(200, &document(fields)).unwrap();
        let said: Vec<_> = token.warnings().iter().map(ToString::to_string).collect();
        assert!(said.len() == 1 && said[0].starts_with(words), "{said:?}");
    }
}

#[test]
fn outcomes_are_words_with_concurs_code() {
    let said: Vec<_> = Outcome::DOCUMENTED
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "connected (CRSUC)",
            "loyalty number not found (CREU1)",
            "loyalty number and name differ (CREU2)",
            "the loyalty account needs attention (CREU3)",
            "request token expired (CRPA1)",
            "network error (CRPA2)",
            "try again (CRRET)",
        ]
    );
}

#[test]
fn each_status_can_be_listed() {
    let administrator = AccessToken::from(TokenParts::new(
        TokenScheme::OAuth,
        "admin",
        BaseUrl::US_PRODUCTION,
    ));
    for (status, name) in [
        (Status::Pending, "pending"),
        (Status::Processing, "processing"),
        (Status::Connected, "connected"),
        (Status::Failed, "failed"),
        (Status::Retry, "retry"),
    ] {
        let pages = Pages::new(Version::V3_2, status);
        let list = pages.next_request(&administrator).unwrap().unwrap();
        let query = format!("status={name}&limit=10");
        assert_eq!(list.into_request().unwrap().uri().query(), Some(&*query));
    }
}

#[test]
fn limits_are_lowered_and_never_raised() {
    let default = Limits::default();
    let raised = default
        .with_max_body(usize::MAX)
        .with_max_head(usize::MAX)
        .with_max_headers(usize::MAX);
    assert_eq!(raised, default);
    assert_eq!(default.max_body(), MAX_BODY);
    let lowered = default
        .with_max_body(1)
        .with_max_head(2)
        .with_max_headers(3);
    let read = (
        lowered.max_body(),
        lowered.max_head(),
        lowered.max_headers(),
    );
    assert_eq!(read, (1, 2, 3));
}

#[test]
fn authorization_url_is_encoded_and_needs_a_scope() {
    let key = || ConsumerKey::new("k&y").unwrap();
    let redirect_uri = RedirectUri::new("https://app.example/back?a=b").unwrap();
    let state = CsrfState::new("state with 16 bytes").unwrap();
    let flow = WebFlow::new(key(), redirect_uri.clone(), [Scope::EXPRPT, Scope::ITINER]).unwrap();
    assert_eq!(
        flow.authorization_url(&BaseUrl::EU_PRODUCTION, &state),
        "https://eu1.concursolutions.com/net2/oauth2/Login.aspx?client_id=k%26y&scope=EXPRPT%2CITINER\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fa%3Db&state=state%20with%2016%20bytes"
    );
    assert!(WebFlow::new(key(), redirect_uri, []).is_err());
}
