//! `web`, without a browser: what comes to the port that it listens on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::{command, failed, run};

struct Waiting {
    process: Child,
    address: String,
    /// The path of the link that the command shows.
    start: String,
    /// What the browser gets when it opens the link.
    cookie: String,
    state: String,
}

impl Waiting {
    fn start() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let args = ["web", "--emulator", "--no-browser", "--scope", "EXPRPT"];
        let mut process = command(&[&args[..], more].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut url = String::new();
        while !url.starts_with("http://") {
            url.clear();
            stderr.read_line(&mut url).unwrap();
        }
        process.stderr = Some(stderr.into_inner());
        let link = url.trim().strip_prefix("http://").unwrap();
        let (address, start) = link.split_once('/').unwrap();
        let mut waiting = Self {
            process,
            address: address.to_owned(),
            start: format!("/{start}"),
            cookie: String::new(),
            state: String::new(),
        };
        let response = waiting.visit(&waiting.start);
        assert!(response.starts_with("HTTP/1.1 303 "), "{response}");
        let field = |name: &str| {
            let (_, rest) = response.split_once(&format!("\r\n{name}: ")).unwrap();
            rest.split_once("\r\n").unwrap().0
        };
        let (cookie, attributes) = field("Set-Cookie").split_once("; ").unwrap();
        assert!(
            attributes.starts_with("HttpOnly; SameSite=Lax; "),
            "{response}"
        );
        let sign_in = field("Location");
        assert!(sign_in.contains("/net2/oauth2/Login.aspx?"), "{response}");
        let back = waiting.address.replace(':', "%3A");
        let (_, state) = sign_in
            .split_once(&format!("redirect_uri=http%3A%2F%2F{back}%2F&state="))
            .unwrap();
        cookie.clone_into(&mut waiting.cookie);
        state.clone_into(&mut waiting.state);
        waiting
    }

    /// Sends a request as a browser would, and returns the response.
    fn visit(&self, target: &str) -> String {
        let (host, cookie) = (&self.address, &self.cookie);
        self.ask(&format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: other=1; {cookie}\r\n"
        ))
    }

    fn ask(&self, head: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{head}\r\n").unwrap();
        let mut response = String::new();
        // What was sent too much of can have the connection reset.
        let _ = stream.read_to_string(&mut response);
        response
    }

    fn end(self) -> std::process::Output {
        self.process.wait_with_output().unwrap()
    }
}

/// Its last line of error, and status.
fn ended(waiting: Waiting, status: i32, words: &str) {
    let mut output = waiting.end();
    let text = String::from_utf8(output.stderr).unwrap();
    let last = text.lines().last().unwrap();
    output.stderr = format!("{last}\n").into_bytes();
    failed(&output, status, words);
}

#[test]
fn foreign_callback_is_refused_and_the_wait_goes_on() {
    let waiting = Waiting::start();
    let state = &waiting.state;
    // Those that say nothing hold up no other.
    let silent = [(); 400].map(|()| TcpStream::connect(&waiting.address).unwrap());
    for target in [
        "/".to_owned(),
        "/?code=hunter2".to_owned(),
        format!("/?code=hunter2&state={}", state.to_uppercase()),
        format!("/?code=hunter2&state={state}&state={state}"),
        "/?error=access_denied".to_owned(),
        "/?code=a&code=hunter2".to_owned(),
        "/?error_description=a&error_description=b&state=x".to_owned(),
    ] {
        let response = waiting.visit(&target);
        assert!(
            response.starts_with("HTTP/1.1 400 "),
            "{target}: {response}"
        );
        assert!(!response.contains("hunter2"), "{response}");
    }
    // Another browser, which has the state and not the cookie.
    for cookie in [
        String::new(),
        "Cookie: concur_oauth=1\r\n".to_owned(),
        format!("Cookie: {}0\r\n", waiting.cookie),
        format!("X-Cookie: {}\r\n", waiting.cookie),
    ] {
        let head = format!("GET /?code=hunter2&state={state} HTTP/1.1\r\n{cookie}");
        let response = waiting.ask(&head);
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    }
    assert!(waiting.visit("/favicon.ico").starts_with("HTTP/1.1 404 "));
    for (request, status) in [
        ("HEAD / HTTP/1.1", "405"),
        ("POST /?code=hunter2 HTTP/1.1", "405"),
        ("GET http://evil.example/ HTTP/1.1", "405"),
        ("nonsense", "400"),
        ("GET /?code=hunter2", "400"),
    ] {
        let response = waiting.ask(&format!("{request}\r\n"));
        assert!(
            response.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request}: {response}"
        );
    }
    // To the last byte that is read, so that nothing unread resets the connection.
    let head = "GET / HTTP/1.1\r\nCookie: ";
    let response = waiting.ask(&format!("{head}{}", "x".repeat(16_384 - head.len() - 2)));
    assert!(response.starts_with("HTTP/1.1 431 "), "{response}");
    // Not HTTP, and no end of it.
    let mut stream = TcpStream::connect(&waiting.address).unwrap();
    let _ = stream.write_all("x".repeat(40_000).as_bytes());
    drop((stream, silent));

    // The user's own, with a code that Concur never gave.
    let response = waiting.visit(&format!("/?code=hunter2&state={state}"));
    assert!(response.starts_with("HTTP/1.1 502 "), "{response}");
    ended(waiting, 3, "Invalid request token");
}

