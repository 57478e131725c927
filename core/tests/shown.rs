//! What `Debug` and `Display` show: a type's name and nothing of a user, or the text itself where that is no secret.

use std::error::Error as _;
use std::time::SystemTime;

use concur_oauth_core::auto_connect::{
    ConnectionRequestId, CreateConnectionRequest, DeleteConnectionRequest, GetConnectionRequest,
    Outcome, ReportConnection, Round, RoundError, Step, Version,
};
use concur_oauth_core::http1::{Limits, ResponseReader};
use concur_oauth_core::net2::{NativeFlow, RevokeUser};
use concur_oauth_core::{
    AccessToken, Application, BaseUrl, CallbackError, ConsumerKey, Credentials, CsrfState, Error,
    Exchange, RedirectUri, ResponseContext, ResponseError, Scope, SecretBody, Stage, StepRequest,
    TokenParts, TokenScheme, http, parse_app_center_callback,
};

fn administrator() -> AccessToken {
    TokenParts::new(TokenScheme::OAuth, "hidden", BaseUrl::US_PRODUCTION).into()
}

fn application() -> Application {
    Application::new(ConsumerKey::new("key").unwrap(), "hidden").unwrap()
}

fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, SystemTime::UNIX_EPOCH)
}

#[test]
fn debug_names_the_type_and_shows_nothing_hidden() {
    let (administrator, application) = (administrator(), application());
    let key = application.key();
    let create = CreateConnectionRequest::new(&administrator, "hidden@example.com").unwrap();
    let revoke = RevokeUser::new(&administrator, key, "hidden@example.com").unwrap();
    let state = CsrfState::new("hidden hidden hidden").unwrap();
    let body = SecretBody::from(b"hidden".to_vec());
    let document = "<ConnectionRequest><ID>i</ID><firstName>hidden</firstName><middleName>Q</middleName>\
                    <requestToken>hidden</requestToken></ConnectionRequest>";
    let response = http::Response::new(document.as_bytes());
    let request = GetConnectionRequest::parse(response, &context()).unwrap();
    assert_eq!(request.middle_name(), Some("Q"));
    let mut round = Round::new(&application, &administrator);
    let round_shown = format!("{round:?}");
    let Step::Send(list) = round.step(SystemTime::UNIX_EPOCH) else {
        panic!("a list")
    };
    let list_shown = format!("{list:?}");
    let received = |body: &[u8]| StepRequest::parse(http::Response::new(body), &context()).unwrap();
    let mut reader = ResponseReader::new(http::Method::GET, Limits::default());
    let reader_shown = format!("{reader:?}");
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden";
    let complete = reader.receive(bytes).unwrap().unwrap();
    for (shown, name) in [
        (format!("{create:?}"), "CreateConnectionRequest"),
        (format!("{revoke:?}"), "RevokeUser"),
        (format!("{state:?}"), "CsrfState([REDACTED])"),
        (format!("{body:?}"), "SecretBody([REDACTED], 6 bytes)"),
        (format!("{request:?}"), "ConnectionRequest { id: Some"),
        (round_shown, "SeenIds(0)"),
        (list_shown, "StepRequest { method: GET"),
        (
            format!("{:?}", received(b"hidden")),
            "StepResponse { status: 200",
        ),
        (reader_shown, "ResponseReader"),
        (format!("{complete:?}"), "CompleteResponse"),
        (
            format!("{:?}", BaseUrl::US2),
            "BaseUrl(https://us2.api.concursolutions.com)",
        ),
        (
            format!("{:?}", Credentials::with_password("hidden", "hidden")),
            "Credentials",
        ),
    ] {
        assert!(shown.contains(name), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
    }
    assert_eq!(bytes::Bytes::from(body).as_ref(), b"hidden");
}

#[test]
fn display_is_the_text() {
    let uri = "https://app.example/back?a=b";
    assert_eq!(RedirectUri::new(uri).unwrap().to_string(), uri);
    assert_eq!(Scope::EXPRPT.to_string(), "EXPRPT");
    let id = ConnectionRequestId::new("i d").unwrap();
    assert_eq!(id.to_string(), "i d");
    for (query, words) in [
        ("error=&error_description=", "access was not granted"),
        ("error=a", "access was not granted (a)"),
        ("error=&error_description=b", "access was not granted: b"),
        (
            "error=a&error_description=b",
            "access was not granted: b (a)",
        ),
    ] {
        let CallbackError::Denied(denied) = parse_app_center_callback(query).unwrap_err() else {
            panic!("{query}");
        };
        assert_eq!(denied.to_string(), words);
    }
}

#[test]
fn scheme_of_a_stored_token_is_read_in_any_case() {
    for (word, scheme) in [
        ("OAuth", TokenScheme::OAuth),
        ("bearer", TokenScheme::Bearer),
    ] {
        assert_eq!(word.parse(), Ok(scheme));
        assert!(scheme.to_string().eq_ignore_ascii_case(word));
    }
    let error = "Basic".parse::<TokenScheme>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the token scheme is neither OAuth nor Bearer"
    );
}

