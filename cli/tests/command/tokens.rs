//! `refresh` and `revoke`.

use std::io::Write;
use std::process::Stdio;

use crate::{ADMINISTRATOR, Emulator, KEY, LOGIN_ID, SECRET, failed, run, stderr, stdout};

fn field(token: &serde_json::Value, name: &str) -> String {
    token[name].as_str().unwrap().to_owned()
}

#[test]
fn emulator_option_needs_no_other() {
    let output = run(&["refresh", "--emulator"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("Access token   "));
    let output = run(&["revoke", "--emulator"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("revoked"));
    failed(&run(&["revoke", "--emulator", "--user", "jo"]), 2, "--user");
}

#[test]
fn token_is_refreshed_and_revoked() {
    let emulator = Emulator::start("renewed", &[]);
    let token = emulator.token(LOGIN_ID);
    let refresh_token = field(&token, "refresh_token");
    let refresh = ["refresh", "--consumer-key", KEY, "--format", "json"];
    let output = emulator
        .ask(&refresh)
        .env("CONCUR_CONSUMER_SECRET", SECRET)
        .env("CONCUR_REFRESH_TOKEN", &refresh_token)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let renewed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_ne!(renewed["access_token"], token["access_token"]);
    // Concur documents none in the response: the old one is kept.
    assert_eq!(renewed["refresh_token"], token["refresh_token"]);

    let administrator = field(&emulator.token(ADMINISTRATOR), "access_token");
    let revoke = |token: &str, administrator: &str| {
        let mut process = emulator
            .ask(&["revoke", "--access-token-stdin"])
            .env("CONCUR_ADMIN_TOKEN", administrator)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(process.stdin.take().unwrap(), "{token}").unwrap();
        process.wait_with_output().unwrap()
    };
    let one = field(&renewed, "access_token");
    // A user without the role.
    failed(&revoke(&administrator, &one), 3, "Administrator");
    let output = revoke(&one, &administrator);
    assert!(output.status.success(), "{}", stderr(&output));
    failed(&revoke("hunter2", &administrator), 3, "no such token");

    let output = emulator
        .ask(&refresh)
        .env("CONCUR_CONSUMER_SECRET", SECRET)
        .env("CONCUR_REFRESH_TOKEN", &refresh_token)
        .output();
    failed(&output.unwrap(), 3, "revoked");
}

#[test]
fn all_tokens_of_a_user_are_revoked() {
    let emulator = Emulator::start("all", &[]);
    let administrator = field(&emulator.token(ADMINISTRATOR), "access_token");
    let revoke = |user: &str| {
        emulator
            .ask(&["revoke", "--user", user, "--consumer-key", KEY])
            .env("CONCUR_ADMIN_TOKEN", &administrator)
            .output()
            .unwrap()
    };
    failed(&revoke(LOGIN_ID), 3, "no such token");
    emulator.token(LOGIN_ID);
    let output = revoke(LOGIN_ID);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn missing_option_is_named() {
    failed(&run(&["refresh"]), 2, "--consumer-key");
    let refresh = ["refresh", "--consumer-key", KEY];
    failed(&run(&refresh), 2, "CONCUR_CONSUMER_SECRET");
    let output = crate::command(&refresh)
        .env("CONCUR_CONSUMER_SECRET", SECRET)
        .output();
    failed(&output.unwrap(), 2, "CONCUR_REFRESH_TOKEN");
    failed(&run(&["revoke"]), 2, "CONCUR_ADMIN_TOKEN");
    failed(&run(&["revoke", "--user", "jo"]), 2, "--consumer-key");
    for (secret, variable) in [
        ("--refresh-token", "CONCUR_REFRESH_TOKEN"),
        ("--consumer-secret=hunter2", "CONCUR_CONSUMER_SECRET"),
    ] {
        failed(&run(&["refresh", secret, "hunter2"]), 2, variable);
    }
    failed(
        &run(&["revoke", "--access-token", "hunter2"]),
        2,
        "never an argument",
    );
    failed(
        &run(&["refresh", "--client-secret", "hunter2"]),
        2,
        "never arguments",
    );
    failed(
        &run(&["native", "--consumer-secret-stdin"]),
        2,
        "does not take",
    );
    let empty = crate::command(&["revoke"])
        .env("CONCUR_ADMIN_TOKEN", "")
        .output();
    failed(&empty.unwrap(), 2, "CONCUR_ADMIN_TOKEN is empty");
    let lines = crate::command(&["revoke"])
        .env("CONCUR_ADMIN_TOKEN", "a\nhunter2")
        .output();
    failed(&lines.unwrap(), 2, "control character");
    let both = ["revoke", "--admin-token-stdin", "--access-token-stdin"];
    failed(&run(&both), 2, "cannot stand beside");
}
