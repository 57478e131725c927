//! T12: exchanges through a proxy, and proxies that open no tunnel.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::http1::{ConnectError, ProtocolError};
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, DEFAULT_RETRY_AFTER, Error, Proxy, Stage, v0,
};
use concur_oauth_emulator::{
    Certificate, End, Fault, Proxy as Emulated, ProxyBuilder, ProxyFault, ProxyRequest,
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
    ServerBuilder,
};
use concur_oauth_shared::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use concur_oauth_shared::rustls::server::WebPkiClientVerifier;
use concur_oauth_shared::rustls::version::TLS13;
use concur_oauth_shared::rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, crypto::ring,
};
use rcgen::{CertificateParams, KeyPair};

use crate::columns::{Builder, Transport};
use crate::peers::{build, builder, flow, send, trusting, trusting_these, url};

/// A server that is known by these names behind a proxy.
const CONCUR: [&str; 3] = [
    "www.concursolutions.com",
    "us.api.concursolutions.com",
    "us2.api.concursolutions.com",
];

/// An address that leads to this machine, and that no rule takes for it.
const ROUNDABOUT: &str = "[::ffff:127.0.0.1]";

/// Whether it does. (Windows: *Dual-Stack Sockets*.)
const LEADS_HERE: bool = cfg!(not(windows));

fn server() -> Server {
    let names = CONCUR
        .into_iter()
        .fold(Server::builder(), ServerBuilder::name);
    let server = names.name("::ffff:127.0.0.1").start().unwrap();
    server
        .emulator()
        .set_instance_url(BaseUrl::US_PRODUCTION.to_string());
    server
}

/// Settings that trust the server, and its proxy where that speaks TLS.
fn settings<T: Transport>(server: &Server, proxy: &Emulated) -> Builder<T> {
    let mut roots = vec![server.ca_der()];
    roots.extend(proxy.ca_der());
    trusting_these::<T>(&roots).proxy(Proxy::new(proxy.url()).unwrap())
}

/// A server, a proxy, and a client that goes through it.
fn proxied<T: Transport>(proxy: ProxyBuilder) -> (Server, Emulated, T) {
    let server = server();
    let proxy = proxy.start(&server).unwrap();
    let client = build::<T>(settings::<T>(&server, &proxy));
    (server, proxy, client)
}

fn ask<T: Transport>(client: &T) -> Result<AccessToken, Error> {
    client.send(flow(&BaseUrl::US_PRODUCTION))
}

pub(crate) fn exchange_goes_through_a_tunnel_that_is_reused<T: Transport>() {
    for proxy in [
        Emulated::builder(),
        Emulated::builder().https(Certificate::Valid),
    ] {
        let (server, proxy, client) = proxied::<T>(proxy);
        for _ in 0..3 {
            let token = ask(&client).unwrap();
            assert_eq!(token.base_url(), &BaseUrl::US_PRODUCTION);
            client.idle();
        }
        let [request] = &proxy.requests()[..] else {
            panic!("{:?}", proxy.requests());
        };
        assert_eq!(request.target(), "www.concursolutions.com:443");
        let agent = format!("concur-oauth/{}", env!("CARGO_PKG_VERSION"));
        let host = "www.concursolutions.com:443".to_owned();
        let fields = [("host", host), ("user-agent", agent)];
        assert_eq!(
            request.headers(),
            fields.map(|(name, value)| (name.to_owned(), value))
        );
        assert_eq!((server.connections(), server.request_count()), (1, 3));
    }
}

/// The server refuses whatever has credentials of a proxy.
pub(crate) fn credentials_go_to_the_proxy_and_not_to_concur<T: Transport>() {
    let server = server();
    let proxy = Emulated::builder().credentials("CORP\\jo", "p@ss:w/rd");
    let proxy = proxy.start(&server).unwrap();
    let with = |user_info: &str| {
        let url = proxy.url().replace("//", &format!("//{user_info}@"));
        build::<T>(settings::<T>(&server, &proxy).proxy(Proxy::new(url).unwrap()))
    };
    ask(&with("CORP\\jo:p%40ss:w%2Frd")).unwrap();
    for refused in ["jo:p%40ss:w%2Frd", "CORP%5Cjo:wrong"] {
        let error = ask(&with(refused)).unwrap_err();
        let text = error.report().to_string();
        assert!(text.contains("it offers Basic. Give a user name"), "{text}");
        assert_eq!(error.retry_after(), None);
        assert!(!error.may_have_reached_concur());
    }
    let seen = proxy.requests()[0].headers().to_vec();
    assert!(seen.iter().any(|(name, _)| name == "proxy-authorization"));
}