#[test]
fn errors_say_when_to_try_again() {
    let timeout = |stage| {
        let after = std::time::Duration::from_secs(60);
        Error::Timeout { stage, after }.to_string()
    };
    assert!(timeout(Stage::Receive).contains("wait five minutes, then try again"));
    assert!(timeout(Stage::Connect).contains("try again in a few seconds"));
    let stopped = |seconds: Option<u64>| {
        let retry_after = seconds.map(std::time::Duration::from_secs);
        RoundError::Stopped { retry_after }.to_string()
    };
    assert!(stopped(Some(7)).ends_with("begin the next in 7 s"));
    assert!(stopped(None).ends_with("begin the next when that is corrected"));
    // A short wait is in words, and a long one in seconds.
    let refused = |status: u16| {
        let response = http::Response::builder().status(status).body(&b""[..]);
        NativeFlow::parse(response.unwrap(), &context())
            .unwrap_err()
            .to_string()
    };
    assert!(refused(400).ends_with("a little later"), "{}", refused(400));
    assert!(refused(503).ends_with("(300 s)"), "{}", refused(503));
}

#[test]
fn calls_that_return_nothing_read_their_response_and_some_may_be_sent_again() {
    let response = || http::Response::new(&b"Access denied"[..]);
    let error = RevokeUser::parse(response(), &context()).unwrap_err();
    assert!(matches!(error, ResponseError::Unconfirmed(_)));
    assert!(DeleteConnectionRequest::parse(response(), &context()).is_err());
    let (administrator, id) = (administrator(), ConnectionRequestId::new("i").unwrap());
    let report = ReportConnection::new(&administrator, Version::V3_2, &id, Outcome::Connected);
    assert!(report.is_resendable());
    let credentials = Credentials::with_password("jo", "x").unwrap();
    let key = ConsumerKey::new("key").unwrap();
    assert!(NativeFlow::new(BaseUrl::US_PRODUCTION, key, credentials).is_resendable());
}

#[test]
fn failure_of_a_round_has_its_causes_source() {
    let (administrator, application) = (administrator(), application());
    let mut round = Round::new(&application, &administrator);
    let list =
        b"<ConnectionRequests><Items><ConnectionRequest><ID>i</ID><requestToken>t</requestToken>\
                 </ConnectionRequest></Items></ConnectionRequests>";
    let now = SystemTime::UNIX_EPOCH;
    let mut listed = false;
    loop {
        match round.step(now) {
            Step::Send(_) if !listed => {
                listed = true;
                let response = StepRequest::parse(http::Response::new(&list[..]), &context());
                round.receive(Ok(response.unwrap()));
            }
            Step::Send(_) => round.receive(Err(Error::interrupted(Stage::Connect, "no route"))),
            Step::Finished(result) => {
                let concur_oauth_core::auto_connect::ConnectionResult::Failed(failure) = result
                else {
                    panic!("{result:?}");
                };
                let source = failure.source().expect("a network error");
                assert!(source.to_string().contains("connect"), "{source}");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}
