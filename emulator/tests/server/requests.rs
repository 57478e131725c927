//! What the list of requests says, by real sockets.

use std::io::{Read, Write};

use concur_oauth_emulator::{Fault, Server};
use serde_json::Value;

use crate::plain::{ask, by_password, get, grant, refresh, start};

/// What was asked, without the time.
fn shown(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let lines = requests.iter().map(|it| it.to_string().split_off(25));
    lines.collect()
}

#[test]
fn requests_are_remembered_without_their_secrets() {
    let server = start();
    let token = by_password(&server);
    server.inject(Fault::Chunked);
    refresh(&server, &token);
    grant(
        &server,
        "grant_type=password&username=hidden&password=hidden",
    );
    assert_eq!(
        shown(&server),
        [
            "POST /oauth2/v0/token (password): 200",
            "POST /oauth2/v0/token (refresh_token): 200, with the fault chunked",
            "POST /oauth2/v0/token (password): 400, code 5: Incorrect Credentials. Please Retry",
        ]
    );
    let listed = get(&server, "/_emulator/requests").json();
    assert_eq!(listed["requests"][1]["fault"], "chunked");
    let pages = [
        "/",
        "/_emulator/requests",
        "/_emulator/tokens",
        "/_emulator/faults",
    ];
    for page in pages.map(|path| get(&server, path).body) {
        for secret in ["access_token", "refresh_token", "id_token"] {
            assert!(!page.contains(token[secret].as_str().unwrap()), "{page}");
        }
        assert!(!page.contains("hidden"), "{page}");
    }
    ask(&server, "DELETE", "/_emulator/requests", &[], "");
    assert!(server.requests().is_empty() && server.request_count() == 3);
}

#[test]
fn request_names_its_token_and_why_it_was_refused() {
    let server = start();
    let token = by_password(&server);
    let token = token["access_token"].as_str().unwrap();
    let me = |authorization: &str| {
        let field = [("Authorization", authorization)];
        let fields = if authorization.is_empty() {
            &[][..]
        } else {
            &field[..]
        };
        ask(&server, "GET", "/profile/v1/me", fields, "")
    };
    let bearer = format!("Bearer {token}");
    for (authorization, status) in [
        ("", 401),
        (&*bearer, 200),
        ("Bearer hidden", 403),
        ("Basic hidden", 403),
    ] {
        let reply = me(authorization);
        assert_eq!(reply.status, status);
        assert!(status == 200 || reply.body.is_empty(), "{}", reply.body);
    }
    ask(&server, "POST", "/_emulator/tokens/v0-0/expire", &[], "");
    me(&bearer);
    let field = [("Authorization", &*bearer)];
    ask(&server, "DELETE", "/app-mgmt/v0/connections", &field, "");
    assert_eq!(
        shown(&server)[1..],
        [
            "GET /profile/v1/me: 401, it has no access token",
            "GET /profile/v1/me (token v0-0): 200",
            "GET /profile/v1/me: 403, its access token is none of this service",
            "GET /profile/v1/me: 403, it has no access token of the scheme Bearer",
            "GET /profile/v1/me (token v0-0): 403, its access token has ended",
            "DELETE /app-mgmt/v0/connections (token v0-0): 403, its access token has ended",
        ]
    );
    let listed = get(&server, "/_emulator/requests").json();
    assert_eq!(listed["requests"][2]["token"], "v0-0");
    assert_eq!(listed["requests"][3]["token"], Value::Null);
    assert!(get(&server, "/").body.contains("<td>v0-0</td>"));
}

#[test]
fn request_names_its_data_center_where_there_are_several() {
    let builder = Server::builder().plain_http().control();
    let server = builder.data_centers(["us2", "eu2"]).start().unwrap();
    get(&server, "/oauth2/v0/jwks");
    let eu2 = server.data_center("eu2").unwrap().to_owned();
    let mut stream = std::net::TcpStream::connect(eu2.strip_prefix("http://").unwrap()).unwrap();
    let request = format!(
        "GET /oauth2/v0/jwks HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        &eu2[7..]
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(
        shown(&server),
        [
            "GET /oauth2/v0/jwks at us2: 200",
            "GET /oauth2/v0/jwks at eu2: 200"
        ]
    );
    let listed = get(&server, "/_emulator/requests").json();
    assert_eq!(listed["requests"][1]["data_center"], "eu2");
}
