//! Who is trusted.

mod common;

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use common::{client, flow, send, url};
use concur_oauth_blocking::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use concur_oauth_blocking::rustls::server::WebPkiClientVerifier;
use concur_oauth_blocking::rustls::version::{TLS12, TLS13};
use concur_oauth_blocking::rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, crypto::ring,
};
use concur_oauth_blocking::{BuildError, Client, Error, Stage};
use concur_oauth_core::InstanceUrl;
use concur_oauth_emulator::{Certificate, Server};
use rcgen::{CertificateParams, KeyPair};

fn untrusted(server: &Server, client: &Client) {
    let error = send(client, server).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(error.retry_after(), None);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_certificate_that_proves_nothing_gets_nothing() {
    for certificate in [
        Certificate::Expired,
        Certificate::Foreign,
        Certificate::WrongHost,
    ] {
        let server = Server::builder().certificate(certificate).start().unwrap();
        untrusted(&server, &client(&server));
    }
}

#[test]
fn an_authority_must_be_known() {
    let server = Server::start().unwrap();
    untrusted(&server, &Client::new().unwrap());
}

#[test]
fn a_root_that_is_no_certificate_is_an_error_at_once() {
    let root = CertificateDer::from(b"no certificate".to_vec());
    let error = Client::builder().add_root(root).build().unwrap_err();
    assert!(matches!(error, BuildError::Tls(_)), "{error:?}");
}

#[test]
fn a_user_agent_that_no_header_can_carry_is_an_error_at_once() {
    let error = Client::builder().user_agent("a\r\nb").build().unwrap_err();
    assert!(matches!(error, BuildError::Input(_)), "{error:?}");
}

#[test]
fn a_whole_configuration_is_accepted_and_made_fit() {
    let server = Server::start().unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(server.ca_der().to_vec()))
        .unwrap();
    for versions in [&[&TLS12], &[&TLS13]] {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        // Sent as it is, the server would refuse it: it speaks HTTP/1.1.
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.enable_early_data = true;
        let client = Client::builder().rustls_config(config).build().unwrap();
        for _ in 0..2 {
            client.send(&url(&server), flow()).unwrap();
        }
    }
}

/// A server that wants a certificate of the client, and gets none.
fn demanding_server() -> (InstanceUrl, CertificateDer<'static>, thread::JoinHandle<()>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let certificate = certificate.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        session.complete_io(&mut stream).unwrap_err();
        // The alert goes out, and the request is read, so that no reset overtakes it.
        let _ = session.write_tls(&mut stream);
        while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
    });
    let instance = format!("https://localhost:{port}").parse().unwrap();
    (instance, certificate, thread)
}

#[test]
fn a_client_certificate_that_is_missed_after_the_handshake_is_no_broken_connection() {
    let (instance, root, server) = demanding_server();
    let client = Client::builder().add_root(root).build().unwrap();
    let error = client.send(&instance, flow()).unwrap_err();
    let Error::Tls { stage, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*stage, Stage::Receive);
    assert!(error.may_have_reached_concur());
    assert_eq!(error.retry_after(), None);
    server.join().unwrap();
}
