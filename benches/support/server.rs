//! A TLS server that does as little as possible between two bytes, so that the client's own work is measured.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use concur_oauth_core::BaseUrl;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::DOCUMENT;

/// The request that Concur documents, as bytes.
pub const REQUEST: &str = "GET /net2/oauth2/accesstoken.ashx HTTP/1.1\r
host: localhost\r
accept: application/xml\r
accept-encoding: identity\r
authorization: Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==\r
x-consumerkey: hj7683jslks93lalkjss93\r
user-agent: concur-oauth/0.1.0\r
\r
";

/// Responds to every request on every connection with the same document, until the process ends.
#[derive(Debug)]
pub struct Server {
    /// The port of localhost that it listens on.
    pub port: u16,
    /// Its self-signed certificate.
    pub certificate: CertificateDer<'static>,
    /// The length of a response, in bytes.
    pub response_length: usize,
}

impl Server {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// Where this machine has no loopback, or no entropy.
    #[must_use]
    pub fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let certificate = certificate.der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{DOCUMENT}",
            DOCUMENT.len()
        );
        let response_length = response.len();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, response) = (Arc::clone(&config), response.clone());
                thread::spawn(move || serve(stream, config, response.as_bytes()));
            }
        });
        Self {
            port,
            certificate,
            response_length,
        }
    }

    /// Where it is.
    ///
    /// # Panics
    ///
    /// Never: it is on this machine.
    #[must_use]
    pub fn base_url(&self) -> BaseUrl {
        format!("https://localhost:{}", self.port).parse().unwrap()
    }

    /// A configuration that trusts it, the same for every client.
    ///
    /// # Panics
    ///
    /// Never: the certificate is well-formed.
    #[must_use]
    pub fn client_config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, response: &[u8]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let session = ServerConnection::new(config).ok()?;
    let mut stream = StreamOwned::new(session, stream);
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer).ok()? {
                0 => return None,
                read => request.extend_from_slice(&buffer[..read]),
            }
        }
        request.clear();
        stream.write_all(response).ok()?;
        stream.flush().ok()?;
    }
}
