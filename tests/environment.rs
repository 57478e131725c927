//! A client goes by the proxy variables of its environment, unless its builder says otherwise.
//!
//! A process cannot change its own environment safely, so each client is built in another process: this test, started
//! again.
#![allow(
    dead_code,
    reason = "it uses some of what the conformance table shares"
)]

#[path = "conformance/columns.rs"]
mod columns;
#[path = "conformance/peers.rs"]
mod peers;

use std::process::Command;

use concur_oauth::BaseUrl;
use concur_oauth_emulator::{Proxy, Server};
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use concur_oauth_shared::rustls::pki_types::pem::PemObject;

use columns::{Builder, Transport};
use peers::flow;

const COLUMN: &str = "CONCUR_OAUTH_TEST_COLUMN";
const ROOT: &str = "CONCUR_OAUTH_TEST_ROOT";

const COLUMNS: &[&str] = &[
    #[cfg(feature = "blocking")]
    "blocking",
    #[cfg(feature = "hyper")]
    "hyper",
    #[cfg(feature = "smol")]
    "smol",
    #[cfg(feature = "async-std")]
    "async-std",
];

fn ask<T: Transport>() {
    let root = CertificateDer::from_pem_file(std::env::var(ROOT).unwrap()).unwrap();
    match Builder::<T>::default().add_root(root).build() {
        Ok(client) => match T::with(client).send(flow(&BaseUrl::US_PRODUCTION)) {
            Ok(_) => println!("granted"),
            Err(error) => println!("failed: {}", error.report()),
        },
        Err(error) => println!("refused: {}", error.report()),
    }
}

/// The other process. Without the variable that starts it as such, it does nothing.
#[test]
fn asks() {
    match std::env::var(COLUMN).as_deref() {
        #[cfg(feature = "blocking")]
        Ok("blocking") => ask::<columns::Blocking>(),
        #[cfg(feature = "hyper")]
        Ok("hyper") => ask::<columns::HyperOnThreads>(),
        #[cfg(feature = "smol")]
        Ok("smol") => ask::<columns::Smol>(),
        #[cfg(feature = "async-std")]
        Ok("async-std") => ask::<columns::AsyncStd>(),
        _ => {}
    }
}

#[test]
fn clients_of_every_transport_go_by_the_environment() {
    if std::env::var(COLUMN).is_ok() {
        return;
    }
    let server = Server::builder().name("www.concursolutions.com").start();
    let server = server.unwrap();
    let proxy = Proxy::start(&server).unwrap();
    let root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("environment.pem");
    std::fs::write(&root, server.ca_pem()).unwrap();
    for column in COLUMNS {
        let run = |variables: &[(&str, &str)]| {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "asks", "--nocapture"]);
            for name in [
                "https_proxy",
                "HTTPS_PROXY",
                "all_proxy",
                "ALL_PROXY",
                "no_proxy",
                "NO_PROXY",
            ] {
                child.env_remove(name);
            }
            child.env(COLUMN, column).env(ROOT, &root);
            let output = child.envs(variables.iter().copied()).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let before = proxy.requests().len();
        let said = run(&[("HTTPS_PROXY", proxy.url()), ("https_proxy", "")]);
        assert!(said.contains("granted"), "{column}: {said}");
        assert_eq!(proxy.requests().len(), before + 1, "{column}");
        let said = run(&[("ALL_PROXY", "socks5://jo:hunter2@proxy")]);
        assert!(
            said.contains("refused: the variable ALL_PROXY has a scheme"),
            "{column}: {said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    }
}
