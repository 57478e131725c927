//! The requests of SAP's Postman collection of the newer service (SAP-samples/concur-web-services-authentication), as Postman sends
//! them: its header fields, and the parameters in the order of the collection.

use std::time::SystemTime;

use concur_oauth_emulator::{SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID, Server};

use crate::plain::{Reply, ask};

fn send(server: &Server, parameters: &[(&str, &str)]) -> Reply {
    let body: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let postman = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("User-Agent", "PostmanRuntime/7.43.0"),
        ("Accept", "*/*"),
        ("Cache-Control", "no-cache"),
        ("Postman-Token", "6f2c1ab0-3f5d-4c0a-9e8e-7d1f0b9a2c34"),
        ("Accept-Encoding", "gzip, deflate, br"),
    ];
    ask(
        server,
        "POST",
        "/oauth2/v0/token",
        &postman,
        &body.join("&"),
    )
}

#[test]
fn requests_of_the_collection_are_accepted() {
    let server = Server::builder().plain_http().start().unwrap();
    let now = SystemTime::now();
    let request_token =
        server
            .emulator()
            .v0()
            .make_request_token(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, now);
    // "(One Time) Convert Request Token To Refresh Token"
    let converted = send(
        &server,
        &[
            ("client_id", SAMPLE_CLIENT_ID),
            ("client_secret", SAMPLE_CLIENT_SECRET),
            ("password", &request_token),
            ("username", SAMPLE_COMPANY_ID),
            ("grant_type", "password"),
            ("credtype", "authtoken"),
        ],
    );
    assert_eq!(converted.status, 200, "{}", converted.body);
    let refresh_token = converted.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    // "Obtain an Access Token", before each set of calls.
    for _ in 0..3 {
        let obtained = send(
            &server,
            &[
                ("grant_type", "refresh_token"),
                ("client_secret", SAMPLE_CLIENT_SECRET),
                ("client_id", SAMPLE_CLIENT_ID),
                ("refresh_token", &refresh_token),
            ],
        );
        let document = obtained.json();
        assert_eq!(obtained.status, 200, "{document}");
        // What the collection checks of it.
        assert!(document.get("error").is_none());
        let access_token = document["access_token"].as_str().unwrap();
        assert!(!access_token.is_empty() && document["refresh_token"].is_string());
    }
}
