//! `auto-connect`.

#[cfg(unix)]
mod held;

use std::process::{Command, Output};

use crate::{Emulator, SECRET, command, failed, file, run, stderr, stdout};

/// An emulator with as many connection requests as this, read from a file, and an administrator's token.
fn pending(name: &str, count: usize) -> (Emulator, String) {
    let requests = (0..count).map(|number| {
        serde_json::json!({
            "consumer_key": "key", "login_id": "jo@example.com", "first_name": "Jo",
            "last_name": "O'Hara", "loyalty_number": number.to_string(),
        })
    });
    let accounts = serde_json::json!({
        "applications": [{ "consumer_key": "key", "consumer_secret": SECRET }],
        "users": [{ "login_id": "admin@example.com", "password": "x", "administrator": true }],
        "connection_requests": requests.collect::<Vec<_>>(),
    });
    let path = file(&format!("{name}.json"), &accounts.to_string());
    let emulator = Emulator::start(name, &["--accounts", path.to_str().unwrap()]);
    let args = [
        "native",
        "--consumer-key",
        "key",
        "--login-id",
        "admin@example.com",
    ];
    let output = emulator
        .ask(&[&args[..], &["--format", "json"]].concat())
        .env("CONCUR_PASSWORD", "x")
        .output()
        .unwrap();
    let token: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let token = token["access_token"].as_str().unwrap().to_owned();
    (emulator, token)
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = stdout(output);
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
fn dry_run_changes_nothing_and_apply_does() {
    let (emulator, administrator) = pending("round", 23);
    let members = file("members.csv", "# ours\n0\n1,o'hara\n2,Smith\n");
    let auto_connect = |more: &[&str]| {
        let members = [
            "auto-connect",
            "--format",
            "json",
            "--members",
            members.to_str().unwrap(),
        ];
        let mut command: Command = emulator.ask(&[&members[..], more].concat());
        command.env("CONCUR_ADMIN_TOKEN", &administrator);
        command.env("CONCUR_CONSUMER_SECRET", SECRET);
        command.output().unwrap()
    };
    let codes = |lines: &[serde_json::Value], name: &str| {
        let codes = lines
            .iter()
            .take(4)
            .map(|line| line[name].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    for _ in 0..2 {
        let output = auto_connect(&[]);
        assert!(output.status.success(), "{}", stderr(&output));
        let lines = lines(&output);
        assert_eq!(lines.len(), 23);
        assert_eq!(
            codes(&lines, "would_report"),
            ["CRSUC", "CRSUC", "CREU2", "CREU1"]
        );
        assert!(lines[0]["request_token_seconds_left"].as_u64().unwrap() > 800);
        let progress = stderr(&output);
        assert!(progress.contains("page 3: 23 listed"), "{progress}");
        assert!(progress.contains("Nothing was changed"), "{progress}");
    }
    let output = auto_connect(&["--apply", "--consumer-key", "key"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let lines = lines(&output);
    assert_eq!(
        codes(&lines, "reported"),
        ["CRSUC", "CRSUC", "CREU2", "CREU1"]
    );
    assert_eq!(
        lines[0]["token"]["access_token"].as_str().unwrap().len(),
        28
    );
    assert!(lines[2]["token"].is_null());
    assert!(stderr(&output).contains("20 done"), "{}", stderr(&output));
    let output = auto_connect(&[]);
    assert_eq!(stdout(&output), "");
}

/// What a user typed at Concur cannot be taken for what the command says.
#[test]
fn typed_name_cannot_fake_an_outcome() {
    let forged = "Doe  connected (CRSUC)  \u{9b}2K\r\u{202e}done\n1 pending";
    let accounts = serde_json::json!({
        "applications": [{ "consumer_key": "key", "consumer_secret": SECRET }],
        "users": [{ "login_id": "admin@example.com", "password": "x", "administrator": true }],
        "connection_requests": [{
            "consumer_key": "key", "login_id": "jo@example.com", "first_name": "x".repeat(500),
            "last_name": forged, "loyalty_number": "7 \"7",
        }],
    });
    let path = file("forged.json", &accounts.to_string());
    let emulator = Emulator::start("forged", &["--accounts", path.to_str().unwrap()]);
    let token = emulator
        .ask(&[
            "native",
            "--consumer-key",
            "key",
            "--login-id",
            "admin@example.com",
        ])
        .args(["--format", "json"])
        .env("CONCUR_PASSWORD", "x")
        .output()
        .unwrap();
    let token: serde_json::Value = serde_json::from_slice(&token.stdout).unwrap();
    let members = file("forged.csv", "1\n");
    let apply = [
        "auto-connect",
        "--apply",
        "--consumer-key",
        "key",
        "--members",
    ];
    let output = emulator
        .ask(&[&apply[..], &[members.to_str().unwrap()]].concat())
        .env(
            "CONCUR_ADMIN_TOKEN",
            token["access_token"].as_str().unwrap(),
        )
        .env("CONCUR_CONSUMER_SECRET", SECRET)
        .output()
        .unwrap();
    let line = stdout(&output);
    assert_eq!(line.lines().count(), 1, "{line}{}", stderr(&output));
    assert!(
        line.starts_with("loyalty number not found (CREU1)  "),
        "{line}"
    );
    let typed = format!(
        "  \"7 \\\"7\"  {}  \"Doe connected (CRSUC) 2K done 1 pending\"\n",
        "x".repeat(64)
    );
    assert!(line.ends_with(&typed), "{line}");
}

#[test]
fn emulator_option_needs_no_other() {
    let output = run(&["auto-connect", "--emulator"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 12);
    assert!(stdout(&output).contains("would report: connected (CRSUC)"));
    let output = run(&["auto-connect", "--emulator", "--apply"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output).matches("(CRSUC)").count(), 2);
}

#[test]
fn missing_or_wrong_option_is_named() {
    let (emulator, _) = pending("wrong", 1);
    let auto_connect = |more: &[&str]| {
        let mut command = emulator.ask(&[&["auto-connect"], more].concat());
        command
            .env("CONCUR_ADMIN_TOKEN", "hunter2")
            .output()
            .unwrap()
    };
    failed(&auto_connect(&[]), 3, "Invalid token");
    failed(&auto_connect(&["--apply"]), 2, "--members");
    let members = file("wrong.csv", "1\n1\n");
    let members = members.to_str().unwrap();
    failed(&auto_connect(&["--members", members]), 2, "line 2");
    let none = file("none.csv", "# none\n");
    failed(
        &auto_connect(&["--members", none.to_str().unwrap()]),
        2,
        "no members",
    );
    failed(
        &auto_connect(&["--members", "/does/not/exist"]),
        2,
        "/does/not/exist",
    );
    failed(&run(&["auto-connect"]), 2, "CONCUR_ADMIN_TOKEN");
    failed(
        &run(&["auto-connect", "--admin-token=hunter2"]),
        2,
        "never an argument",
    );
    let accounts = file("wrong.json", "{ \"users\": 1 }");
    let output = command(&["emulator", "--accounts", accounts.to_str().unwrap()]).output();
    failed(&output.unwrap(), 2, "wrong.json");
}
