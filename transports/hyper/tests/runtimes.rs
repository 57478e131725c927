//! Any tokio runtime will do, and what is none is an error and no panic.

use concur_oauth_core::{AccessToken, ConsumerKey, Credentials, InstanceUrl, NativeFlow};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};
use concur_oauth_hyper::{Client, Error};
use rustls::pki_types::CertificateDer;
use tokio::runtime::{Builder, Runtime};

fn flow() -> NativeFlow {
    NativeFlow::new(
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap(),
    )
}

fn concur() -> (Server, Client, InstanceUrl) {
    let server = Server::start().unwrap();
    let root = CertificateDer::from(server.ca_der().to_vec());
    let client = Client::builder().add_root(root).build().unwrap();
    let instance = server.url().parse().unwrap();
    (server, client, instance)
}

/// Nothing was sent, and the text says what to do about it.
fn lacks(result: Result<AccessToken, Error>, what: &str) {
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    assert!(!error.may_have_reached_concur() && error.retry_after().is_none());
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn no_runtime_at_all() {
    let (server, client, instance) = concur();
    let result = futures_lite::future::block_on(client.send(&instance, flow()));
    lacks(result, "not polled inside a tokio runtime");
    assert_eq!(server.connections(), 0);
}

#[test]
fn runtimes_without_a_timer_or_sockets() {
    let (server, client, instance) = concur();
    let bare = Builder::new_current_thread().build().unwrap();
    lacks(bare.block_on(client.send(&instance, flow())), "enable_all");
    let timeless = Builder::new_current_thread().enable_io().build().unwrap();
    lacks(
        timeless.block_on(client.send(&instance, flow())),
        "no timer",
    );
    let offline = Builder::new_current_thread().enable_time().build().unwrap();
    lacks(offline.block_on(client.send(&instance, flow())), "no I/O");
    assert_eq!(server.requests(), 0);
    // The same client goes on where there is a runtime.
    Runtime::new()
        .unwrap()
        .block_on(client.send(&instance, flow()))
        .unwrap();
}

#[test]
fn one_client_on_one_runtime_after_another() {
    let (server, client, instance) = concur();
    for _ in 0..3 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(client.send(&instance, flow())).unwrap();
        // Its connections end with the runtime that drove them.
    }
    assert_eq!(server.connections(), 3);
}

#[test]
fn tasks_that_stay_on_their_thread() {
    let (_server, client, instance) = concur();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let exchange = async move { client.send(&instance, flow()).await };
        tokio::task::spawn_local(exchange).await.unwrap().unwrap();
    });
}

#[test]
fn what_is_spawned_must_be_send() {
    fn is_send(_: impl Send) {}
    let (_server, client, instance) = concur();
    is_send(client.send(&instance, flow()));
}
