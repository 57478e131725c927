//! The Native flow through the crate that applications use.
#![cfg(feature = "blocking")]

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::NativeFlow;
use concur_oauth::{
    AccessToken, BaseUrl, ConsumerKey, Credentials, Error, InputError, ResponseError,
};
use concur_oauth_emulator::{
    Emulator, Fault, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server, User,
};

/// A server that knows one application and one user, and a client that trusts it.
fn concur() -> (Server, Client, BaseUrl) {
    let mut emulator = Emulator::new();
    emulator.add_application("key");
    emulator.add_user(User::new("jo@example.com", "secret").with_pin("jo@mail.example", "0042"));
    emulator.add_user(User::new("open@example.com", ""));
    let server = Server::builder().emulator(emulator).start().unwrap();
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let base_url = server.url().parse().unwrap();
    (server, client, base_url)
}

fn flow(base_url: &BaseUrl, key: &str, credentials: Result<Credentials, InputError>) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(key).unwrap(),
        credentials.unwrap(),
    )
}

#[test]
fn every_kind_of_credentials_gets_a_token() {
    let (_server, client, base_url) = concur();
    for credentials in [
        Credentials::with_password("jo@example.com", "secret"),
        Credentials::with_pin("jo@mail.example", "0042"),
        Credentials::without_password("open@example.com"),
    ] {
        let token: AccessToken = client.send(flow(&base_url, "key", credentials)).unwrap();
        assert_eq!(token.base_url(), &base_url);
    }
}

#[test]
fn wrong_credentials_are_refused_in_concurs_words() {
    let (_server, client, base_url) = concur();
    for (key, password, words) in [
        ("key", "wrong", "Invalid credentials"),
        ("other", "secret", "Invalid consumer key"),
    ] {
        let credentials = Credentials::with_password("jo@example.com", password);
        let error = client.send(flow(&base_url, key, credentials)).unwrap_err();
        let Error::Response(ResponseError::Refused(refused)) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(refused.message(), Some(words));
        assert_eq!(error.retry_after(), None);
    }
}

#[test]
fn client_works_after_a_failed_send() {
    let (server, client, base_url) = concur();
    let ask = || {
        let credentials = Credentials::with_password("jo@example.com", "secret");
        client.send(flow(&base_url, "key", credentials))
    };
    server.inject(Fault::CutOff(10));
    let error = ask().unwrap_err();
    assert!(
        error.may_have_reached_concur() && error.retry_after().is_some(),
        "{error:?}"
    );
    ask().unwrap();
}

/// Its certificate names the address, which is loopback and neither of the usual ones.
#[cfg(target_os = "linux")]
#[test]
fn emulator_at_another_loopback_address_is_verified() {
    let server = Server::builder().listen(([127, 0, 0, 2], 0).into());
    let server = server.start().unwrap();
    assert!(server.url().contains("127.0.0.2"), "{}", server.url());
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let credentials = Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
    let flow = flow(
        &server.url().parse().unwrap(),
        SAMPLE_CONSUMER_KEY,
        credentials,
    );
    client.send(flow).unwrap();
}
