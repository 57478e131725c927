//! What the rows share: the sample account, settings, and peers made by hand.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concur_oauth::net2::NativeFlow;
use concur_oauth::{AccessToken, BaseUrl, ConsumerKey, Credentials, Error};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};
use concur_oauth_shared::rustls::pki_types::CertificateDer;

use crate::columns::{Builder, Transport};

pub(crate) fn flow_with(base_url: &BaseUrl, password: &str) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(SAMPLE_LOGIN_ID, password).unwrap(),
    )
}

pub(crate) fn flow(base_url: &BaseUrl) -> NativeFlow {
    flow_with(base_url, SAMPLE_PASSWORD)
}

/// Settings with a deadline that a slow machine keeps, whatever proxy the environment names.
pub(crate) fn builder<T: Transport>() -> Builder<T> {
    trusting_these::<T>(&[])
}

/// Settings that trust the server, too.
pub(crate) fn trusting<T: Transport>(server: &Server) -> Builder<T> {
    trusting_these::<T>(&[server.ca_der()])
}

/// Settings that trust the platform's roots and these.
#[cfg(not(windows))]
pub(crate) fn trusting_these<T: Transport>(roots: &[&[u8]]) -> Builder<T> {
    let roots = roots.iter().map(|it| CertificateDer::from(it.to_vec()));
    roots.fold(with_platform::<T>(), Builder::<T>::add_root)
}

/// Settings that trust these roots. The platform's verifier is not asked: wine, where these tests run, has only a part of it.
#[cfg(windows)]
pub(crate) fn trusting_these<T: Transport>(roots: &[&[u8]]) -> Builder<T> {
    use concur_oauth_shared::rustls::crypto::ring;
    use concur_oauth_shared::rustls::{ClientConfig, RootCertStore};

    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(CertificateDer::from(root.to_vec())).unwrap();
    }
    let provider = std::sync::Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    with_platform::<T>().rustls_config(config)
}

pub(crate) fn with_platform<T: Transport>() -> Builder<T> {
    let timeout = Duration::from_secs(20);
    Builder::<T>::default().no_proxy().timeout(timeout)
}

pub(crate) fn build<T: Transport>(builder: Builder<T>) -> T {
    T::with(builder.build().unwrap())
}

pub(crate) fn client<T: Transport>(server: &Server) -> T {
    build::<T>(trusting::<T>(server))
}

pub(crate) fn url(server: &Server) -> BaseUrl {
    server.url().parse().unwrap()
}

pub(crate) fn send<T: Transport>(client: &T, server: &Server) -> Result<AccessToken, Error> {
    client.send(flow(&url(server)))
}

/// A server over TLS, and one over plain http.
pub(crate) fn servers() -> [Server; 2] {
    [
        Server::start().unwrap(),
        Server::builder().plain_http().start().unwrap(),
    ]
}

/// A server by hand: it gives each connection, one after another, to this function.
pub(crate) fn peer(
    connections: usize,
    mut handle: impl FnMut(usize, TcpStream) + Send + 'static,
) -> (BaseUrl, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        for number in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            handle(number, stream);
        }
    });
    (format!("http://{address}").parse().unwrap(), thread)
}

/// Reads one request without a body, or what there is of it where the connection ends.
pub(crate) fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        request.extend_from_slice(&byte);
    }
    String::from_utf8(request).unwrap()
}

pub(crate) fn respond(stream: &mut TcpStream, token: &str) {
    let body = format!("<Access_Token><Token>{token}</Token></Access_Token>");
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
}
