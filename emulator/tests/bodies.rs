//! Bodies of requests, over a socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::SystemTime;

use concur_oauth_emulator::{
    Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, Server,
};

/// Asks for all of a user's tokens to be revoked, with a body that may be cut short, and says whether they are.
fn revoke(head: &str, body: &[u8], is_cut: bool) -> (String, bool) {
    let mut emulator = Emulator::with_sample_account();
    let now = SystemTime::now();
    for (token, login_id) in [
        ("admin", SAMPLE_ADMINISTRATOR_LOGIN_ID),
        ("user", SAMPLE_LOGIN_ID),
    ] {
        emulator.add_tokens(token, "", SAMPLE_CONSUMER_KEY, login_id, now);
    }
    let server = Server::builder().emulator(emulator).plain_http().start();
    let server = server.unwrap();
    let host = server.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let query = format!("consumerKey={SAMPLE_CONSUMER_KEY}&user={SAMPLE_LOGIN_ID}");
    write!(
        stream,
        "POST /net2/oauth2/revoketoken.ashx?{query} HTTP/1.1\r\nHost: {host}\r\n\
         Authorization: OAuth admin\r\nConnection: close\r\n{head}\r\n\r\n"
    )
    .unwrap();
    // The answer can come before all is read.
    let _ = stream.write_all(body);
    if is_cut {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let is_good = server.emulator().holder("user", now).is_some();
    (answer, !is_good)
}

#[test]
fn of_a_request_in_part_nothing_is_done() {
    let (answer, revoked) = revoke("Content-Length: 3", b"abc", false);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(revoked);

    let (_, revoked) = revoke("Content-Length: 50", b"abc", true);
    assert!(!revoked);

    let large = vec![b'x'; 3 << 20];
    let (answer, revoked) = revoke(&format!("Content-Length: {}", large.len()), &large, false);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413 "),
        "{answer}"
    );
    assert!(!revoked);
}

#[test]
fn a_chunked_body_is_not_taken() {
    let (answer, revoked) = revoke(
        "Transfer-Encoding: chunked",
        b"3\r\nabc\r\n0\r\n\r\n",
        false,
    );
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("chunked") && !revoked, "{answer}");
}
