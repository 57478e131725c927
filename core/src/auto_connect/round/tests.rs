mod ending;
mod exchange;
mod held;
mod v0;

use std::time::Duration;

use http::{Method, StatusCode};
use secrecy::ExposeSecret;

use super::*;
use crate::application::ConsumerKey;
use crate::auto_connect::{ConnectionFailure, FailureCause};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::http1::ProtocolError;
use crate::response::DEFAULT_RETRY_AFTER;
use crate::secret::SecretBody;
use crate::token::{TokenParts, TokenScheme};

/// A Concur in miniature: what it responds to a request, by its name here.
type Concur<'c> = &'c mut dyn FnMut(&str) -> Result<(u16, String), Error>;

struct Ended {
    calls: Vec<String>,
    finished: Vec<ConnectionResult>,
    end: Result<(), RoundError>,
}

fn application() -> Application {
    Application::new(ConsumerKey::new("key").unwrap(), "secret").unwrap()
}

fn administrator() -> AccessToken {
    TokenParts::new(TokenScheme::OAuth, "administrator", BaseUrl::US_PRODUCTION).into()
}

/// 2016-09-25T13:36:50, and twenty minutes later.
fn modified() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610)
}

fn later() -> SystemTime {
    modified() + Duration::from_secs(1_200)
}

fn item(id: &str) -> String {
    format!(
        "<ConnectionRequest><id>{id}</id><requestToken>code-{id}</requestToken>\
         <lastModified>2016-09-25T13:36:50</lastModified><loyaltyNumber>{id}</loyaltyNumber>\
         </ConnectionRequest>"
    )
}

fn page(items: &[&str], next: &str) -> String {
    let items: String = items.iter().map(|id| item(id)).collect();
    format!(
        "<ConnectionRequests><Items>{items}</Items><NextPage>{next}</NextPage></ConnectionRequests>"
    )
}

/// `list`, `exchange a`, `report a CRSUC`, `revoke a`.
fn name(request: &http::Request<SecretBody>) -> String {
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let body = std::str::from_utf8(request.body().as_ref()).unwrap();
    let last = path.rsplit('/').next().unwrap();
    match (request.method(), last) {
        (&Method::GET, "connectionrequests") => format!("list {query}"),
        (&Method::GET, "GetAccessToken.ashx") => {
            let code = query.strip_prefix("code=code-").unwrap();
            format!("exchange {}", code.split('&').next().unwrap())
        }
        (&Method::PUT, id) => {
            let code = body.split(['<', '>']).nth(4).unwrap();
            format!("report {id} {code}")
        }
        (&Method::POST, "revoketoken.ashx") => {
            format!("revoke {}", query.strip_prefix("token=token-").unwrap())
        }
        other => panic!("{other:?}"),
    }
}

/// What it responds when nothing fails.
fn well(call: &str, first_page: &str) -> (u16, String) {
    let body = match call.split_once(' ').unwrap() {
        ("list", _) => first_page.to_owned(),
        ("exchange", id) => format!("<Access_Token><Token>token-{id}</Token></Access_Token>"),
        _ => String::new(),
    };
    (200, body)
}

