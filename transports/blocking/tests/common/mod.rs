//! What the tests of this transport share.
#![allow(dead_code, reason = "each test uses some of it")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concur_oauth_blocking::rustls::pki_types::CertificateDer;
use concur_oauth_blocking::{Client, ClientBuilder, Error};
use concur_oauth_core::{AccessToken, ConsumerKey, Credentials, InstanceUrl, NativeFlow};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};

pub(crate) fn flow_with(password: &str) -> NativeFlow {
    NativeFlow::new(
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(SAMPLE_LOGIN_ID, password).unwrap(),
    )
}

pub(crate) fn flow() -> NativeFlow {
    flow_with(SAMPLE_PASSWORD)
}

/// Settings that trust the server, with a deadline that a slow machine keeps.
pub(crate) fn builder(server: &Server) -> ClientBuilder {
    Client::builder()
        .timeout(Duration::from_secs(20))
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
}

pub(crate) fn client(server: &Server) -> Client {
    builder(server).build().unwrap()
}

pub(crate) fn url(server: &Server) -> InstanceUrl {
    server.url().parse().unwrap()
}

pub(crate) fn send(client: &Client, server: &Server) -> Result<AccessToken, Error> {
    client.send(&url(server), flow())
}

/// A peer made of one connection after another, each handled by this function.
pub(crate) fn peer(
    connections: usize,
    mut handle: impl FnMut(usize, TcpStream) + Send + 'static,
) -> (InstanceUrl, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        for number in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            handle(number, stream);
        }
    });
    (format!("http://{address}").parse().unwrap(), thread)
}

/// Reads one request without a body.
pub(crate) fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        request.extend_from_slice(&byte);
    }
    String::from_utf8(request).unwrap()
}

pub(crate) fn answer(stream: &mut TcpStream, token: &str) {
    let body = format!("<Access_Token><Token>{token}</Token></Access_Token>");
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
}