#[test]
fn callback_with_neither_or_both_ends_the_wait() {
    for (returned, words) in [
        ("/?a=b", "neither a code nor an error"),
        ("/?code=a&error=access_denied", "both"),
        ("/?code=a&code=b", "more than once"),
        ("/?code=%00", "cannot be read"),
    ] {
        let waiting = Waiting::start();
        let response = waiting.visit(&format!("{returned}&state={}", waiting.state));
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        assert!(response.contains("run it again"), "{response}");
        ended(waiting, 1, words);
    }
}

#[test]
fn second_visit_of_the_link_ends_the_wait() {
    let waiting = Waiting::start();
    let response = waiting.visit(&waiting.start);
    assert!(response.starts_with("HTTP/1.1 409 "), "{response}");
    assert!(!response.contains(&waiting.state), "{response}");
    ended(waiting, 1, "opened twice");
}

#[test]
fn denial_is_shown_without_markup() {
    let waiting = Waiting::start();
    let query = "error=access_denied&error_description=No%3Cscript%3E%0Aplease";
    let response = waiting.visit(&format!("/?{query}&state={}", waiting.state));
    assert!(response.contains("No&lt;script&gt; please"), "{response}");
    // What stands in the address goes nowhere else.
    for header in [
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
    ] {
        assert!(response.contains(&format!("{header}\r\n")), "{response}");
    }
    ended(waiting, 3, "access_denied");
}

#[test]
fn wait_without_a_callback_ends_with_status_1() {
    let mut waiting = Waiting::with(&["--wait", "2"]);
    // Strangers do not put it off.
    for _ in 0..200 {
        if let Some(status) = waiting.process.try_wait().unwrap() {
            return assert_eq!(status.code(), Some(1));
        }
        if let Ok(mut stream) = TcpStream::connect(&waiting.address) {
            let _ = write!(stream, "GET /?code=1&state=x HTTP/1.1\r\n\r\n");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    waiting.process.kill().unwrap();
    panic!("still waiting");
}

/// The browser that is opened outlives the command, with all that it was told.
#[cfg(unix)]
#[test]
fn browser_receives_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("launcher");
    std::fs::create_dir_all(&folder).unwrap();
    let (launcher, told) = (folder.join("xdg-open"), folder.join("told"));
    let _ = std::fs::remove_file(&told);
    let script = format!(
        "#!/bin/sh\n(echo \"$1\"; env) > {0}.new && mv {0}.new {0}\n",
        told.display()
    );
    std::fs::write(&launcher, script).unwrap();
    std::fs::set_permissions(&launcher, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let output = command(&["web", "--scope", "A", "--consumer-key", "k", "--wait", "2"])
        .env("CONCUR_CONSUMER_SECRET", "hunter2")
        .env("CONCUR_PASSWORD", "hunter2")
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = std::fs::read_to_string(told).unwrap();
    // Other users of the machine can read the browser's command line.
    assert!(told.starts_with("http://127.0.0.1:"), "{told}");
    assert!(
        !told.contains("state=") && !told.contains("hunter2"),
        "{told}"
    );
}

#[test]
fn missing_or_wrong_option_is_named() {
    failed(&run(&["web"]), 2, "--scope");
    failed(&run(&["web", "--scope", "A B"]), 2, "scope");
    failed(&run(&["web", "--scope", "A"]), 2, "--consumer-key");
    let key = ["web", "--scope", "A", "--consumer-key", "k"];
    failed(&run(&key), 2, "CONCUR_CONSUMER_SECRET");
    failed(
        &run(&["web", "--scope", "A", "--listen", "hunter2"]),
        2,
        "--listen",
    );
    for address in ["0.0.0.0:0", "[::]:0"] {
        let listen = ["web", "--scope", "A", "--listen", address];
        failed(&run(&listen), 2, "takes a loopback address");
    }
    failed(
        &run(&["web", "--scope", "A", "--wait", "0"]),
        2,
        "from 1 to 86400",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    failed(
        &run(&["web", "--scope", "A", "--listen", &taken]),
        1,
        "cannot listen on",
    );
}