fn response((status, body): (u16, String)) -> StepResponse {
    let mut response = http::Response::new(body.as_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    let context = ResponseContext::new(BaseUrl::US_PRODUCTION, SystemTime::UNIX_EPOCH);
    StepRequest::parse(response, &context).unwrap()
}

fn drive(now: SystemTime, concur: Concur<'_>) -> Ended {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    let (mut calls, mut finished) = (Vec::new(), Vec::new());
    let end = loop {
        match round.step(now) {
            Step::Send(call) => {
                let request = call.into_request().unwrap();
                let name = name(&request);
                let received = concur(&name).map(response);
                calls.push(name);
                round.receive(received);
            }
            Step::Match { request, token } => {
                let id = request.id().unwrap().as_str();
                assert_eq!(token.token().expose_secret(), format!("token-{id}"));
                let unknown = id.starts_with("un");
                let outcome = [Outcome::Connected, Outcome::LoyaltyNumberNotFound];
                round.matched(outcome[usize::from(unknown)]);
            }
            Step::Finished(one) => finished.push(one),
            Step::Done(end) => break end,
        }
        assert!(calls.len() < 100);
    };
    assert!(matches!(round.step(now), Step::Done(Ok(()))));
    Ended {
        calls,
        finished,
        end,
    }
}

fn unreachable() -> Error {
    Error::Unreachable {
        stage: Stage::Connect,
        source: "no route".into(),
    }
}

fn late() -> Error {
    Error::Timeout {
        stage: Stage::Receive,
        after: Duration::from_secs(60),
    }
}

fn broken() -> Error {
    Error::interrupted(Stage::Receive, "reset")
}

/// Returns the only result, which is a failure.
fn failure(ended: &mut Ended) -> ConnectionFailure {
    assert_eq!(ended.finished.len(), 1);
    match ended.finished.pop() {
        Some(ConnectionResult::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn round_connects_and_rejects_over_two_pages() {
    let next =
        "https://www.concursolutions.com/api/v3.2/common/connectionrequests?offset=x&amp;limit=10";
    let first = page(&["a", "unknown"], next);
    let ended = drive(modified(), &mut |call| {
        Ok(match call {
            "list offset=x&limit=10" => (200, page(&["b"], "")),
            call => well(call, &first),
        })
    });
    assert_eq!(
        ended.calls,
        [
            "list status=pending&limit=10",
            "exchange a",
            "report a CRSUC",
            "exchange unknown",
            "report unknown CREU1",
            "revoke unknown",
            "list offset=x&limit=10",
            "exchange b",
            "report b CRSUC",
        ]
    );
    ended.end.unwrap();
    let [
        ConnectionResult::Connected { request: a, token },
        ConnectionResult::Rejected {
            outcome: Outcome::LoyaltyNumberNotFound,
            ..
        },
        ConnectionResult::Connected { .. },
    ] = ended.finished.as_slice()
    else {
        panic!("{:?}", ended.finished);
    };
    assert_eq!(a.loyalty_number(), Some("a"));
    assert_eq!(token.token().expose_secret(), "token-a");
}

#[test]
fn round_of_an_older_version_lists_and_reports_by_it() {
    let (application, administrator) = (application(), administrator());
    let round = Round::new(&application, &administrator);
    let mut round = round.with_version(Version::V3_0);
    let mut bodies = Vec::new();
    loop {
        match round.step(modified()) {
            Step::Send(call) => {
                let request = call.into_request().unwrap();
                let path = request.uri().path().to_owned();
                assert!(
                    path.starts_with("/net2/") || path.starts_with("/api/v3.0/"),
                    "{path}"
                );
                bodies.extend_from_slice(request.body().as_ref());
                round.receive(Ok(response(well(&name(&request), &page(&["a"], "")))));
            }
            Step::Match { .. } => round.matched(Outcome::Connected),
            Step::Finished(_) => {}
            Step::Done(end) => break end.unwrap(),
        }
    }
    assert!(bodies.starts_with(b"<ConnectionRequest><Status>"));
}

#[test]
fn round_is_send_and_sync() {
    fn is<T: Send + Sync>() {}
    is::<Round<'static>>();
    is::<StepRequest<'static>>();
    is::<StepResponse>();
    is::<ConnectionResult>();
    is::<RoundError>();
}

#[test]
fn request_shows_no_secret_and_a_stray_response_has_no_effect() {
    let (application, administrator) = (application(), administrator());
    let mut round = Round::new(&application, &administrator);
    let Step::Send(call) = round.step(modified()) else {
        panic!()
    };
    assert!(call.is_resendable());
    assert_eq!(call.base_url(), &BaseUrl::US_PRODUCTION);
    drop(call);
    // These have no effect: a second response, and an outcome where none is asked for.
    round.matched(Outcome::Connected);
    round.receive(Ok(response((200, page(&["a"], "")))));
    round.receive(Err(broken()));
    let Step::Send(call) = round.step(modified()) else {
        panic!()
    };
    assert!(!call.is_resendable());
    let shown = format!("{call:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("code"),
        "{shown}"
    );
    let granted = response(well("exchange a", ""));
    assert!(!format!("{granted:?}").contains("token-a"));
}
