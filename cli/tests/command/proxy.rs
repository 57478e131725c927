//! Behind a proxy.

use std::path::PathBuf;
use std::process::Command;

use concur_oauth_emulator::{Proxy, ProxyFault, Server};

use crate::{KEY, LOGIN_ID, PASSWORD, command, failed, stderr, stdout};

const NAME: &str = "www.concursolutions.com";

/// A server that is known by Concur's name, and the file with its authority.
fn server(test: &str) -> (Server, PathBuf) {
    let server = Server::builder().name(NAME).start().unwrap();
    let url = format!("https://{NAME}");
    server.emulator().set_instance_url(url);
    let ca = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("proxy-{test}.pem"));
    std::fs::write(&ca, server.ca_pem()).unwrap();
    (server, ca)
}

/// `native`, with its password.
fn native(more: &[&str]) -> Command {
    let all = [
        &["native", "--consumer-key", KEY, "--login-id", LOGIN_ID],
        more,
    ];
    let mut command = command(&all.concat());
    command.env("CONCUR_PASSWORD", PASSWORD);
    command
}

#[test]
fn proxy_is_an_option_or_a_variable() {
    let (server, ca) = server("used");
    let ca = ["--ca-file", ca.to_str().unwrap()];
    let proxy = Proxy::start(&server).unwrap();
    let option = ["--proxy", proxy.url()];
    let mut of_option = native(&[ca, option].concat());
    of_option.env("https_proxy", "http://127.0.0.1:9");
    let mut of_variable = native(&ca);
    of_variable
        .env("https_proxy", "")
        .env("ALL_PROXY", proxy.url());
    for mut command in [of_option, of_variable] {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stdout(&output).contains(NAME), "{}", stdout(&output));
    }
    let [one, other] = &proxy.requests()[..] else {
        panic!("{:?}", proxy.requests());
    };
    assert_eq!(one.target(), "www.concursolutions.com:443");
    assert_eq!(one, other);
}

#[test]
fn credentials_of_the_proxy_come_from_a_variable() {
    let (server, ca) = server("auth");
    let ca = ["--ca-file", ca.to_str().unwrap()];
    let proxy = Proxy::builder().credentials("CORP\\jo", "hunter2:x");
    let proxy = proxy.start(&server).unwrap();
    let option = [&ca[..], &["--proxy", proxy.url()]].concat();
    let auth = |mut command: Command, value: &str| {
        command.env("CONCUR_PROXY_AUTH", value).output().unwrap()
    };
    let mut of_variable = native(&ca);
    of_variable.env("HTTPS_PROXY", proxy.url());
    for command in [native(&option), of_variable] {
        let output = auth(command, "CORP\\jo:hunter2:x");
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let refused = auth(native(&option), "CORP\\jo:hunter2");
    failed(
        &refused,
        1,
        "it responded with 407 Proxy Authentication Required: it offers Basic.",
    );
    failed(&refused, 1, proxy.url());
    failed(&auth(native(&option), "hunter2"), 2, "has no colon");
    failed(
        &auth(native(&option), ":hunter2"),
        2,
        "the proxy's user name is empty",
    );
    failed(&auth(native(&option), ""), 2, "CONCUR_PROXY_AUTH is empty");
    let asked = native(&[&option[..], &["--proxy-auth"]].concat());
    failed(
        &{ asked }.output().unwrap(),
        2,
        "no proxy's USER:PASSWORD: set CONCUR_PROXY_AUTH, or",
    );
    let typed = proxy.url().replace("//", "//jo:hunter2@");
    let typed = native(&["--proxy", &typed]).output().unwrap();
    failed(&typed, 2, "--proxy takes no user name and password");
}

#[test]
fn value_that_is_no_url_of_a_proxy_is_refused_by_its_variable() {
    for value in [
        "ftp://proxy:21",
        "socks5://jo:hunter2@proxy",
        "http://",
        "http://proxy:0",
        "http://proxy:99999",
        "http://jo:hunter2@x@proxy",
        "http://jo:hunter2#x@proxy",
        "http://jo:hunter2/x@proxy",
        "http://jo:hunter2 x@proxy",
        "http://proxy ",
        "http://proxy/path",
        "http://proxy?query",
        "http://jo:hunter2%@proxy",
    ] {
        for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            let output = native(&[]).env(variable, value).output().unwrap();
            failed(&output, 2, &format!("the variable {variable} "));
            let line = stderr(&output);
            assert!(!line.contains("jo") && !line.contains("proxy:"), "{line}");
        }
        if !value.contains('@') {
            let output = native(&["--proxy", value]).output().unwrap();
            failed(&output, 2, "the proxy's URL ");
        }
    }
}

