//! Any tokio runtime works, and a missing one is an error and no panic.

use concur_oauth_core::net2::NativeFlow;
use concur_oauth_core::{AccessToken, BaseUrl, ConsumerKey, Credentials, Error};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};
use concur_oauth_hyper::Client;
use rustls::pki_types::CertificateDer;
use tokio::runtime::{Builder, Runtime};

fn flow(base_url: &BaseUrl) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap(),
    )
}

fn concur() -> (Server, Client, BaseUrl) {
    let server = Server::start().unwrap();
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let base_url = server.url().parse().unwrap();
    (server, client, base_url)
}

/// Checks that nothing was sent, and that the error says what is missing.
fn lacks(result: Result<AccessToken, Error>, what: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    assert!(!error.may_have_reached_concur() && error.retry_after().is_none());
    assert!(error.report().to_string().contains(what), "{error}");
}

#[test]
fn send_without_a_runtime_is_unsupported() {
    let (server, client, base_url) = concur();
    let result = futures_lite::future::block_on(client.send(flow(&base_url)));
    lacks(result, "not polled inside a tokio runtime");
    assert_eq!(server.connections(), 0);
}

#[test]
fn runtime_without_timer_or_io_is_unsupported() {
    let (server, client, base_url) = concur();
    let bare = Builder::new_current_thread().build().unwrap();
    lacks(bare.block_on(client.send(flow(&base_url))), "enable_all");
    let timeless = Builder::new_current_thread().enable_io().build().unwrap();
    lacks(timeless.block_on(client.send(flow(&base_url))), "no timer");
    let offline = Builder::new_current_thread().enable_time().build().unwrap();
    lacks(offline.block_on(client.send(flow(&base_url))), "no I/O");
    assert_eq!(server.request_count(), 0);
    // The same client goes on where there is a runtime.
    Runtime::new()
        .unwrap()
        .block_on(client.send(flow(&base_url)))
        .unwrap();
}

#[test]
fn client_works_on_one_runtime_after_another() {
    let (server, client, base_url) = concur();
    for _ in 0..3 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.send(flow(&base_url))).unwrap();
        // Its connections end with the runtime that drove them.
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn send_works_in_a_local_set() {
    let (_server, client, base_url) = concur();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let exchange = async move { client.send(flow(&base_url)).await };
        tokio::task::spawn_local(exchange).await.unwrap().unwrap();
    });
}

#[test]
fn future_of_send_is_send() {
    fn is_send(_: impl Send) {}
    let (_server, client, base_url) = concur();
    is_send(client.send(flow(&base_url)));
}
