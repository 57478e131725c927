//! The command, run as a person or a script runs it.

mod auto_connect;
mod databases;
mod doctor;
mod emulator;
mod killed;
mod native;
mod proxy;
mod saved;
#[path = "../../../tests/databases/mod.rs"]
mod servers;
mod shop;
mod stored;
mod tokens;
mod usage;
mod v0;
mod web;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

pub(crate) const KEY: &str = "hj7683jslks93lalkjss93";
pub(crate) const LOGIN_ID: &str = "john_developer@hotmail.com";
pub(crate) const PASSWORD: &str = "Travel&Expense$2012";
pub(crate) const SECRET: &str = "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z";
pub(crate) const ADMINISTRATOR: &str = "administrator@example.com";

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concur-oauth"));
    command.args(args).stdin(Stdio::null());
    for variable in [
        "CONCUR_CONSUMER_KEY",
        "CONCUR_CONSUMER_SECRET",
        "CONCUR_LOGIN_ID",
        "CONCUR_PASSWORD",
        "CONCUR_REFRESH_TOKEN",
        "CONCUR_ACCESS_TOKEN",
        "CONCUR_ADMIN_TOKEN",
        "CONCUR_SERVER",
        "CONCUR_CLIENT_ID",
        "CONCUR_CLIENT_SECRET",
        "CONCUR_USERNAME",
        "CONCUR_COMPANY_UUID",
        "CONCUR_EMAIL",
        "CONCUR_REQUEST_TOKEN",
        "CONCUR_OTP",
        "CONCUR_ID_TOKEN",
        "CONCUR_PROXY_AUTH",
        "CONCUR_STORE",
        "CONCUR_STORE_KEY_FILE",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "no_proxy",
        "NO_PROXY",
    ] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// A file of this test's.
pub(crate) fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Failed with this status, in one line, with nothing on standard output.
pub(crate) fn failed(output: &Output, status: i32, words: &str) {
    let line = stderr(output);
    assert_eq!(output.status.code(), Some(status), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(
        line.starts_with("error: ") && line.contains(words),
        "{line}"
    );
    assert_eq!(stdout(output), "");
    assert!(
        !line.contains(PASSWORD) && !line.contains("hunter2") && !line.contains(SECRET),
        "{line}"
    );
}

/// The emulator as a command of its own.
pub(crate) struct Emulator {
    pub(crate) process: Child,
    pub(crate) output: BufReader<std::process::ChildStdout>,
    pub(crate) url: String,
    ca: PathBuf,
}

impl Emulator {
    pub(crate) fn start(name: &str, args: &[&str]) -> Self {
        let ca = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pem"));
        let _ = std::fs::remove_file(&ca);
        let mut all = vec!["emulator"];
        if !args.contains(&"--plain-http") {
            all.extend(["--ca-out", ca.to_str().unwrap()]);
        }
        all.extend(args);
        let mut process = command(&all)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap();
        Self {
            process,
            output,
            url: url.to_owned(),
            ca,
        }
    }

    /// A command that asks this emulator.
    pub(crate) fn ask(&self, args: &[&str]) -> Command {
        let ca = self.ca.to_str().unwrap();
        command(&[args, &["--server", &self.url, "--ca-file", ca]].concat())
    }

    pub(crate) fn native(&self, more: &[&str]) -> Command {
        let native = ["native", "--consumer-key", KEY, "--login-id", LOGIN_ID];
        self.ask(&[&native[..], more].concat())
    }

    /// Returns the token of a user that signs in with the password, as the command prints it.
    pub(crate) fn token(&self, login_id: &str) -> serde_json::Value {
        let native = [
            "native",
            "--consumer-key",
            KEY,
            "--login-id",
            login_id,
            "--format",
            "json",
        ];
        let output = self.ask(&native).env("CONCUR_PASSWORD", PASSWORD).output();
        serde_json::from_slice(&output.unwrap().stdout).unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
