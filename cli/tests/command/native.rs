use std::io::Write;
use std::process::{Command, Stdio};

use crate::{Emulator, KEY, LOGIN_ID, PASSWORD, command, failed, run, stderr, stdout};

#[test]
fn native_with_emulator_prints_a_token() {
    let output = run(&["native", "--emulator"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("Access token   ") && lines[0].len() == 15 + 28);
    assert!(lines[3].starts_with("Instance URL   https://localhost:"));
    assert!(!stderr(&output).contains(PASSWORD));
}

#[test]
fn format_json_prints_one_object() {
    let output = run(&["native", "--emulator", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let keys: Vec<_> = object.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "access_token",
            "expires_at",
            "instance_url",
            "refresh_token"
        ]
    );
    let expires_at: jiff::Timestamp = object["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires_at.as_second() - jiff::Timestamp::now().as_second();
    assert!((364 * 86_400..=365 * 86_400).contains(&left), "{left}");
}

#[test]
fn format_header_prints_one_line() {
    let output = run(&["native", "--emulator", "--format", "header"]);
    let text = stdout(&output);
    assert!(
        text.starts_with("Authorization: OAuth ") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn emulator_option_ignores_variables_and_refuses_other_options() {
    let output = command(&["native", "--emulator"])
        .env("CONCUR_CONSUMER_KEY", "mine")
        .env("CONCUR_LOGIN_ID", "me")
        .env("CONCUR_PASSWORD", "hunter2")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    failed(
        &run(&["native", "--emulator", "--login-id", "me"]),
        2,
        "--login-id",
    );
}

#[test]
fn password_is_read_from_the_environment_or_standard_input() {
    let emulator = Emulator::start("password", &[]);
    let output = emulator
        .native(&[])
        .env("CONCUR_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    for line_end in ["", "\n", "\r\n"] {
        let mut process = emulator
            .native(&["--password-stdin"])
            // Standard input wins: it was asked for.
            .env("CONCUR_PASSWORD", "hunter2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        write!(input, "{PASSWORD}{line_end}").unwrap();
        drop(input);
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let refused = emulator
        .native(&[])
        .env("CONCUR_PASSWORD", "hunter2")
        .output()
        .unwrap();
    failed(&refused, 3, "refused by Concur: Invalid credentials");
}

#[test]
fn failure_and_bad_input_have_different_statuses() {
    let emulator = Emulator::start("trouble", &[]);
    let with = |args: &[&str]| {
        let mut command = command(args);
        command.env("CONCUR_PASSWORD", "hunter2").output().unwrap()
    };
    let native = [
        "native",
        "--consumer-key",
        KEY,
        "--login-id",
        LOGIN_ID,
        "--server",
    ];
    let at = |server: &'static str| with(&[&native[..], &[server]].concat());
    failed(&at("https://127.0.0.1:1"), 75, "cannot connect");
    failed(&at("http://concur.example"), 2, "use https");
    failed(&at("https://user:hunter2@concur.example"), 2, "user name");
    failed(&at("nonsense"), 2, "https://");
    let untrusted = with(&[&native[..], &[&emulator.url]].concat());
    failed(&untrusted, 1, "TLS failed");
    let missing = with(
        &[
            &native[..],
            &[&emulator.url, "--ca-file", "/does/not/exist"],
        ]
        .concat(),
    );
    failed(&missing, 2, "/does/not/exist");

    failed(&with(&["native"]), 2, "consumer key");
    failed(&with(&["native", "--consumer-key", KEY]), 2, "login ID");
    failed(
        &with(&["native", "--consumer-key", "a b", "--login-id", "x"]),
        2,
        "consumer key",
    );
    failed(
        &with(&["native", "--consumer-key", KEY, "--login-id", "a:b"]),
        2,
        "colon",
    );
    failed(
        &run(&["native", "--consumer-key", KEY, "--login-id", "a"]),
        2,
        "CONCUR_PASSWORD",
    );
}

#[test]
fn usage_error_is_one_line_and_repeats_no_argument() {
    failed(
        &run(&["native", "--password-stdin=hunter2"]),
        2,
        "takes no value",
    );
    failed(&run(&["native", "--emulator=hunter2"]), 2, "takes no value");
    failed(&run(&["native", "--timeout", "hunter2"]), 2, "--timeout");
    failed(&run(&["native", "--timeout", "-1"]), 2, "--timeout");
    failed(
        &run(&["native", "--format", "hunter2"]),
        2,
        "text, json, header",
    );
    failed(&run(&["native", "-p", "hunter2"]), 2, "--help");
    failed(
        &run(&["native", "--login-id"]),
        2,
        "--login-id needs a value",
    );
    let twice = ["native", "--login-id", "a", "--login-id", "b"];
    failed(&run(&twice), 2, "--login-id is given twice");
    failed(&run(&[]), 2, "--help");
    failed(&run(&["hunter2"]), 2, "--help");
    failed(&run(&["native", "hunter2"]), 2, "--help");
    failed(
        &run(&["native", "--password", "hunter2"]),
        2,
        "CONCUR_PASSWORD",
    );
    failed(
        &run(&["native", "--password=hunter2"]),
        2,
        "CONCUR_PASSWORD",
    );
    failed(&run(&["native", "--hunter2"]), 2, "no such option");
    failed(
        &run(&["native", "--login=hunter2"]),
        2,
        "perhaps --login-id",
    );
    failed(&run(&["native", "--timeout", "0"]), 2, "--timeout");
    failed(&run(&["native", "--format", "yaml"]), 2, "--format");
    failed(
        &run(&["emulator", "--plain-http", "--ca-out", "x"]),
        2,
        "--ca-out",
    );
}

#[test]
fn help_shows_no_value_of_a_variable() {
    for help in ["--help", "-h"] {
        let output = command(&["native", help])
            .env("CONCUR_CONSUMER_KEY", "hunter2key")
            .env("CONCUR_LOGIN_ID", "hunter2id")
            .env("CONCUR_PASSWORD", "hunter2")
            .output()
            .unwrap();
        let text = stdout(&output);
        assert!(
            output.status.success() && text.contains("CONCUR_CONSUMER_KEY"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn plain_http_emulator_needs_no_authority() {
    let emulator = Emulator::start("plain", &["--plain-http", "--listen", "127.0.0.1:0"]);
    assert!(emulator.url.starts_with("http://localhost:"));
    let args = [
        "native",
        "--consumer-key",
        KEY,
        "--login-id",
        LOGIN_ID,
        "--server",
        &emulator.url,
    ];
    let output = command(&args)
        .env("CONCUR_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn emulator_stops_cleanly_on_ctrl_c() {
    for signal in ["-INT", "-TERM"] {
        let mut emulator = Emulator::start("stop", &[]);
        let id = emulator.process.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(emulator.process.wait().unwrap().success(), "{signal}");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut emulator.output, &mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[cfg(unix)]
#[test]
fn closed_output_is_a_failure_and_no_panic() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else {
        return;
    };
    let output = command(&["native", "--emulator"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error: cannot write to standard output"));
}

/// What is only said costs nothing.
#[cfg(unix)]
#[test]
fn token_is_printed_where_standard_error_is_closed() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else {
        return;
    };
    let output = command(&["native", "--emulator", "--format", "header"])
        .stderr(full)
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(stdout(&output).starts_with("Authorization: OAuth "));
}

#[test]
fn help_names_what_a_user_must_know() {
    for (command, words) in [
        ("native", "never an argument"),
        ("web", "the address that is listened on"),
        ("refresh", "the user's own base URL"),
        ("revoke", "Web Services Administrator"),
        ("auto-connect", "nothing is changed"),
    ] {
        let output = run(&[command, "--help"]);
        let text = stdout(&output)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(text.contains(words), "{text}");
    }
}

/// What would end a line, colour a terminal or turn the direction of its text is printed as an escape.
#[test]
fn token_with_control_characters_is_escaped() {
    use concur_oauth_emulator::{Emulator as Concur, End, Fault, Server};

    let concur = Concur::with_sample_account();
    let server = Server::builder().emulator(concur).plain_http().start();
    let server = server.unwrap();
    let body = "<Access_Token><Token>a&#x9b;31m&#10;Expires 1</Token>\
        <Refresh_Token>&#x202e;b</Refresh_Token></Access_Token>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    for format in ["text", "json", "header"] {
        let response = format!("{head}{body}").into_bytes();
        server.inject(Fault::Raw(response, End::Close));
        let args = ["native", "--server", server.url(), "--format", format];
        let output = command(&args)
            .args(["--consumer-key", KEY, "--login-id", LOGIN_ID])
            .env("CONCUR_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let printed = stdout(&output);
        assert_eq!(printed.lines().count(), 1, "{format}: {printed}");
        assert!(
            printed.contains("\\u009b31m\\nExpires"),
            "{format}: {printed}"
        );
        let token: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(token["refresh_token"], "\u{202e}b");
    }
}

#[test]
fn foreign_instance_url_is_a_warning_in_every_format() {
    use concur_oauth_emulator::Server;

    let server = Server::builder().plain_http().start().unwrap();
    server.emulator().set_instance_url("https://evil.example");
    for format in ["text", "json", "header"] {
        let args = ["native", "--server", server.url(), "--format", format];
        let output = command(&args)
            .args(["--consumer-key", KEY, "--login-id", LOGIN_ID])
            .env("CONCUR_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("Instance_Url"), "{format}");
    }
}

/// Nothing that was typed is wrong.
#[cfg(target_os = "linux")]
#[test]
fn local_failure_is_not_a_usage_error() {
    let args = ["native", "--consumer-key", KEY, "--login-id", LOGIN_ID];
    let output = command(&args)
        .env("CONCUR_PASSWORD", PASSWORD)
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output();
    failed(&output.unwrap(), 1, "trusted roots");
    let output = run(&["emulator", "--ca-out", "/nonexistent/ca.pem"]);
    failed(&output, 1, "cannot write /nonexistent/ca.pem");
    // A link to another file is not followed.
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (link, target) = (folder.join("link.pem"), folder.join("target.pem"));
    let _ = std::fs::remove_file(&link);
    std::fs::write(&target, "untouched").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let output = run(&["emulator", "--ca-out", link.to_str().unwrap()]);
    failed(&output, 1, "cannot write ");
    assert_eq!(std::fs::read_to_string(target).unwrap(), "untouched");
}
