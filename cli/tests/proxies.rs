//! The command behind a proxy that inspects TLS: mitmproxy.

#[path = "../../tests/proxies/daemons.rs"]
#[allow(dead_code, reason = "the transports use all of it")]
mod daemons;

use std::process::{Command, Output, Stdio};

use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};

#[test]
#[ignore = "needs mitmproxy in a network namespace: see CONTRIBUTING.md"]
fn proxy_that_inspects_tls_is_trusted_by_ca_file_alone() {
    let server = Server::builder()
        .listen((daemons::HERE, 0).into())
        .start()
        .expect("this test needs a network namespace: see CONTRIBUTING.md");
    let daemon = daemons::mitmdump(server.ca_pem());
    let proxy = format!("http://127.0.0.1:{}", daemon.port);
    let native = |more: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_concur-oauth"))
            .args(["native", "--consumer-key", SAMPLE_CONSUMER_KEY])
            .args(["--login-id", SAMPLE_LOGIN_ID, "--server", server.url()])
            .args(more)
            .env("CONCUR_PASSWORD", SAMPLE_PASSWORD)
            .env("https_proxy", &proxy)
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let output = native(&[]);
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert!(line.contains("any proxy that inspects TLS"), "{line}");
    assert!(line.contains("UnknownIssuer"), "{line}");
    assert!(line.contains("--ca-file"), "{line}");
    assert_eq!(server.request_count(), 0);

    let root = daemon.folder.join("mitmproxy-ca-cert.pem");
    let output = native(&["--ca-file", root.to_str().unwrap()]);
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{line}");
    assert_eq!(server.request_count(), 1);
}
