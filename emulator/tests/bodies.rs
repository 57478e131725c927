//! Bodies of requests, over a socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::SystemTime;

use concur_oauth_emulator::{
    Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, Server,
};

/// Sends the revocation of all tokens of a user, with a body that may be truncated. Returns the response, and whether
/// they are revoked.
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
    // The response can come before the whole body is read.
    let _ = stream.write_all(body);
    if is_cut {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    let response = String::from_utf8_lossy(&response).into_owned();
    let is_good = server.emulator().holder("user", now).is_some();
    (response, !is_good)
}

#[test]
fn truncated_request_has_no_effect() {
    let (response, revoked) = revoke("Content-Length: 3", b"abc", false);
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    assert!(revoked);

    let (_, revoked) = revoke("Content-Length: 50", b"abc", true);
    assert!(!revoked);

    let large = vec![b'x'; 3 << 20];
    let (response, revoked) = revoke(&format!("Content-Length: {}", large.len()), &large, false);
    assert!(
        response.is_empty() || response.starts_with("HTTP/1.1 413 "),
        "{response}"
    );
    assert!(!revoked);
}

#[test]
fn chunked_body_is_refused() {
    let (response, revoked) = revoke(
        "Transfer-Encoding: chunked",
        b"3\r\nabc\r\n0\r\n\r\n",
        false,
    );
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
    assert!(response.contains("chunked") && !revoked, "{response}");
}
