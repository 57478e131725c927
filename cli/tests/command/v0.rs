//! `concur-oauth v0`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

use concur_oauth_emulator::v0::{Rotation, User};
use concur_oauth_emulator::{
    End, Fault, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID, SAMPLE_CONSUMER_KEY,
    SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use serde_json::Value;

use crate::{command, failed, run, stderr, stdout};

/// A server, and the file that its authority stands in.
struct Concur {
    server: Server,
    ca: PathBuf,
}

impl Concur {
    fn start(name: &str) -> Self {
        let server = Server::builder()
            .data_centers(["us2", "eu2"])
            .start()
            .unwrap();
        let ca = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("v0-{name}.pem"));
        std::fs::write(&ca, server.ca_pem()).unwrap();
        Self { server, ca }
    }

    /// A command that asks the first data center, with the application's secret.
    fn ask(&self, args: &[&str]) -> Command {
        let ca = self.ca.to_str().unwrap();
        let server = ["--server", self.server.url(), "--ca-file", ca];
        let mut command = command(&[&["v0"], args, &server].concat());
        command
            .env("CONCUR_CLIENT_ID", SAMPLE_CLIENT_ID)
            .env("CONCUR_CLIENT_SECRET", SAMPLE_CLIENT_SECRET);
        command
    }

    fn password(&self, username: &str, password: &str) -> Output {
        let mut command = self.ask(&["password", "--username", username, "--format", "json"]);
        command.env("CONCUR_PASSWORD", password).output().unwrap()
    }
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_command_works_with_the_emulator_alone() {
    for (args, names) in [
        (
            "password",
            "access_token token_type expires_at refresh_token refresh_expires_at geolocation scope id_token",
        ),
        (
            "company",
            "access_token token_type expires_at refresh_token refresh_expires_at geolocation scope id_token",
        ),
        (
            "client-credentials",
            "access_token token_type expires_at geolocation scope",
        ),
        (
            "otp",
            "access_token token_type expires_at refresh_token refresh_expires_at geolocation scope id_token",
        ),
        (
            "refresh",
            "access_token token_type expires_at refresh_token refresh_expires_at geolocation scope id_token",
        ),
        (
            "migrate",
            "refresh_token refresh_expires_at created_at scope",
        ),
        (
            "migrate --company",
            "refresh_token refresh_expires_at created_at scope",
        ),
        (
            "id-token",
            "subject principal_type issuer audience expires_at not_before issued_at",
        ),
    ] {
        let mut all = vec!["v0"];
        all.extend(args.split(' '));
        all.extend(["--emulator", "--format", "json"]);
        let printed = json(&run(&all));
        for name in names.split(' ') {
            assert!(!printed[name].is_null(), "{args}: {name} in {printed}");
        }
        for time in ["expires_at", "refresh_expires_at", "created_at"] {
            let Some(time) = printed[time].as_str() else {
                continue;
            };
            assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
        }
        all.truncate(all.len() - 2);
        let output = run(&all);
        assert!(output.status.success() && !stdout(&output).contains("null"));
    }
    let output = run(&["v0", "revoke", "--emulator"]);
    assert!(output.status.success() && stdout(&output).is_empty());
    let absent = json(&run(&[
        "v0",
        "client-credentials",
        "--emulator",
        "--format",
        "json",
    ]));
    assert!(absent["refresh_token"].is_null() && absent.get("id_token").is_some());
    let header = run(&[
        "v0",
        "client-credentials",
        "--emulator",
        "--format",
        "header",
    ]);
    assert!(stdout(&header).starts_with("Authorization: Bearer ey"));
}

#[test]
fn tokens_are_gotten_refreshed_verified_and_revoked() {
    let concur = Concur::start("life");
    let token = json(&concur.password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let refreshed = json(
        &concur
            .ask(&["refresh", "--format", "json"])
            .env("CONCUR_REFRESH_TOKEN", text(&token["refresh_token"]))
            .output()
            .unwrap(),
    );
    assert_ne!(refreshed["refresh_token"], token["refresh_token"]);
    let claims = json(
        &concur
            .ask(&["id-token", "--format", "json"])
            .env("CONCUR_ID_TOKEN", text(&refreshed["id_token"]))
            .output()
            .unwrap(),
    );
    assert_eq!(claims["principal_type"], "user");
    let output = concur
        .ask(&["id-token"])
        .env("CONCUR_ID_TOKEN", text(&refreshed["access_token"]))
        .output()
        .unwrap();
    failed(&output, 3, "for another application");
    let output = concur
        .ask(&["id-token"])
        .env("CONCUR_ID_TOKEN", "no.jwt")
        .output()
        .unwrap();
    failed(&output, 3, "not a signed JWT");
    let output = concur
        .ask(&["revoke"])
        .env("CONCUR_ACCESS_TOKEN", text(&refreshed["access_token"]))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let output = concur
        .ask(&["refresh"])
        .env("CONCUR_REFRESH_TOKEN", text(&refreshed["refresh_token"]))
        .output()
        .unwrap();
    failed(&output, 3, "code 108");
    let output = concur
        .ask(&["revoke"])
        .env("CONCUR_ACCESS_TOKEN", "dead")
        .output()
        .unwrap();
    failed(&output, 3, "status 403");
}

#[test]
fn company_and_old_token_are_exchanged() {
    let concur = Concur::start("company");
    let now = SystemTime::now();
    let mut emulator = concur.server.emulator();
    let token = emulator
        .v0()
        .make_request_token(SAMPLE_CLIENT_ID, SAMPLE_COMPANY_ID, now);
    emulator.add_tokens("old", "", SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, now);
    drop(emulator);
    let output = concur
        .ask(&[
            "company",
            "--company-uuid",
            SAMPLE_COMPANY_ID,
            "--scope",
            "user.read",
            "--format",
            "json",
        ])
        .env("CONCUR_REQUEST_TOKEN", &token)
        .output()
        .unwrap();
    assert_eq!(json(&output)["scope"], "user.read");
    let migrate = |old: &str| {
        concur
            .ask(&[
                "migrate",
                "--consumer-key",
                SAMPLE_CONSUMER_KEY,
                "--format",
                "json",
            ])
            .env("CONCUR_ACCESS_TOKEN", old)
            .output()
            .unwrap()
    };
    assert!(json(&migrate("old"))["refresh_token"].is_string());
    let requests = concur.server.request_count();
    let output = migrate("unknown");
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("INVALIDTOKEN"));
    // A key that cannot stand in a path is found before anything is sent.
    let output = concur
        .ask(&["migrate", "--consumer-key", ".."])
        .env("CONCUR_ACCESS_TOKEN", "old")
        .output();
    failed(&output.unwrap(), 2, "step in a path");
    assert_eq!(concur.server.request_count(), requests + 2);
}

#[test]
fn one_time_password_is_mailed_unless_it_is_given() {
    let concur = Concur::start("otp");
    let otp = ["otp", "--email", SAMPLE_LOGIN_ID, "--format", "json"];
    // Nothing is mailed where no password could be read afterwards.
    failed(
        &concur.ask(&otp).output().unwrap(),
        2,
        "no one-time password",
    );
    assert_eq!(concur.server.request_count(), 0);
    let mut child = concur
        .ask(&[&otp[..], &["--otp-stdin"]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.starts_with("mailed"), "{said}");
    let mailed = || {
        let mut emulator = concur.server.emulator();
        emulator
            .v0()
            .one_time_password(SAMPLE_LOGIN_ID)
            .unwrap()
            .to_owned()
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(mailed().as_bytes())
        .unwrap();
    assert!(json(&child.wait_with_output().unwrap())["access_token"].is_string());
    let requests = concur.server.request_count();
    let link = "https://app.example/auth&token=dd-unknown";
    for more in [&[][..], &["--otp-stdin"]] {
        let mut command = concur.ask(&[&otp[..], more].concat());
        failed(
            &command.env("CONCUR_OTP", link).output().unwrap(),
            3,
            "code 83",
        );
    }
    assert_eq!(concur.server.request_count(), requests + 2);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn exit_status_says_what_to_do() {
    let concur = Concur::start("status");
    let eu2 = concur.server.data_center("eu2").unwrap().to_owned();
    let mut emulator = concur.server.emulator();
    emulator
        .v0()
        .add_user(User::new("far@example.com", "x").in_data_center("eu2"));
    drop(emulator);
    // Followed once, without a word.
    assert_eq!(
        json(&concur.password("far@example.com", "x"))["geolocation"],
        *eu2
    );
    failed(&concur.password(SAMPLE_LOGIN_ID, "hunter2"), 3, "code 5");
    concur.server.emulator().v0().fail_with(134);
    failed(
        &concur.password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD),
        75,
        "maintenance",
    );
    // A 16 without a host to go to.
    concur.server.emulator().v0().fail_with(16);
    failed(
        &concur.password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD),
        1,
        "lives at",
    );
    concur.server.inject(Fault::Unavailable);
    failed(
        &concur.password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD),
        75,
        "unavailable",
    );
    let page = "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>";
    concur.server.inject(Fault::Raw(page.into(), End::Close));
    failed(
        &concur.password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD),
        1,
        "HTML",
    );
    for (args, words) in [
        (&["password", "--username", "a"][..], "no data center"),
        (&["refresh"], "no data center"),
        (&["migrate", "--consumer-key", "a"], "no data center"),
        (&["company"], "no company"),
        (&["company", "--company-uuid", "a"], "no client ID"),
        (
            &[
                "password",
                "--server",
                "https://us2.api.concursolutions.com",
            ],
            "no user",
        ),
        (
            &["otp", "--server", "https://us2.api.concursolutions.com"],
            "no e-mail",
        ),
        (
            &["refresh", "--server", "https://www.concursolutions.com"],
            "us2.api.concursolutions.com",
        ),
        (
            &["company", "--server", "https://eu1.concursolutions.com"],
            "us2.api.concursolutions.com",
        ),
        (&["company", "--scope", "a b"], "scope contains"),
        (
            &["refresh", "--format", "header"],
            "--format takes one of text, json",
        ),
        (&["migrate"], "no data center"),
        (
            &["company", "--client-secret", "hunter2"],
            "never an argument",
        ),
        (
            &["company", "--request-token", "hunter2"],
            "never an argument",
        ),
        (&["otp", "--otp", "hunter2"], "never an argument"),
        (
            &["refresh", "--consumer-secret", "hunter2"],
            "never arguments",
        ),
        (&["id-token", "--id-token", "hunter2"], "never an argument"),
        (
            &["company", "--emulator", "--company-uuid", "a"],
            "leave out --company-uuid",
        ),
        (
            &["web", "--redirect-uri", "https://app.example/back"],
            "must lead to this command",
        ),
        (
            &["web", "--redirect-uri", "http://localhost/back"],
            "must lead to this command",
        ),
        (
            &["web", "--redirect-uri", "http://localhost:1/?a=b"],
            "must lead to this command",
        ),
        (&["web", "--listen", "0.0.0.0:0"], "loopback"),
        (&[], "no command"),
    ] {
        failed(&run(&[&["v0"], args].concat()), 2, words);
    }
    let mut empty = command(&["v0", "company"]);
    failed(
        &empty.env("CONCUR_COMPANY_UUID", "").output().unwrap(),
        2,
        "CONCUR_COMPANY_UUID is empty",
    );
}

