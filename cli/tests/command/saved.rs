//! `--save`, of the commands whose token has no refresh token beside it.

use std::time::SystemTime;

use concur_oauth_emulator::{Fault, SAMPLE_CLIENT_SECRET, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID};
use serde_json::Value;

use crate::shop::{Shop, done};
use crate::{failed, stderr};

fn listed(shop: &Shop) -> Value {
    let output = shop.command(&["grants", "--format", "json"]).output();
    serde_json::from_str(&done(&output.unwrap())).unwrap()
}

#[test]
fn token_of_the_application_itself_is_stored_and_obtained_anew() {
    let shop = Shop::open();
    shop.set_life(1);
    let args = [
        "client-credentials",
        "--scope",
        "user.read",
        "--save",
        "own",
    ];
    let saved = shop.v0(&args).output().unwrap();
    assert_eq!(done(&saved), "own\n");
    assert!(stderr(&saved).contains("concur-oauth token own"));
    let grant = listed(&shop);
    assert_eq!(grant["refresh_expires_at"], Value::Null);
    assert_eq!(grant["scope"], "user.read");
    shop.set_life(3600);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let requests = shop.server.request_count();
    let token = done(&shop.token("own", &[]));
    assert_eq!(done(&shop.token("own", &[])), token);
    assert_eq!(shop.server.request_count(), requests + 1);
    assert_eq!(listed(&shop)["scope"], "user.read");
    // It does not age out, so a round has nothing to do with it, nor with its application.
    done(&shop.save("acme"));
    let mut round = shop.ask(&["keep-alive"]);
    let said = stderr(
        &round
            .env("CONCUR_CLIENT_SECRET", SAMPLE_CLIENT_SECRET)
            .output()
            .unwrap(),
    );
    assert!(said.contains("1 grants, 0 renewed"), "{said}");
    // A response that is lost costs a minute, and not a grant.
    shop.server.inject(Fault::CutOff(50));
    let lost = shop.token("own", &["--min-life", "2h"]);
    failed(&lost, 75, "own was not renewed: the connection broke");
    assert_eq!(done(&shop.token("own", &[])), token);
}

#[test]
fn refresh_token_that_was_moved_over_is_stored_before_it_is_used() {
    let shop = Shop::open();
    shop.server.emulator().add_tokens(
        "old",
        "",
        SAMPLE_CONSUMER_KEY,
        SAMPLE_LOGIN_ID,
        SystemTime::now(),
    );
    let args = [
        "migrate",
        "--consumer-key",
        SAMPLE_CONSUMER_KEY,
        "--save",
        "moved",
    ];
    let saved = shop.v0(&args).env("CONCUR_ACCESS_TOKEN", "old").output();
    assert_eq!(done(&saved.unwrap()), "moved\n");
    let grant = listed(&shop);
    assert_eq!(grant["state"], "no token yet");
    assert_eq!(grant["expires_at"], Value::Null);
    assert!(grant["refresh_expires_at"].is_string());
    let requests = shop.server.request_count();
    let token = done(&shop.token("moved", &[]));
    assert_eq!(done(&shop.token("moved", &[])), token);
    assert_eq!(shop.server.request_count(), requests + 1);
    assert_eq!(listed(&shop)["state"], "valid");
}

#[test]
fn nothing_is_obtained_that_could_not_be_stored() {
    let shop = Shop::open();
    for command in ["client-credentials", "migrate"] {
        let args = [command, "--save", "own", "--store", "file:/proc/no/such"];
        let mut command = shop.v0(&args);
        command
            .env("CONCUR_CONSUMER_KEY", "k")
            .env("CONCUR_ACCESS_TOKEN", "old");
        assert_eq!(command.output().unwrap().status.code(), Some(2));
    }
    assert_eq!(shop.server.request_count(), 0);
}

#[test]
fn format_has_no_place_beside_save() {
    let shop = Shop::open();
    let requests = shop.server.request_count();
    let output = shop.save_with("acme", &["--format", "json"]);
    failed(&output, 2, "cannot stand beside");
    assert_eq!(shop.server.request_count(), requests);
}

#[test]
fn end_of_a_refresh_token_that_is_not_documented_is_not_shown() {
    let shop = Shop::open();
    let args = ["native", "--consumer-key", SAMPLE_CONSUMER_KEY];
    let more = ["--login-id", SAMPLE_LOGIN_ID, "--save", "older"];
    let url = shop.server.url().to_owned();
    let mut command = shop.ask(&[&args[..], &more, &["--server", &url]].concat());
    done(
        &command
            .env("CONCUR_PASSWORD", crate::PASSWORD)
            .output()
            .unwrap(),
    );
    let grant = listed(&shop);
    assert_eq!(grant["service"], "net2");
    assert_eq!(grant["refresh_expires_at"], Value::Null);
    let table = done(&shop.command(&["grants"]).output().unwrap());
    assert!(table.lines().nth(1).unwrap().contains("  -  "), "{table}");
}
