//! `concur-oauth doctor`.

use std::process::{Command, Output};

use concur_oauth_emulator::{Certificate, Fault, FaultRule, Server};

use crate::{command, run, stderr, stdout};

/// Examines a server that is trusted.
fn examine(server: &Server, more: &[&str]) -> Command {
    let port = server.url().rsplit(':').next().unwrap();
    let ca = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("doctor-{port}.pem"));
    std::fs::write(&ca, server.ca_pem()).unwrap();
    let args = [
        "doctor",
        "--server",
        server.url(),
        "--ca-file",
        ca.to_str().unwrap(),
    ];
    command(&[&args[..], more].concat())
}

#[track_caller]
fn finds(output: &Output, check: &str, words: &str) {
    let found = stdout(output);
    assert_eq!(output.status.code(), Some(1), "{found}");
    let line = found.lines().find(|line| line.starts_with("BAD")).unwrap();
    assert!(line.contains(check) && line.contains(words), "{found}");
    assert!(stderr(output).contains("must be mended"), "{found}");
}

#[test]
fn well_server_is_found_well() {
    let output = run(&["doctor", "--emulator"]);
    let found = stdout(&output);
    assert!(output.status.success() && !found.contains("BAD"), "{found}");
    for check in [
        "data center",
        "proxy",
        "name lookup",
        "connection",
        "clock",
        "token service",
    ] {
        assert!(found.contains(check), "{found}");
    }
    assert!(found.contains("as it should, code 61"), "{found}");
    let output = run(&["doctor", "--emulator", "--format", "json"]);
    for line in stdout(&output).lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(finding["ok"], true, "{finding}");
    }
}

#[test]
fn what_stands_in_the_way_is_found_with_what_to_do() {
    let server = Server::start().unwrap();
    assert!(examine(&server, &[]).output().unwrap().status.success());
    let plain = Server::builder().plain_http().start().unwrap();
    let found = stdout(&run(&["doctor", "--server", plain.url()]));
    assert!(
        found.contains("plain http") && !found.contains("TLS"),
        "{found}"
    );
    // Another server.
    server.inject(FaultRule::new(Fault::Unavailable).always());
    let output = examine(&server, &[]).output().unwrap();
    finds(&output, "token service", "unavailable");
    // One whose certificate is not trusted.
    let output = run(&["doctor", "--server", server.url()]);
    finds(&output, "connection", "the trusted roots");
    let expired = Server::builder()
        .certificate(Certificate::Expired)
        .start()
        .unwrap();
    let output = examine(&expired, &[]).output().unwrap();
    finds(&output, "connection", "xpired");
    // No server at all.
    let url = server.url().to_owned();
    drop(server);
    let output = run(&["doctor", "--server", &url]);
    finds(&output, "connection", "cannot connect to the host");
    let output = run(&[
        "doctor",
        "--server",
        "https://us9.api.concursolutions.invalid",
        "--no-proxy",
    ]);
    finds(&output, "name lookup", "the host is not known here");
    // A proxy that is none.
    let output = run(&["doctor", "--proxy", "http://127.0.0.1:9"]);
    finds(&output, "connection", "http://127.0.0.1:9");
}

#[test]
#[ignore = "needs faketime, which .ci/run installs"]
fn clock_that_is_off_is_found() {
    let server = Server::start().unwrap();
    let right = examine(&server, &[]);
    for (clock, words) in [
        ("+1h", "ahead of the server's: set it"),
        ("-1h", "behind the server's: set it"),
    ] {
        let mut off = Command::new("faketime");
        off.args(["-f", clock])
            .arg(right.get_program())
            .args(right.get_args());
        finds(&off.output().unwrap(), "clock", words);
    }
}
