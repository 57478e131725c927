//! `concur-oauth web` and `concur-oauth v0 web`, with a browser that signs in, approves and denies.
//!
//! `.ci/run` installs what it needs and runs it. By hand, with chromium and chromedriver there:
//! `cargo test -p concur-oauth-cli --test browser -- --ignored`

mod driver;
mod pages;

use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use driver::Browser;

const LOGIN_ID: &str = "john_developer@hotmail.com";
const PASSWORD: &str = "Travel&Expense$2012";

/// The command of one of the services, and what it asks for and says.
struct Service {
    command: &'static [&'static str],
    scopes: [&'static str; 2],
    denied: &'static str,
    /// The option of a redirect URI, where the command has one.
    redirect_uri: Option<fn() -> [String; 2]>,
}

/// A redirect URI by name, where the command listens by address.
fn by_name() -> [String; 2] {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let uri = format!("http://localhost:{port}/back");
    ["--redirect-uri".to_owned(), uri]
}

const SERVICES: [Service; 2] = [
    Service {
        command: &["web"],
        scopes: ["EXPRPT", "ITINER"],
        denied: "User denied access",
        redirect_uri: None,
    },
    Service {
        command: &["v0", "web"],
        scopes: ["openid", "user.read"],
        denied: "The user denied your request.",
        redirect_uri: Some(by_name),
    },
];

/// The command, waiting for a user.
struct Waiting {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
    url: String,
}

impl Waiting {
    fn start(service: &Service) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_concur-oauth"))
            .args(service.command)
            .args(["--emulator", "--no-browser", "--wait", "120"])
            .args(["--scope", &service.scopes.join(","), "--format", "json"])
            .args(service.redirect_uri.iter().flat_map(|back| back()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .map(Result::unwrap)
            .find(|line| line.starts_with("http://"))
            .unwrap();
        Self {
            process,
            lines,
            url,
        }
    }

    /// Its status, what it printed, and its last line of warning or error.
    fn end(mut self) -> (Option<i32>, String, String) {
        let mut printed = String::new();
        let mut stdout = self.process.stdout.take().unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        let last = self.lines.by_ref().map(Result::unwrap).last();
        let status = self.process.wait().unwrap().code();
        (status, printed, last.unwrap_or_default())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The emulator as a command of its own.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) url: String,
}

impl Emulator {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_concur-oauth"))
            .args(["emulator", "--plain-http"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap();
        Self {
            process,
            url: url.to_owned(),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn approve(browser: &Browser, password: &str) {
    browser.fill("Login ID", LOGIN_ID);
    browser.fill("Password", password);
    browser.press("Sign in and approve");
}

/// The page says so, and the token is printed.
fn worked(browser: &Browser, waiting: Waiting) {
    browser.shows("It worked");
    let (status, printed, _) = waiting.end();
    assert_eq!(status, Some(0));
    let token: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let length = token["access_token"].as_str().map_or(0, str::len);
    // Twenty bytes in Base64, or a JWT.
    assert!(length == 28 || length > 500, "{printed}");
}

#[test]
#[ignore = "needs chromium and chromedriver, which `.ci/run` installs; it runs this test"]
fn a_user_approves_and_the_token_is_printed() {
    for service in &SERVICES {
        let (browser, waiting) = (Browser::start(), Waiting::start(service));
        browser.go(&waiting.url);
        browser.shows("Sign in to Concur");
        let asked = browser.sees(service.scopes[0]);
        assert!(asked.contains(service.scopes[1]), "{asked}");

        approve(&browser, "wrong");
        browser.sees("Try again");

        // By the keyboard alone.
        browser.fill("Login ID", LOGIN_ID);
        browser.fill("Password", &format!("{PASSWORD}\n"));
        worked(&browser, waiting);
    }
}

#[test]
#[ignore = "needs chromium and chromedriver, which `.ci/run` installs; it runs this test"]
fn a_user_denies_and_the_command_says_so() {
    for service in &SERVICES {
        let (browser, waiting) = (Browser::start(), Waiting::start(service));
        browser.go(&waiting.url);
        browser.press("Deny");
        browser.shows("Access was not granted");
        browser.sees(service.denied);
        let (status, printed, last) = waiting.end();
        assert_eq!((status, printed.as_str()), (Some(3), ""));
        let is_said = last.starts_with("error: ") && last.contains(service.denied);
        assert!(is_said, "{last}");
    }
}

#[test]
#[ignore = "needs chromium and chromedriver, which `.ci/run` installs; it runs this test"]
fn a_wrong_state_or_browser_is_refused_and_the_user_is_still_waited_for() {
    for service in &SERVICES {
        let (browser, mut waiting) = (Browser::start(), Waiting::start(service));
        browser.go(&waiting.url);
        browser.shows("Sign in to Concur");
        let sign_in = browser.url();
        let (start, state) = sign_in.split_once("&state=").unwrap();
        let other = state.chars().rev().collect::<String>();
        let stranger = Browser::start();
        for (browser, url, why) in [
            (&browser, format!("{start}&state={other}"), "another state"),
            (&stranger, sign_in.clone(), "another browser"),
        ] {
            browser.go(&url);
            approve(browser, PASSWORD);
            browser.shows("This was refused");
            let warning = waiting.lines.next().unwrap().unwrap();
            assert!(
                warning.contains("refused") && warning.contains(why),
                "{warning}"
            );
        }

        browser.go(&sign_in);
        approve(&browser, PASSWORD);
        worked(&browser, waiting);
    }
}

/// From the App Center, by a browser, to a supplier's round.
#[test]
#[ignore = "needs chromium and chromedriver, which `.ci/run` installs; it runs this test"]
fn a_user_connects_to_a_supplier_and_is_connected() {
    let emulator = Emulator::start();
    let url = &*emulator.url;

    let browser = Browser::start();
    browser.go(&format!("{url}/appcenter"));
    browser.follow("Connect to Sample Application");
    browser.fill("Login ID", LOGIN_ID);
    browser.fill("Password", "wrong");
    browser.fill("First name", "John");
    browser.fill("Last name", "O'Hara");
    browser.fill("Loyalty number", "0042");
    browser.press("Connect");
    // What else was typed is kept.
    browser.shows("Error: Connect to Sample Application");
    browser.fill("Password", &format!("{PASSWORD}\n"));
    browser.shows("Request sent");

    let run = |args: &[&str], name: &str, secret: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_concur-oauth"))
            .args(args)
            .args(["--server", url, "--consumer-key", "hj7683jslks93lalkjss93"])
            .env("CONCUR_CONSUMER_SECRET", "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z")
            .env(name, secret)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let native = [
        "native",
        "--login-id",
        "administrator@example.com",
        "--format",
        "header",
    ];
    let header = run(&native, "CONCUR_PASSWORD", PASSWORD);
    let token = header
        .trim_end()
        .strip_prefix("Authorization: OAuth ")
        .unwrap();
    let members = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("supplier.csv");
    std::fs::write(&members, "0042,O'Hara\n").unwrap();
    let round = [
        "auto-connect",
        "--apply",
        "--members",
        members.to_str().unwrap(),
    ];
    let printed = run(&round, "CONCUR_ADMIN_TOKEN", token);
    assert!(
        printed.starts_with("connected (CRSUC)  ") && printed.contains("  0042  John  O'Hara\n"),
        "{printed}"
    );
}
