//! Who is trusted.

mod common;

use std::sync::Arc;

use common::{client, flow, send, url};
use concur_oauth_blocking::rustls::pki_types::CertificateDer;
use concur_oauth_blocking::rustls::version::{TLS12, TLS13};
use concur_oauth_blocking::rustls::{ClientConfig, RootCertStore, crypto::ring};
use concur_oauth_blocking::{BuildError, Client, Error};
use concur_oauth_emulator::{Certificate, Server};

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
