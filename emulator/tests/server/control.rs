//! The control endpoint and the index page, by real sockets.

use std::time::{Duration, SystemTime};

use concur_oauth_emulator::v0::{self, Rotation};
use concur_oauth_emulator::{
    Application, ConnectionRequest, Emulator, Fault, FaultRule, SAMPLE_COMPANY_ID, SAMPLE_LOGIN_ID,
    Server, User,
};
use http::Response;
use serde_json::Value;

use crate::plain::{Reply, ask, by_password, form, get, grant, post, refresh, start};

#[test]
fn fault_that_is_set_strikes_as_it_says() {
    let server = start();
    let token = by_password(&server);
    let set =
        r#"{"fault": "status=503", "retry_after": 30, "path": "/oauth2/v0/token", "next": 2}"#;
    let reply = post(&server, "/_emulator/faults", set);
    assert_eq!(reply.status, 200);
    let text = "status=503,retry-after=30s,path=/oauth2/v0/token,next=2";
    assert_eq!(reply.json()["faults"][0], text);
    assert_eq!(server.faults()[0].to_string(), text);
    for _ in 0..2 {
        let reply = refresh(&server, &token);
        assert_eq!((reply.status, reply.field("retry-after")), (503, "30"));
        assert_eq!(reply.json()["code"], 134);
        assert_eq!(get(&server, "/oauth2/v0/jwks").status, 200);
    }
    assert_eq!(refresh(&server, &token).status, 200);
    post(
        &server,
        "/_emulator/faults",
        r#"{"fault": "unavailable", "always": true}"#,
    );
    assert_eq!(get(&server, "/oauth2/v0/jwks").status, 503);
    let cleared = ask(&server, "DELETE", "/_emulator/faults", &[], "");
    assert_eq!(cleared.json()["faults"], Value::Array(Vec::new()));
    assert_eq!(get(&server, "/oauth2/v0/jwks").status, 200);
    // The older service has a document of its own.
    post(&server, "/_emulator/faults", r#"{"fault": "status=429"}"#);
    let reply = form(&server, "/net2/oauth2/accesstoken.ashx", "");
    assert!(reply.status == 429 && reply.body.contains("<Message>Too many requests</Message>"));
}

#[test]
fn request_that_gets_a_status_is_not_carried_out() {
    let server = start();
    server.emulator().v0().set_rotation(Rotation::RefuseOld);
    let token = by_password(&server);
    server.inject("status=500".parse::<FaultRule>().unwrap());
    assert_eq!(refresh(&server, &token).status, 500);
    assert_eq!(refresh(&server, &token).status, 200);
    // After a page, it was.
    server.inject(Fault::Unavailable);
    let token = by_password_after(&server);
    assert_eq!(refresh(&server, &token).status, 200);
    server.inject(Fault::Unavailable);
    assert_eq!(refresh(&server, &token).status, 503);
    assert_eq!(refresh(&server, &token).status, 400);
}

/// One that comes after a fault of another path's.
fn by_password_after(server: &Server) -> Value {
    assert_eq!(get(server, "/oauth2/v0/jwks").status, 503);
    by_password(server)
}

#[test]
fn connection_is_refused_or_left_alone() {
    let server = start();
    server.inject(FaultRule::new(Fault::Refuse).times(2));
    for _ in 0..2 {
        assert_eq!(get(&server, "/oauth2/v0/jwks").status, 0);
    }
    assert_eq!(get(&server, "/oauth2/v0/jwks").status, 200);
    server.inject(Fault::Stall);
    assert_eq!(get(&server, "/oauth2/v0/jwks").status, 0);
    assert_eq!(server.request_count(), 1);
    assert_eq!(get(&server, "/oauth2/v0/jwks").status, 200);
}

/// The date of a response, to ten seconds.
fn reply_date(server: &Server) -> String {
    let date = get(server, "/oauth2/v0/jwks").field("date").to_owned();
    date[..date.len() - "0 GMT".len()].to_owned()
}

/// Asks an API with the token.
fn me(server: &Server, token: &Value) -> Reply {
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    ask(
        server,
        "GET",
        "/profile/v1/me",
        &[("Authorization", &bearer)],
        "",
    )
}

#[test]
fn clock_is_moved_and_tokens_are_expired() {
    let server = start();
    let token = by_password(&server);
    let access_token = token["access_token"].as_str().unwrap();
    let is_valid = || {
        server
            .emulator()
            .v0()
            .holder(access_token, server.now())
            .is_some()
    };
    assert!(is_valid());
    post(&server, "/_emulator/clock", r#"{"advance": "59m"}"#);
    assert!(is_valid());
    let reply = post(
        &server,
        "/_emulator/clock",
        r#"{"set": "2030-01-01T00:00:00Z"}"#,
    );
    assert!(
        reply.json()["now"]
            .as_str()
            .unwrap()
            .starts_with("2030-01-01T00:00:0")
    );
    assert!(!is_valid());
    // The date of a response is the clock's.
    assert!(
        reply_date(&server).ends_with("Jan 2030 00:00:0"),
        "{}",
        reply_date(&server)
    );
    post(&server, "/_emulator/clock", r#"{"advance": "-365d"}"#);
    assert!(reply_date(&server).contains("2029"));
    post(&server, "/_emulator/clock", r#"{"set": "now"}"#);
    assert!(server.now() <= std::time::SystemTime::now());
    let token = by_password(&server);
    let tokens = get(&server, "/_emulator/tokens").json();
    let valid = tokens["tokens"].as_array().unwrap().iter();
    let valid: Vec<_> = valid.filter(|token| token["is_valid"] == true).collect();
    // The one before lives again, since the clock is back.
    assert_eq!(valid.len(), 4, "{tokens}");
    assert_eq!(valid[0]["holder"], SAMPLE_LOGIN_ID);
    assert_eq!(me(&server, &token).status, 200);
    for token in valid {
        let id = token["id"].as_str().unwrap();
        assert_eq!(
            post(&server, &format!("/_emulator/tokens/{id}/expire"), "").status,
            200
        );
    }
    assert_eq!(refresh(&server, &token).json()["code"], 108);
    assert_eq!(me(&server, &token).status, 403);
    assert_eq!(get(&server, "/profile/v1/me").status, 401);
    let access_token = token["access_token"].as_str().unwrap();
    assert_eq!(
        server.emulator().v0().holder(access_token, server.now()),
        None
    );
}

#[test]
fn input_that_cannot_be_used_is_said_with_what_to_send() {
    let server = start();
    for (method, path, body, status, says) in [
        (
            "POST",
            "/_emulator/faults",
            r#"{"fault": "explode"}"#,
            400,
            "a fault is one of",
        ),
        ("POST", "/_emulator/faults", "{}", 400, "a fault is one of"),
        (
            "POST",
            "/_emulator/faults",
            "explode",
            400,
            "neither a JSON object nor a form",
        ),
        ("POST", "/_emulator/faults", "{", 400, "not a JSON object"),
        (
            "POST",
            "/_emulator/faults",
            r#"{"fault": "chunked", "next": 0}"#,
            400,
            "next takes a number",
        ),
        (
            "POST",
            "/_emulator/faults",
            r#"{"fault": "status=503", "retry-after": 30}"#,
            400,
            "no fields but fault, path, next, at, always, retry_after",
        ),
        (
            "POST",
            "/_emulator/clock",
            r#"{"advance": "1h", "set": "now"}"#,
            400,
            "the clock takes",
        ),
        (
            "POST",
            "/_emulator/clock",
            r#"{"advance": "soon"}"#,
            400,
            "the clock takes",
        ),
        (
            "POST",
            "/_emulator/tokens/v0-7/expire",
            "",
            404,
            "no token of this ID",
        ),
        (
            "POST",
            "/_emulator/tokens/v0/expire",
            "",
            404,
            "no token of this ID",
        ),
        (
            "PUT",
            "/_emulator/faults",
            "",
            405,
            "this method does nothing here",
        ),
        ("POST", "/", "", 405, "is read by GET"),
        (
            "GET",
            "/_emulator/secrets",
            "",
            404,
            "there is nothing here",
        ),
    ] {
        let reply = ask(&server, method, path, &[], body);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(
            reply.status == status && error.contains(says),
            "{path}: {error}"
        );
    }
    assert!(server.faults().is_empty() && server.requests().is_empty());
}

#[test]
fn page_of_another_site_is_refused() {
    let server = start();
    let evil = [("Origin", "https://evil.example")];
    let reply = ask(
        &server,
        "POST",
        "/_emulator/faults",
        &evil,
        r#"{"fault": "chunked"}"#,
    );
    assert_eq!(reply.status, 403);
    assert!(server.faults().is_empty());
}

#[test]
fn without_control_there_is_nothing() {
    let server = Server::builder().plain_http().start().unwrap();
    for path in ["/", "/_emulator", "/_emulator/faults"] {
        assert_eq!(get(&server, path).status, 404, "{path}");
    }
}

#[test]
fn fault_of_a_client_has_words_of_a_client() {
    let server = start();
    for (fault, error) in [
        ("status=401", "invalid_client"),
        ("status=400", "invalid_request"),
        ("status=429", "temporarily_unavailable"),
        ("status=500", "server_error"),
    ] {
        server.inject(fault.parse::<FaultRule>().unwrap());
        assert_eq!(grant(&server, "").json()["error"], error, "{fault}");
    }
    // It is no client of a token service there.
    server.inject("status=401".parse::<FaultRule>().unwrap());
    let error = get(&server, "/profile/v1/me").json();
    assert_eq!(error["error"], "invalid_request");
}

#[test]
fn server_does_not_start_with_a_home_that_it_does_not_have() {
    let start = |names: &[&str]| {
        let mut emulator = Emulator::with_sample_account();
        let user = v0::User::new("far@example.com", "x").in_data_center("eu2");
        emulator.v0().add_user(user);
        let builder = Server::builder().plain_http().emulator(emulator);
        builder.data_centers(names.iter().copied()).start()
    };
    assert!(start(&["glz", "eu2"]).is_ok());
    for names in [&[][..], &["glz", "us2"]] {
        let error = start(names).map(drop).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
}

#[test]
fn index_page_is_small_whatever_happened() {
    let server = start();
    for number in 0..60 {
        by_password(&server);
        let path = format!("/oauth2/v0/{}", "a".repeat(200));
        get(&server, &path);
        server.inject(
            FaultRule::new(Fault::Chunked)
                .on_path("/other")
                .times(number + 1),
        );
    }
    let request = ConnectionRequest::new("key", SAMPLE_LOGIN_ID);
    for _ in 0..60 {
        let now = server.now();
        server
            .emulator()
            .add_connection_request(request.clone(), now);
    }
    let page = get(&server, "/");
    assert!(page.field("content-type").starts_with("text/html"));
    assert!(page.body.len() < 20_000, "{} bytes", page.body.len());
    assert!(page.body.contains(SAMPLE_COMPANY_ID));
    // Nothing is loaded from anywhere.
    assert!(!page.body.contains("src=") && !page.body.contains("<script"));
}

#[test]
fn page_shows_no_markup_of_others_and_stays_small() {
    let server = start();
    let bad = format!("<script>&{}", "&".repeat(300));
    {
        let mut emulator = server.emulator();
        for number in 0..20 {
            let name = format!("{bad}{number}");
            emulator.add_application(Application::new(name.as_str()).with_name(name.as_str()));
            emulator.add_user(User::new(name.as_str(), ""));
            let now = SystemTime::now();
            emulator.add_connection_request(ConnectionRequest::new("key", name.as_str()), now);
            emulator.add_tokens(name.as_str(), "", &name, &name, now);
        }
    }
    server.inject(FaultRule::new(Fault::Redirect(format!("https://{bad}"))).always());
    for _ in 0..60 {
        get(&server, "/oauth2/v0/jwks");
    }
    let page = get(&server, "/").body;
    assert!(!page.contains("<script"), "{page}");
    assert!(
        page.contains("&lt;script&gt;") && page.len() < 20_000,
        "{} bytes",
        page.len()
    );
}

#[test]
fn form_of_the_index_page_leads_back_to_it() {
    let server = start();
    let body = "fault=status%3D503%2Cretry-after%3D30&path=&next=2";
    let browser = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "text/html,*/*"),
    ];
    let reply = ask(&server, "POST", "/_emulator/faults", &browser, body);
    assert_eq!((reply.status, reply.field("location")), (303, "/"));
    assert_eq!(
        server.faults()[0].to_string(),
        "status=503,retry-after=30s,next=2"
    );
    // Another client that takes each body for a form.
    let reply = form(&server, "/_emulator/faults/clear", "");
    assert_eq!(reply.status, 200);
    assert!(server.faults().is_empty());
}

#[test]
fn route_responds_beside_the_services() {
    let server = Server::builder()
        .plain_http()
        .route("/expensereports/v4/", |emulator, request, now| {
            let token = request.headers()["authorization"].to_str().unwrap();
            let token = token.strip_prefix("Bearer ").unwrap();
            let holder = emulator.v0().holder(token, now);
            Response::new(holder.map_or("no one", |_| "a user").as_bytes().to_vec())
        })
        .start()
        .unwrap();
    let token = by_password(&server);
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let ask_api = |path| ask(&server, "GET", path, &[("Authorization", &bearer)], "");
    assert_eq!(ask_api("/expensereports/v4/reports").body, "a user");
    assert_eq!(ask_api("/ExpenseReports//V4").body, "a user");
    assert_eq!(ask_api("/expensereports/v45").status, 404);
    server.inject(
        "status=503,path=/expensereports/v4/reports"
            .parse::<FaultRule>()
            .unwrap(),
    );
    assert_eq!(ask_api("/expensereports/v4/reports").status, 503);
    server.advance(Duration::from_secs(3601));
    assert_eq!(ask_api("/expensereports/v4/reports").body, "no one");
    assert_eq!(server.requests().len(), 6);
}
