//! What becomes of tokens where something fails, with Concur in this process.

use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use concur_oauth_emulator::{
    ConnectionRequest, Emulator, End, Fault, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY,
    SAMPLE_LOGIN_ID, Server,
};

use super::{file, lines};
use crate::{SECRET, command, failed, stderr, stdout};

/// Concur, with connection requests of as many users, numbered from 0, and their IDs.
fn concur(users: usize) -> (Server, Vec<String>) {
    let mut concur = Emulator::with_sample_account();
    let now = SystemTime::now();
    let admin = SAMPLE_ADMINISTRATOR_LOGIN_ID;
    concur.add_tokens("admin", "", SAMPLE_CONSUMER_KEY, admin, now);
    let press = |number: usize| {
        let request = ConnectionRequest::new(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID);
        concur.add_connection_request(request.with_loyalty_number(number.to_string()), now)
    };
    let ids = (0..users).map(press).collect();
    let server = Server::builder().emulator(concur).plain_http().start();
    (server.unwrap(), ids)
}

/// A round by the command. Those with the numbers 0, 1 and 2 are members.
fn apply(server: &Server) -> Command {
    // Its port is no other test's at this time.
    let port = server.url().rsplit(':').next().unwrap();
    let members = file(&format!("held-{port}.csv"), "0\n1\n2\n");
    let mut command = command(&["auto-connect", "--apply", "--format", "json"]);
    command
        .args(["--server", server.url()])
        .args(["--members", members.to_str().unwrap()])
        .args(["--consumer-key", SAMPLE_CONSUMER_KEY])
        .env("CONCUR_ADMIN_TOKEN", "admin")
        .env("CONCUR_CONSUMER_SECRET", SECRET);
    command
}

/// The same, without anywhere to print to.
fn to_a_full_disk(server: &Server) -> Option<Output> {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let output = apply(server).stdout(full.ok()?).output();
    Some(output.unwrap())
}

/// An empty response.
fn status(status: u16) -> Fault {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
    Fault::Raw(head.into_bytes(), End::Close)
}

/// Leaves this many responses as they are.
fn leave_unchanged(server: &Server, responses: usize) {
    for _ in 0..responses {
        server.inject(Fault::Oversize(0));
    }
}

#[test]
fn token_that_cannot_be_printed_is_withdrawn_and_revoked() {
    let (server, ids) = concur(2);
    let Some(output) = to_a_full_disk(&server) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("a token could not be printed, and was revoked"),
        "{said}"
    );
    assert!(
        said.contains(&ids[0]) && !said.contains("may go on showing"),
        "{said}"
    );
    assert_eq!(server.emulator().reported(&ids[0]), Some("CRPA2"));
    assert_eq!(server.emulator().reported(&ids[1]), None);
    let emulator = server.emulator();
    assert!(!emulator.is_connected(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SystemTime::now()));
}

#[test]
fn connection_that_cannot_be_withdrawn_is_reported() {
    let (server, ids) = concur(1);
    // A list, an exchange and a report.
    leave_unchanged(&server, 3);
    server.inject(status(500));
    let Some(output) = to_a_full_disk(&server) else {
        return;
    };
    let said = stderr(&output);
    let warning = said
        .lines()
        .find(|line| line.contains("may go on showing this user as connected"));
    assert!(warning.is_some_and(|line| line.contains(&ids[0])), "{said}");
}

#[test]
fn token_to_revoke_is_not_printed_as_a_connected_users() {
    let (server, _) = concur(1);
    // The report, and the revocation that it leads to, are refused.
    leave_unchanged(&server, 2);
    server.inject(status(400));
    server.inject(status(400));
    let output = apply(&server).output().unwrap();
    // The report can be tried again later.
    assert_eq!(output.status.code(), Some(75), "{}", stderr(&output));
    let line = &lines(&output)[0];
    assert!(
        line["token"].is_null() && line["reported"].is_null(),
        "{line}"
    );
    let token = line["token_to_revoke"]["access_token"].as_str();
    assert_eq!(token.map(str::len), Some(28));
    assert!(
        line["error"]
            .as_str()
            .unwrap()
            .contains("could not be revoked"),
        "{line}"
    );
}

#[test]
fn output_without_json_says_the_same() {
    let (server, _) = concur(1);
    leave_unchanged(&server, 2);
    server.inject(status(400));
    server.inject(status(400));
    let mut command = command(&["auto-connect", "--apply", "--server", server.url()]);
    let members = file("words.csv", "0\n");
    let output = command
        .args(["--members", members.to_str().unwrap()])
        .args(["--consumer-key", SAMPLE_CONSUMER_KEY])
        .env("CONCUR_ADMIN_TOKEN", "admin")
        .env("CONCUR_CONSUMER_SECRET", SECRET)
        .output()
        .unwrap();
    let printed = stdout(&output);
    assert!(
        printed.contains("    to be revoked:\n    Access token   "),
        "{printed}"
    );
}

/// A program that is started without a standard output would write to nowhere, and be told that it did.
#[test]
fn closed_output_starts_no_round() {
    let (server, ids) = concur(1);
    let apply = apply(&server);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" \"$@\" >&-"])
        .arg(apply.get_program());
    shell.args(apply.get_args());
    for (name, value) in apply.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    failed(&shell.output().unwrap(), 1, "standard output is closed");
    assert_eq!(server.request_count(), 0);
    assert_eq!(server.emulator().reported(&ids[0]), None);
}

/// Ctrl-C with a code on its way: it is exchanged, reported and printed, and nothing more is begun.
#[test]
fn signal_ends_the_round_between_two_requests() {
    // There is no terminal here that could be closed: that ends nothing.
    for (signal, status) in [("-INT", 130), ("-TERM", 143), ("-HUP", 0)] {
        let (server, ids) = concur(3);
        // The list comes as ever, and the first token late.
        server.inject(Fault::Oversize(0));
        server.inject(Fault::Delay(Duration::from_secs(1)));
        let process = apply(&server)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        for _ in 0..200 {
            if server.request_count() == 2 {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Twice at once, as from a supervisor, is as good as once.
        for _ in 0..2 {
            let kill = Command::new("kill")
                .args([signal, &process.id().to_string()])
                .status();
            assert!(kill.unwrap().success());
            std::thread::sleep(Duration::from_millis(50));
        }
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
        let lines = lines(&output);
        let all = status == 0;
        assert_eq!(lines.len(), if all { 3 } else { 1 });
        assert_eq!(lines[0]["error"], serde_json::Value::Null, "{lines:?}");
        let token = lines[0]["token"]["access_token"].as_str().unwrap();
        let concur = server.emulator();
        assert_eq!(
            concur.holder(token, SystemTime::now()),
            Some(SAMPLE_LOGIN_ID)
        );
        let reported = ids.iter().map(|id| concur.reported(id).is_some());
        assert!(reported.eq([true, all, all]));
    }
}