#[test]
fn browser_returns_to_the_redirect_uri() {
    let concur = Concur::start("web");
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let uri = format!("http://localhost:{port}/back");
    let mut emulator = concur.server.emulator();
    emulator.v0().register_redirect_uri(SAMPLE_CLIENT_ID, &uri);
    drop(emulator);
    for (deny, status) in [(false, 0), (true, 3)] {
        let mut child = concur
            .ask(&[
                "web",
                "--redirect-uri",
                &uri,
                "--no-browser",
                "--format",
                "json",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let link = loop {
            let mut line = String::new();
            assert!(errors.read_line(&mut line).unwrap() > 0);
            if let Some(at) = line.find("http://") {
                break line[at..].trim().to_owned();
            }
        };
        let get = |path: &str, cookie: &str| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
            )
            .unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            response
        };
        // A cookie of another name of this machine would not come back.
        assert!(
            link.starts_with(&format!("http://localhost:{port}/start")),
            "{link}"
        );
        let path = &link[link.find("/start").unwrap()..];
        let sent_out = get(path, "");
        let field = |name: &str| {
            let lower = sent_out.to_ascii_lowercase();
            let at = lower.find(&format!("\r\n{name}: ")).unwrap() + name.len() + 4;
            sent_out[at..].lines().next().unwrap().to_owned()
        };
        let cookie = field("set-cookie");
        let cookie = cookie.split(';').next().unwrap();
        let sign_in = field("location");
        let mut emulator = concur.server.emulator();
        let now = SystemTime::now();
        let back = if deny {
            emulator.deny(&sign_in, now)
        } else {
            emulator.approve(&sign_in, SAMPLE_LOGIN_ID, now)
        };
        drop(emulator);
        let back = back.unwrap();
        let target = &back[back.find("/back").unwrap()..];
        // The path is the redirect URI's.
        assert!(get(&target.replace("/back", "/"), cookie).starts_with("HTTP/1.1 404"));
        get(target, cookie);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(status));
        assert_eq!(output.stdout.is_empty(), deny);
    }
}