#[cfg(unix)]
#[test]
fn variable_that_is_not_utf_8_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let bad = OsStr::from_bytes(b"http://jo:hunter2\xff@proxy");
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let output = native(&[]).env(variable, bad).output().unwrap();
        failed(
            &output,
            2,
            &format!("the variable {variable} is not valid UTF-8"),
        );
    }
    let output = native(&[])
        .env("https_proxy", "http://proxy")
        .env("no_proxy", bad)
        .output();
    failed(
        &output.unwrap(),
        2,
        "the variable no_proxy is not valid UTF-8",
    );
}

/// Nothing can be sent: there is no such proxy, and no such host.
#[test]
fn error_without_a_connection_says_which_proxy_was_used_or_why_none() {
    const CLOSED: &str = "http://127.0.0.1:9";
    let host = [
        "--server",
        "https://does-not-exist.invalid",
        "--timeout",
        "5",
    ];
    let fails = |more: &[&str], variables: &[(&str, &str)], words: &str| {
        let output = native(&[&host[..], more].concat())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        failed(&output, 75, words);
    };
    fails(
        &[],
        &[],
        "no proxy was used: none of https_proxy, HTTPS_PROXY, all_proxy and ALL_PROXY is set",
    );
    fails(
        &["--no-proxy"],
        &[("https_proxy", CLOSED)],
        "no proxy was used: --no-proxy",
    );
    fails(
        &[],
        &[("ALL_PROXY", CLOSED), ("NO_PROXY", "invalid")],
        "no proxy was used: NO_PROXY excepts the host from http://127.0.0.1:9 (from ALL_PROXY)",
    );
    fails(
        &[],
        &[("ALL_PROXY", CLOSED)],
        "(the proxy is http://127.0.0.1:9 (from ALL_PROXY)",
    );
    fails(&["--proxy", CLOSED], &[], "cannot get through the proxy");

    let (server, _) = server("silent");
    let proxy = Proxy::start(&server).unwrap();
    proxy.inject(ProxyFault::Silence);
    let output = native(&["--proxy", proxy.url(), "--timeout", "1"])
        .output()
        .unwrap();
    failed(&output, 75, &format!("the proxy is {}", proxy.url()));

    proxy.inject(ProxyFault::Authenticate(vec!["Negotiate".to_owned()]));
    let output = native(&["--proxy", proxy.url()]).output().unwrap();
    failed(&output, 1, "Use a local helper such as Px or cntlm");
    assert!(!stderr(&output).contains("CONCUR_PROXY_AUTH"));

    // A firewall lets the connection in, and no handshake through.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let mut silence = native(&["--server", &url, "--timeout", "1"]);
    failed(&silence.output().unwrap(), 75, "no proxy was used");

    let output = native(&["--server", "https://127.0.0.1:9"])
        .output()
        .unwrap();
    failed(
        &output,
        75,
        "no proxy was used: this machine is reached directly",
    );
}

#[test]
fn bad_variable_breaks_nothing_on_this_machine() {
    let bad = [("https_proxy", "ftp://x y"), ("ALL_PROXY", "socks5://x")];
    for demo in [
        &["native", "--emulator"][..],
        &["auto-connect", "--emulator", "--apply"],
        &["v0", "company", "--emulator"],
        &["v0", "revoke", "--emulator"],
    ] {
        let output = command(demo).envs(bad).output().unwrap();
        assert!(output.status.success(), "{demo:?}: {}", stderr(&output));
    }
    let (server, ca) = server("loopback");
    let options = ["--server", server.url(), "--ca-file", ca.to_str().unwrap()];
    let output = native(&options).envs(bad).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let output = native(&[
        "--no-proxy",
        "--server",
        "https://does-not-exist.invalid",
        "--timeout",
        "5",
    ])
    .envs(bad)
    .output();
    failed(&output.unwrap(), 75, "--no-proxy");
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    for (options, words) in [
        (
            &["--proxy", "http://a", "--no-proxy"][..],
            "cannot stand beside",
        ),
        (&["--proxy-auth", "--no-proxy"], "cannot stand beside"),
        (&["--proxy"], "--proxy"),
        (&["--proxy", ""], "the proxy's URL is empty"),
        (&["--proxy-auth=hunter2"], "--proxy-auth takes no value"),
        (
            &["--proxy-password=hunter2"],
            "the proxy's USER:PASSWORD is never an argument: set CONCUR_PROXY_AUTH",
        ),
        (&["--proxy-pw=hunter2"], "set CONCUR_PROXY_AUTH"),
        (&["--https-proxy", "http://a"], "perhaps --proxy"),
        (&["--noproxy"], "perhaps --no-proxy"),
        (&["--proxy-auth"], "--proxy-auth needs a proxy"),
        (&["--proxy-user", "jo"], "set CONCUR_PROXY_AUTH"),
    ] {
        failed(&native(options).output().unwrap(), 2, words);
    }
    let emulator = command(&["native", "--emulator", "--proxy", "http://a"]);
    failed(&{ emulator }.output().unwrap(), 2, "leave out --proxy");
}
