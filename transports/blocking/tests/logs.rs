//! No log line at any level holds a secret, and no `Debug` output or error does.

mod common;

use std::error::Error as _;
use std::sync::Mutex;

use common::{builder, flow, flow_with, send, url};
use concur_oauth_core::ExposeSecret;
use concur_oauth_emulator::{End, Fault, Server};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// A secret as text, as Base64 of what holds it, and as the numbers that `{:?}` makes of bytes.
fn shapes(secret: &str) -> Vec<String> {
    let bytes = format!("{:?}", &secret.as_bytes()[..8]);
    let hex: Vec<_> = secret.bytes().take(8).map(|b| format!("{b:02x}")).collect();
    vec![
        secret.to_owned(),
        bytes.trim_matches(['[', ']']).to_owned(),
        hex.concat(),
    ]
}

#[test]
fn nothing_tells_a_secret() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let server = Server::start().unwrap();
    let client = builder(&server).build().unwrap();
    let mut shown = vec![format!("{:?} {client:?}", flow())];
    let token = send(&client, &server).unwrap();
    // It keeps a connection by now.
    shown.push(format!("{token:?} {client:?}"));
    let mut secrets = shapes("Travel&Expense$2012");
    secrets.extend(shapes("john_developer@hotmail.com"));
    secrets.extend(shapes(
        "am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
    ));
    secrets.extend(shapes("hunter2hunter2"));
    secrets.extend(shapes(token.token().expose_secret()));
    secrets.extend(shapes(
        token.refresh_token().unwrap().unwrap().expose_secret(),
    ));

    let marked =
        "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n<Access_Token>secret-marker</Other_Token>";
    secrets.extend(shapes("secret-marker"));
    let mut errors = vec![
        client
            .send(&url(&server), flow_with("hunter2hunter2"))
            .unwrap_err(),
    ];
    for fault in [
        Fault::Unavailable,
        Fault::Redirect("https://evil.example/?secret-marker".to_owned()),
        Fault::CutOff(50),
        Fault::Reset(50),
        Fault::WrongLength(60),
        Fault::Raw(marked.as_bytes().to_vec(), End::Close),
        Fault::Raw(
            b"HTTP/1.1 200 secret-marker\r\nsecret-marker\r\n\r\n".to_vec(),
            End::Close,
        ),
    ] {
        server.inject(fault);
        errors.push(send(&client, &server).unwrap_err());
    }
    for error in &errors {
        shown.push(format!("{error} {error:?}"));
        let mut source = error.source();
        while let Some(cause) = source {
            shown.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }

    let lines = LINES.lock().unwrap();
    assert!(
        lines.iter().any(|line| line.starts_with("rustls::")),
        "{lines:?}"
    );
    for line in lines.iter().chain(&shown) {
        for secret in &secrets {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