pub(crate) fn every_2xx_opens_a_tunnel_in_any_pieces<T: Transport>() {
    for proxy in [
        Emulated::builder(),
        Emulated::builder().https(Certificate::Valid),
    ] {
        let server = server();
        let proxy = proxy.start(&server).unwrap();
        for fault in [
            ProxyFault::Split,
            ProxyFault::NoContent,
            ProxyFault::Http10,
            ProxyFault::Drip(Duration::from_millis(1)),
        ] {
            proxy.inject(fault.clone());
            let client = build::<T>(settings::<T>(&server, &proxy));
            ask(&client).unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        }
    }
}

pub(crate) fn proxy_that_opens_no_tunnel_is_an_error<T: Transport>() {
    let (server, proxy, client) = proxied::<T>(Emulated::builder());
    let refuse = ProxyFault::Refuse;
    let schemes = vec!["Negotiate".to_owned(), "NTLM".to_owned()];
    for (fault, shown, is_temporary) in [
        (
            ProxyFault::Authenticate(schemes),
            "it offers Negotiate, NTLM, and only Basic is supported",
            false,
        ),
        (refuse(403), "it responded with 403 Forbidden", false),
        (refuse(302), "it responded with 302 Found", false),
        (refuse(502), "it responded with 502 Bad Gateway", true),
        (
            refuse(503),
            "it responded with 503 Service Unavailable",
            true,
        ),
        (ProxyFault::Body, "bytes follow its head", false),
        (ProxyFault::CutOff(0), "it was cut short", true),
        (ProxyFault::CutOff(20), "it was cut short", true),
    ] {
        proxy.inject(fault.clone());
        let error = ask(&client).unwrap_err();
        assert!(matches!(error, Error::Proxy { .. }), "{fault:?}: {error:?}");
        let text = error.report().to_string();
        assert!(text.contains(shown), "{text}");
        assert!(text.contains(proxy.url()), "{text}");
        assert!(!error.may_have_reached_concur(), "{text}");
        assert_eq!(error.retry_after().is_some(), is_temporary, "{text}");
        // Five minutes are Concur's, and this was not.
        assert!(error.retry_after() < Some(DEFAULT_RETRY_AFTER), "{text}");
        assert_eq!(server.request_count(), 0, "{fault:?}");
    }
    ask(&client).unwrap();
}

pub(crate) fn body_after_the_head_of_an_https_proxy_is_an_error<T: Transport>() {
    let (server, proxy, client) = proxied::<T>(Emulated::builder().https(Certificate::Valid));
    proxy.inject(ProxyFault::Body);
    let error = ask(&client).unwrap_err();
    let expected = ConnectError::Protocol(ProtocolError::EarlyBytes);
    assert!(
        matches!(&error, Error::Proxy { reason, .. } if *reason == expected),
        "{error:?}"
    );
    assert_eq!(server.request_count(), 0);
}

