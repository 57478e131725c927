//! What is said of a command line, and of secrets that a server repeats.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;
use std::thread::JoinHandle;

use crate::{KEY, LOGIN_ID, command, failed, run, stdout};

#[test]
fn mistyped_name_gets_the_nearest_as_a_suggestion() {
    for (args, words) in [
        (&["nativ"][..], "no such command: perhaps native"),
        (&["auto_connect"], "perhaps auto-connect"),
        (
            &["native", "--pasword-stdin"],
            "no such option: perhaps --password-stdin",
        ),
        (&["native", "--loginid", "x"], "perhaps --login-id"),
        (&["native", "--hunter2"], "no such option"),
        (&["hunter2"], "no such command"),
        (&["native", "--password", "hunter2"], "never an argument"),
        (&["man"], "<FOLDER> is missing"),
        (&["completions"], "<SHELL> is missing"),
        (&["completions", "hunter2"], "takes one of bash, "),
        (
            &["revoke", "--tokn=hunter2"],
            "perhaps --access-token-stdin",
        ),
    ] {
        failed(&run(args), 2, words);
    }
}

#[test]
fn empty_variable_is_named() {
    let native = ["native", "--consumer-key", KEY, "--login-id", LOGIN_ID];
    for (variable, args) in [
        ("CONCUR_CONSUMER_KEY", &["native"][..]),
        ("CONCUR_LOGIN_ID", &["native", "--consumer-key", KEY]),
        ("CONCUR_SERVER", &native),
        (
            "CONCUR_CONSUMER_SECRET",
            &["web", "--scope", "A", "--consumer-key", KEY],
        ),
        ("CONCUR_ADMIN_TOKEN", &["revoke"]),
    ] {
        let output = command(args).env(variable, "").output().unwrap();
        failed(&output, 2, &format!("{variable} is empty"));
    }
}

#[test]
fn emulator_ignores_empty_variables_too() {
    let mut command = command(&["native", "--emulator"]);
    for variable in [
        "CONCUR_CONSUMER_KEY",
        "CONCUR_LOGIN_ID",
        "CONCUR_SERVER",
        "CONCUR_PASSWORD",
    ] {
        command.env(variable, "");
    }
    assert!(command.output().unwrap().status.success());
}

#[test]
fn server_comes_from_the_environment() {
    let output = command(&["native", "--consumer-key", KEY, "--login-id", LOGIN_ID])
        .env("CONCUR_SERVER", "http://concur.example")
        .env("CONCUR_PASSWORD", "hunter2")
        .output();
    failed(&output.unwrap(), 2, "use https");
}

#[test]
fn help_of_each_command_has_an_example_and_what_is_required() {
    for (name, required) in [
        ("native", "--consumer-key <KEY> --login-id <ID>"),
        ("web", "--consumer-key <KEY> --scope <SCOPE>"),
        ("refresh", "--consumer-key <KEY>"),
        ("revoke", "--user <ID>"),
        ("auto-connect", "--members <FILE>"),
        ("emulator", "[OPTIONS]"),
        ("completions", "<SHELL>"),
        ("man", "<FOLDER>"),
    ] {
        let help = stdout(&run(&[name, "--help"]));
        let (_, example) = help.split_once("Example: ").expect(name);
        assert!(
            example.starts_with(&format!("concur-oauth {name}")),
            "{help}"
        );
        let (_, usage) = help.split_once("Usage: ").unwrap();
        assert!(usage.contains(required), "{help}");
        assert!(!help.contains("Travel&Expense"), "{help}");
    }
    assert!(stdout(&run(&["--help"])).contains("75 trouble that is worth another try"));
}

#[test]
fn completions_and_man_pages_are_made() {
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef concur-oauth"),
        ("fish", "complete -c concur-oauth"),
    ] {
        let script = stdout(&run(&["completions", shell]));
        assert!(
            script.contains(sign) && script.contains("auto-connect"),
            "{shell}"
        );
    }
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let _ = std::fs::remove_dir_all(&folder);
    let output = run(&["man", folder.to_str().unwrap()]);
    assert!(output.status.success());
    for page in [
        "concur-oauth.1",
        "concur-oauth-native.1",
        "concur-oauth-web.1",
    ] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    failed(
        &run(&["man", "/dev/null/man"]),
        1,
        "cannot write to /dev/null/man",
    );
}

/// A server that sends one response, and its URL.
fn responding(status: &'static str, body: &'static str) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
    });
    (url, server)
}

fn native_at(url: &str) -> Output {
    command(&["native", "--consumer-key", KEY, "--login-id", LOGIN_ID])
        .args(["--server", url])
        .env("CONCUR_PASSWORD", "hunter2")
        .output()
        .unwrap()
}

/// A server that repeats what it was sent, and sends commands to a terminal.
#[test]
fn secret_that_a_server_repeats_is_masked() {
    let body = "<Error><Message>hunter2 is\u{202e} wrong, said h\u{3164}unter2</Message></Error>";
    let (url, server) = responding("403 Forbidden", body);
    failed(&native_at(&url), 3, "[secret] is wrong, said [secret]");
    server.join().unwrap();
}

#[test]
fn web_page_is_not_called_a_refusal() {
    let (url, server) = responding("404 Not Found", "<html>");
    failed(&native_at(&url), 1, "does not look like Concur");
    server.join().unwrap();
}
