//! What a log says of connections and requests that come to nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use concur_oauth_emulator::{Fault, Server, ServerBuilder};

type Lines = Arc<Mutex<Vec<String>>>;

fn logged(builder: ServerBuilder) -> (Server, Lines) {
    let lines = Lines::default();
    let seen = Arc::clone(&lines);
    let builder = builder.log(move |line| seen.lock().unwrap().push(line.to_owned()));
    (builder.start().unwrap(), lines)
}

/// Sends bytes and no more, and reads all that comes.
fn send_and_end(server: &Server, bytes: &[u8]) {
    exchange(server, bytes, true);
}

/// Sends a whole request, and reads all that comes.
fn send(server: &Server, bytes: &[u8]) {
    exchange(server, bytes, false);
}

fn exchange(server: &Server, bytes: &[u8], ends: bool) {
    let (_, authority) = server.url().split_once("://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let _ = stream.write_all(bytes);
    if ends {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let _ = stream.read_to_end(&mut Vec::new());
}

fn wait_for(lines: &Lines, words: &str) {
    let start = Instant::now();
    while !lines
        .lock()
        .unwrap()
        .iter()
        .any(|line| line.contains(words))
    {
        let lines = lines.lock().unwrap();
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{words}: {lines:?}"
        );
        drop(lines);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn handshake_that_fails_is_logged_with_what_to_see() {
    let (server, lines) = logged(Server::builder());
    send_and_end(&server, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    wait_for(&lines, " a connection: TLS failed (");
    wait_for(&lines, "trusts the authority of this start");
    assert!(server.requests().is_empty());
}

#[test]
fn fault_of_a_connection_is_logged() {
    let (server, lines) = logged(Server::builder().plain_http());
    server.inject(Fault::Refuse);
    send_and_end(&server, b"");
    wait_for(&lines, " a connection: it is given the fault refuse");
}

#[test]
fn request_that_is_refused_before_any_service_is_recorded() {
    let (server, lines) = logged(Server::builder().plain_http());
    let token = "POST /oauth2/v0/token HTTP/1.1\r\n";
    let host = "Host: localhost\r\nConnection: close\r\n";
    for (request, says) in [
        (
            format!("{token}Connection: close\r\n\r\n"),
            "400, it has no Host field",
        ),
        (
            format!("{token}{host}Proxy-Authorization: Basic aGlkZGVu\r\n\r\n"),
            "400, it has a proxy's credentials",
        ),
        (
            format!(
                "{token}{host}Content-Length: 1048577\r\n\r\n{}",
                "a".repeat(1_048_577)
            ),
            "413, its body is longer than 1 MiB",
        ),
    ] {
        send(&server, request.as_bytes());
        wait_for(&lines, &format!(" POST /oauth2/v0/token: {says}"));
    }
    send_and_end(
        &server,
        format!("{token}{host}Content-Length: 9\r\n\r\nabc").as_bytes(),
    );
    wait_for(&lines, " POST /oauth2/v0/token: 400, its body is not whole");
    assert_eq!(server.requests().len(), 4);
    assert!(!format!("{lines:?}").contains("aGlkZGVu"));
}

#[test]
fn bytes_that_are_no_request_are_logged() {
    let (server, lines) = logged(Server::builder().plain_http());
    // The beginning of a TLS handshake.
    send_and_end(&server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    wait_for(&lines, " a connection: no request that can be read (");
    send_and_end(&server, b"POST /oauth2/v0/to");
    wait_for(&lines, "message completed");
    assert!(server.requests().is_empty());
}