pub(crate) fn slow_proxy_ends_at_the_deadline<T: Transport>() {
    let server = server();
    let ends = |builder: Builder<T>| {
        let client = build::<T>(builder.timeout(Duration::from_millis(600)));
        let start = Instant::now();
        let error = ask(&client).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(
            matches!(
                error,
                Error::Timeout {
                    stage: Stage::Proxy,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(!error.may_have_reached_concur());
        assert_eq!(server.request_count(), 0);
    };
    for proxy in [
        Emulated::builder(),
        Emulated::builder().https(Certificate::Valid),
    ] {
        let proxy = proxy.start(&server).unwrap();
        for fault in [
            ProxyFault::Silence,
            ProxyFault::Drip(Duration::from_millis(100)),
        ] {
            proxy.inject(fault);
            ends(settings::<T>(&server, &proxy));
        }
    }
    // It accepts, and begins no TLS.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    ends(builder::<T>().proxy(Proxy::new(url).unwrap()));
}

pub(crate) fn response_of_concur_through_a_proxy_is_concurs<T: Transport>() {
    let (server, _proxy, client) = proxied::<T>(Emulated::builder());
    server.inject(Fault::Unavailable);
    let error = ask(&client).unwrap_err();
    assert_eq!(error.retry_after(), Some(DEFAULT_RETRY_AFTER));
    assert!(error.may_have_reached_concur());
}

pub(crate) fn tunnel_that_breaks_before_a_response_is_replaced<T: Transport>() {
    let (server, proxy, client) = proxied::<T>(Emulated::builder());
    ask(&client).unwrap();
    client.idle();
    server.inject(Fault::CutOff(0));
    ask(&client).unwrap();
    assert_eq!((proxy.requests().len(), server.request_count()), (2, 3));
}

pub(crate) fn https_proxy_must_prove_its_identity<T: Transport>() {
    for certificate in [
        Certificate::Expired,
        Certificate::Foreign,
        Certificate::WrongHost,
    ] {
        let (server, proxy, client) = proxied::<T>(Emulated::builder().https(certificate));
        let error = ask(&client).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Tls {
                    stage: Stage::Proxy,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.report().to_string().contains(proxy.url()));
        assert!(!error.may_have_reached_concur());
        assert_eq!((proxy.requests().len(), server.connections()), (0, 0));
    }
}

pub(crate) fn server_behind_a_proxy_must_prove_its_identity<T: Transport>() {
    let server = Server::start().unwrap();
    let proxy = Emulated::start(&server).unwrap();
    // Its certificate does not have the name.
    let error = ask(&build::<T>(settings::<T>(&server, &proxy))).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Tls {
                stage: Stage::Handshake,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.report().to_string().contains(proxy.url()));
    assert_eq!((proxy.requests().len(), server.request_count()), (1, 0));
}

/// Some proxies refuse a host only when they see its name in the handshake.
pub(crate) fn tunnel_that_breaks_in_the_handshake_names_its_proxy<T: Transport>() {
    let (server, proxy, client) = proxied::<T>(Emulated::builder());
    proxy.inject(ProxyFault::CutOff(1000));
    let error = ask(&client).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                stage: Stage::Handshake,
                ..
            }
        ),
        "{error:?}"
    );
    let text = error.report().to_string();
    assert!(text.contains(proxy.url()), "{text}");
    assert!(text.contains("any proxy on the way"), "{text}");
    assert_eq!(server.request_count(), 0);
}

/// A client's certificate, and the protocols of ALPN, are for Concur.
pub(crate) fn https_proxy_is_shown_no_certificate_and_no_protocol<T: Transport>() {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let certificate = certificate.der().clone();
    let key = || PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let roots = Arc::new(roots);
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider))
            .allow_unauthenticated();
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate.clone()], key())
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        while session.is_handshaking() {
            session.complete_io(&mut stream).unwrap();
        }
        let shown = (
            session.peer_certificates().map(<[_]>::len),
            session.alpn_protocol().map(<[u8]>::to_vec),
        );
        let refusal = b"HTTP/1.1 403 No\r\n\r\n";
        session.writer().write_all(refusal).unwrap();
        let _ = session.complete_io(&mut stream);
        while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
        shown
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![certificate], key())
        .unwrap();
    let proxy_url = Proxy::new(format!("https://localhost:{port}")).unwrap();
    let client = build::<T>(builder::<T>().rustls_config(config).proxy(proxy_url));
    let error = ask(&client).unwrap_err();
    assert!(matches!(error, Error::Proxy { .. }), "{error:?}");
    drop(client);
    assert_eq!(proxy.join().unwrap(), (None, None));
}

