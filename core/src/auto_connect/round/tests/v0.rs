//! The round of a supplier's application of `v0`.

use super::*;
use crate::response::ErrorKind;

fn item_of_v0(id: &str) -> String {
    item(id).replace("</id>", &format!("</id><userId>user-{id}</userId>"))
}

/// Where and what a request asks.
fn name_of_v0(base_url: &BaseUrl, request: &http::Request<SecretBody>) -> String {
    assert!(base_url.is_origin_of(request.uri()));
    let host = base_url.host().split('.').next().unwrap();
    let body = std::str::from_utf8(request.body().as_ref()).unwrap();
    let (path, authorization) = (request.uri().path(), request.headers().get("authorization"));
    let is_bearer =
        authorization.is_some_and(|value| value.to_str().unwrap().starts_with("Bearer "));
    assert_eq!(is_bearer, !path.starts_with("/oauth2/"), "{path}");
    match (request.method(), path) {
        (&Method::POST, "/oauth2/v0/token") => {
            let (_, user) = body.split_once("&username=user-").unwrap();
            let (id, rest) = user.split_once('&').unwrap();
            assert_eq!(rest, format!("password=code-{id}&credtype=authtoken"));
            format!("{host} exchange {id}")
        }
        (&Method::DELETE, "/app-mgmt/v0/connections") => format!("{host} revoke"),
        (&Method::PUT, path) => {
            let code = body.split(['<', '>']).nth(4).unwrap();
            format!("{host} report {} {code}", path.rsplit('/').next().unwrap())
        }
        (&Method::GET, _) => format!("{host} list"),
        other => panic!("{other:?}"),
    }
}

fn drive_v0(
    revokes: bool,
    items: &[String],
    mut concur: impl FnMut(&str) -> Option<(u16, String)>,
) -> Ended {
    let application = application();
    let parts = TokenParts::new(TokenScheme::Bearer, "supplier", BaseUrl::US2);
    let administrator = AccessToken::from(parts);
    let mut round = Round::new(&application, &administrator).revoke_rejected(revokes);
    let list = format!(
        "<ConnectionRequests><Items>{}</Items></ConnectionRequests>",
        items.concat()
    );
    let (mut calls, mut finished) = (Vec::new(), Vec::new());
    // Twenty minutes after the list: an hour's quarter is no limit here.
    let end = loop {
        match round.step(later()) {
            Step::Send(call) => {
                let base_url = call.base_url().clone();
                let name = name_of_v0(&base_url, &call.into_request().unwrap());
                let (status, body) = concur(&name).unwrap_or_else(|| {
                    let body = match name.split(' ').nth(1).unwrap() {
                        "list" => list.clone(),
                        "exchange" => r#"{"access_token":"t","refresh_token":"r"}"#.to_owned(),
                        _ => String::new(),
                    };
                    (200, body)
                });
                let mut response = http::Response::new(body.as_bytes());
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                let context = ResponseContext::new(base_url, SystemTime::UNIX_EPOCH);
                round.receive(StepRequest::parse(response, &context).map_err(Error::from));
                calls.push(name);
            }
            Step::Match { request, .. } => {
                let unknown = request.id().unwrap().as_str().starts_with("un");
                let outcome = [Outcome::Connected, Outcome::LoyaltyNumberNotFound];
                round.matched(outcome[usize::from(unknown)]);
            }
            Step::Finished(one) => finished.push(one),
            Step::Done(end) => break end,
        }
        assert!(calls.len() < 100);
    };
    Ended {
        calls,
        finished,
        end,
    }
}

#[test]
fn rejected_users_token_is_handed_back_or_revoked_where_that_is_asked() {
    let items = [item_of_v0("a"), item_of_v0("unknown")];
    for revokes in [false, true] {
        let ended = drive_v0(revokes, &items, |_| None);
        let mut expected = vec![
            "us2 list",
            "glz exchange a",
            "us2 report a CRSUC",
            "glz exchange unknown",
            "us2 report unknown CREU1",
        ];
        // The token's own data center, which this Concur does not name.
        expected.extend(revokes.then_some("glz revoke"));
        assert_eq!(ended.calls, expected);
        ended.end.unwrap();
        let [
            ConnectionResult::Connected { token, .. },
            ConnectionResult::Rejected {
                token: rejected, ..
            },
        ] = ended.finished.as_slice()
        else {
            panic!("{:?}", ended.finished);
        };
        assert!(token.refresh_token().is_some());
        assert_eq!(rejected.is_none(), revokes);
    }
}

fn lives_at(host: &str) -> (u16, String) {
    (
        400,
        format!(r#"{{"code":16,"geolocation":"https://{host}"}}"#),
    )
}

#[test]
fn user_who_lives_elsewhere_is_exchanged_there_once() {
    let items = [item_of_v0("a")];
    let mut ended = drive_v0(false, &items, |call| match call {
        "glz exchange a" => Some(lives_at("eu2.api.concursolutions.com")),
        "eu2 exchange a" => Some(lives_at("apj1.api.concursolutions.com")),
        _ => None,
    });
    assert_eq!(
        ended.calls,
        ["us2 list", "glz exchange a", "eu2 exchange a"]
    );
    let failure = failure(&mut ended);
    let [FailureCause::Exchange(Error::Response(error))] = failure.causes() else {
        panic!("{failure:?}");
    };
    assert_eq!(error.kind(), Some(ErrorKind::Elsewhere));
    // A host outside the trust domain is never asked, and a list never moves.
    let ended = drive_v0(false, &items, |call| match call {
        "glz exchange a" => Some(lives_at("evil.example")),
        _ => None,
    });
    assert_eq!(ended.calls, ["us2 list", "glz exchange a"]);
    let ended = drive_v0(false, &items, |_| {
        Some(lives_at("eu2.api.concursolutions.com"))
    });
    assert_eq!(ended.calls, ["us2 list"]);
    assert!(matches!(ended.end, Err(RoundError::List(_))));
}

#[test]
fn company_in_maintenance_is_left_for_a_later_round_and_others_go_on() {
    let items = [item_of_v0("a"), item_of_v0("b")];
    let ended = drive_v0(false, &items, |call| {
        (call == "glz exchange a").then(|| (400, r#"{"code":134}"#.to_owned()))
    });
    assert_eq!(
        ended.calls,
        [
            "us2 list",
            "glz exchange a",
            "glz exchange b",
            "us2 report b CRSUC"
        ]
    );
    ended.end.unwrap();
}

#[test]
fn request_without_a_user_id_is_skipped() {
    let mut ended = drive_v0(false, &[item("a")], |_| None);
    assert_eq!(ended.calls, ["us2 list"]);
    assert!(matches!(
        failure(&mut ended).causes(),
        [FailureCause::UserId]
    ));
}

#[test]
fn token_whose_outcome_was_not_reported_is_handed_back() {
    let mut ended = drive_v0(false, &[item_of_v0("a")], |call| {
        call.contains("report").then(|| (500, String::new()))
    });
    let report = ["us2 report a CRSUC", "us2 report a CRPA2"];
    assert_eq!(ended.calls[2..], report);
    let mut failure = failure(&mut ended);
    assert!(failure.take_token().is_some());
}
