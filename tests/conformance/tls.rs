//! Which servers are trusted.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use concur_oauth::{BaseUrl, BuildError, Error, Stage};
use concur_oauth_emulator::{Certificate, Server};
use concur_oauth_shared::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use concur_oauth_shared::rustls::server::WebPkiClientVerifier;
use concur_oauth_shared::rustls::version::{TLS12, TLS13};
use concur_oauth_shared::rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, crypto::ring,
};
use rcgen::{CertificateParams, KeyPair};

use crate::columns::Transport;
use crate::peers::{build, builder, client, flow, peer, send, trusting_these, url, with_platform};

fn untrusted<T: Transport>(server: &Server, client: &T) {
    let error = send(client, server).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(error.retry_after(), None);
    assert_eq!(server.request_count(), 0);
}

pub(crate) fn wrong_certificate_is_refused<T: Transport>() {
    for certificate in [
        Certificate::Expired,
        Certificate::Foreign,
        Certificate::WrongHost,
    ] {
        let server = Server::builder().certificate(certificate).start().unwrap();
        untrusted(&server, &client::<T>(&server));
    }
}

pub(crate) fn unknown_authority_is_refused<T: Transport>() {
    let server = Server::start().unwrap();
    untrusted(&server, &build::<T>(builder::<T>()));
}

pub(crate) fn old_tls_is_refused<T: Transport>() {
    let (base_url, peer) = peer(1, |_, mut stream| {
        let _ = stream.read(&mut [0; 1024]).unwrap();
        // ServerHello, version 1.1 (0x0302), TLS_RSA_WITH_AES_128_CBC_SHA.
        let mut hello = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        hello.extend_from_slice(&[7; 32]);
        hello.extend_from_slice(&[0, 0x00, 0x2f, 0]);
        stream.write_all(&hello).unwrap();
        while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
    });
    let base_url = base_url.to_string().replace("http:", "https:");
    let client = build::<T>(builder::<T>());
    let error = client.send(flow(&base_url.parse().unwrap())).unwrap_err();
    let Error::Tls { stage, source } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*stage, Stage::Handshake);
    assert!(
        format!("{source:?}").contains("PeerIncompatible"),
        "{source:?}"
    );
    peer.join().unwrap();
}

pub(crate) fn unusable_settings_are_errors<T: Transport>() {
    let root = CertificateDer::from(b"no certificate".to_vec());
    let error = with_platform::<T>().add_root(root).build().unwrap_err();
    assert!(matches!(error, BuildError::Tls(_)), "{error:?}");
    let error = builder::<T>().user_agent("a\r\nb").build().unwrap_err();
    assert!(matches!(error, BuildError::Input(_)), "{error:?}");
}

pub(crate) fn whole_rustls_configuration_is_hardened<T: Transport>() {
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
        let client = build::<T>(builder::<T>().rustls_config(config));
        for _ in 0..2 {
            client.send(flow(&url(&server))).unwrap();
        }
    }
}

/// A server that wants a certificate of the client, and gets none.
fn demanding_server() -> (BaseUrl, CertificateDer<'static>, thread::JoinHandle<()>) {
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
    let base_url = format!("https://localhost:{port}").parse().unwrap();
    (base_url, certificate, thread)
}

pub(crate) fn missing_client_certificate_is_a_tls_error<T: Transport>() {
    let (base_url, root, server) = demanding_server();
    let client = build::<T>(trusting_these::<T>(&[&root]));
    let error = client.send(flow(&base_url)).unwrap_err();
    // Whether the request had left by then is a matter of time.
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert_eq!(error.retry_after(), None);
    server.join().unwrap();
}