pub(crate) fn proxy_that_fails_is_never_gone_around<T: Transport>() {
    let server = server();
    let port = server.url().rsplit(':').next().unwrap();
    let base_url: BaseUrl = format!("https://{ROUNDABOUT}:{port}").parse().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed_port = closed.local_addr().unwrap().port();
    drop(closed);
    for (proxy, is_lookup) in [
        (format!("http://127.0.0.1:{closed_port}"), false),
        (format!("https://127.0.0.1:{closed_port}"), false),
        ("http://does-not-exist.invalid:3128".to_owned(), true),
    ] {
        let settings = trusting::<T>(&server).timeout(Duration::from_secs(5));
        let client = build::<T>(settings.proxy(Proxy::new(proxy.as_str()).unwrap()));
        let error = client.send(flow(&base_url)).unwrap_err();
        match &error {
            Error::Unreachable {
                stage: Stage::Proxy,
                ..
            } => assert!(error.report().to_string().contains(&proxy), "{error:?}"),
            Error::Timeout {
                stage: Stage::Proxy,
                ..
            } => assert!(is_lookup),
            _ => panic!("{error:?}"),
        }
        assert!(!error.may_have_reached_concur());
        assert!(error.retry_after() < Some(DEFAULT_RETRY_AFTER));
    }
    let proxy = Emulated::start(&server).unwrap();
    proxy.inject(ProxyFault::Refuse(503));
    let client = build::<T>(settings::<T>(&server, &proxy));
    client.send(flow(&base_url)).unwrap_err();
    assert_eq!(server.connections(), 0);
    // It could have been reached.
    let direct = build::<T>(trusting::<T>(&server)).send(flow(&base_url));
    assert_eq!(direct.is_ok(), LEADS_HERE);
    assert_eq!(server.connections(), usize::from(LEADS_HERE));
}

pub(crate) fn this_machine_and_listed_hosts_are_reached_directly<T: Transport>() {
    let server = server();
    let proxy = Emulated::start(&server).unwrap();
    let client = build::<T>(settings::<T>(&server, &proxy));
    send(&client, &server).unwrap();
    let port = url(&server).port();
    let base_url: BaseUrl = format!("https://{ROUNDABOUT}:{port}").parse().unwrap();
    for (list, is_direct) in [("::ffff:127.0.0.0/120", true), ("10.0.0.0/8", false)] {
        let listed = Proxy::new(proxy.url()).unwrap().with_no_proxy(list);
        let client = build::<T>(settings::<T>(&server, &proxy).proxy(listed));
        let result = client.send(flow(&base_url));
        assert_eq!(result.is_ok(), LEADS_HERE || !is_direct, "{list}");
        assert_eq!(proxy.requests().is_empty(), is_direct, "{list}");
    }
    // The last call counts.
    let client = build::<T>(settings::<T>(&server, &proxy).no_proxy());
    let result = client.send(flow(&base_url));
    assert_eq!(result.is_ok(), LEADS_HERE);
    assert_eq!(proxy.requests().len(), 1);
}

pub(crate) fn user_who_lives_elsewhere_is_asked_for_through_another_tunnel<T: Transport>() {
    let (server, proxy, client) = proxied::<T>(Emulated::builder());
    let body = r#"{"code":16,"error":"invalid_request","error_description":"user lives elsewhere","geolocation":"https://us2.api.concursolutions.com"}"#;
    let length = body.len();
    let moved = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    server.inject(Fault::Raw(moved.into_bytes(), End::Hold));
    let application = Application::new(
        ConsumerKey::new(SAMPLE_CLIENT_ID).unwrap(),
        SAMPLE_CLIENT_SECRET,
    )
    .unwrap();
    let first = "https://us.api.concursolutions.com".parse().unwrap();
    let grant = v0::PasswordGrant::new(&first, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
    client.send(grant.unwrap()).unwrap();
    let requests = proxy.requests();
    let targets: Vec<_> = requests.iter().map(ProxyRequest::target).collect();
    assert_eq!(
        targets,
        [
            "us.api.concursolutions.com:443",
            "us2.api.concursolutions.com:443"
        ]
    );
}
