//! Exchanges through squid, tinyproxy and mitmproxy.
//!
//! They are packages of Debian's, and the server that they lead to has an address that is not this machine's own to the
//! client. So these tests run in a network namespace: CONTRIBUTING.md has the command.
#![allow(
    dead_code,
    unused_macros,
    reason = "it uses some of what the conformance table shares, and without features there are no columns"
)]

#[path = "../conformance/columns.rs"]
mod columns;
mod daemons;
#[path = "../conformance/peers.rs"]
mod peers;

use concur_oauth::http1::ConnectError;
use concur_oauth::{BaseUrl, Error, Proxy, Stage};
use concur_oauth_emulator::Server;
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use concur_oauth_shared::rustls::pki_types::pem::PemObject;
use rcgen::{CertificateParams, KeyPair};

use columns::Transport;
use daemons::{Daemon, HERE, free_port, mitmdump};
use peers::{build, flow, trusting};

/// The name of the server, for proxies that can be told its address.
const NAME: &str = "www.concursolutions.com";

fn server() -> Server {
    let server = Server::builder().listen((HERE, 0).into()).name(NAME);
    server
        .start()
        .expect("these tests need a network namespace: see CONTRIBUTING.md")
}

/// Returns the server's base URL, by its address.
fn by_address(server: &Server) -> BaseUrl {
    server.url().parse().unwrap()
}

/// Returns the server's base URL, by its name.
fn by_name(server: &Server) -> BaseUrl {
    let port = by_address(server).port();
    format!("https://{NAME}:{port}").parse().unwrap()
}

/// squid with a port for http and one for https.
struct Squid {
    daemon: Daemon,
    https_port: u16,
    root: CertificateDer<'static>,
}

impl Squid {
    fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let https_port = free_port();
        let daemon = Daemon::start("squid", |folder, port| {
            let file = |name: &str, text: &str| {
                let path = folder.join(name);
                std::fs::write(&path, text).unwrap();
                path.display().to_string()
            };
            let certificate = file("cert.pem", &certificate.pem());
            let key = file("key.pem", &key.serialize_pem());
            let hosts = file("hosts", &format!("192.0.2.1 {NAME}\n"));
            // openssl passwd -apr1 -salt saltsalt 'p@ss:w/rd'
            let users = file("users", "CORP\\jo:$apr1$saltsalt$T.Ug9buRu08FWji4e9vjj0\n");
            let settings = format!(
                "http_port 127.0.0.1:{port}\n\
                 https_port 127.0.0.1:{https_port} tls-cert={certificate} tls-key={key}\n\
                 auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}\n\
                 auth_param basic realm emulator\n\
                 auth_param basic casesensitive on\n\
                 acl known proxy_auth REQUIRED\n\
                 acl concur dstdomain -n .concursolutions.com\n\
                 acl tunnel method CONNECT\n\
                 http_access deny !known\n\
                 http_access deny !concur\n\
                 http_access allow tunnel\n\
                 http_access deny all\n\
                 hosts_file {hosts}\n\
                 dns_nameservers 127.0.0.1\n\
                 dns_timeout 1 second\n\
                 cache deny all\n\
                 access_log none\n\
                 cache_log {log}\n\
                 coredump_dir {folder}\n\
                 pid_filename none\n\
                 netdb_filename none\n\
                 pinger_enable off\n\
                 visible_hostname localhost\n\
                 shutdown_lifetime 0 seconds\n",
                log = "/dev/null",
                folder = folder.display(),
            );
            let settings = file("squid.conf", &settings);
            let service = format!("concur{port}");
            ["-N", "-n", &service, "-f", &settings]
                .map(str::to_owned)
                .to_vec()
        });
        daemon.wait_for(https_port);
        Self {
            daemon,
            https_port,
            root: certificate.der().clone(),
        }
    }

    fn proxies(&self, user: &str, password: &str) -> [Proxy; 2] {
        let urls = [
            format!("http://localhost:{}", self.daemon.port),
            format!("https://localhost:{}", self.https_port),
        ];
        urls.map(|url| {
            let proxy = Proxy::new(url).unwrap();
            proxy.with_credentials(user, password).unwrap()
        })
    }
}

fn squid_carries_exchanges<T: Transport>() {
    let (server, squid) = (server(), Squid::start());
    let client = |proxy| -> T {
        let builder = trusting::<T>(&server).add_root(squid.root.clone());
        build(builder.proxy(proxy))
    };
    let base_url = by_name(&server);
    for proxy in squid.proxies("CORP\\jo", "p@ss:w/rd") {
        let client = client(proxy);
        let before = server.connections();
        for _ in 0..3 {
            client.send(flow(&base_url)).unwrap();
            client.idle();
        }
        assert_eq!(server.connections(), before + 1);
        let refusal = |base_url: &str| match client.send(flow(&base_url.parse().unwrap())) {
            Err(Error::Proxy { reason, .. }) => reason,
            other => panic!("{other:?}"),
        };
        // It may not go to the first, and does not find the second.
        let forbidden = refusal("https://192.0.2.1:1");
        assert_eq!(
            forbidden,
            ConnectError::Refused(http::StatusCode::FORBIDDEN)
        );
        let absent = refusal("https://eu1.concursolutions.com");
        assert!(absent.is_temporary(), "{absent:?}");
    }
    for proxy in squid.proxies("CORP\\jo", "wrong") {
        let error = client(proxy).send(flow(&base_url)).unwrap_err();
        let text = error.report().to_string();
        assert!(text.contains("it offers Basic. Give a user name"), "{text}");
        assert!(!error.may_have_reached_concur());
    }
}

fn tinyproxy_carries_exchanges<T: Transport>() {
    let server = server();
    let daemon = Daemon::start("tinyproxy", |folder, port| {
        let settings = format!(
            "Port {port}\nListen 127.0.0.1\nBasicAuth jo s3cretword\nMaxClients 10\nTimeout 30\n"
        );
        let path = folder.join("tinyproxy.conf");
        std::fs::write(&path, settings).unwrap();
        ["-d", "-c", path.to_str().unwrap()]
            .map(str::to_owned)
            .to_vec()
    });
    let client = |password: &str| -> T {
        let url = format!("http://jo:{password}@localhost:{}", daemon.port);
        build(trusting::<T>(&server).proxy(Proxy::new(url).unwrap()))
    };
    let base_url = by_address(&server);
    let right = client("s3cretword");
    for _ in 0..3 {
        right.send(flow(&base_url)).unwrap();
        right.idle();
    }
    assert_eq!(server.connections(), 1);
    let nowhere = "https://192.0.2.1:1".parse().unwrap();
    for (client, base_url, shown) in [
        // It has the status of servers, and not of proxies, for that.
        (
            client("wrong"),
            base_url,
            "401 Unauthorized: give a user name",
        ),
        (
            right,
            nowhere,
            "500 Internal Server Error: check that it can",
        ),
    ] {
        let error = client.send(flow(&base_url)).unwrap_err();
        assert!(matches!(error, Error::Proxy { .. }), "{error:?}");
        assert!(!error.may_have_reached_concur());
        assert!(error.report().to_string().contains(shown), "{error}");
    }
    assert_eq!(server.connections(), 1);
}

fn mitmproxy_is_trusted_by_its_authority_alone<T: Transport>() {
    let server = server();
    let daemon = mitmdump(server.ca_pem());
    let proxy = Proxy::new(format!("http://localhost:{}", daemon.port)).unwrap();
    let base_url = by_address(&server);
    let client = |builder: columns::Builder<T>| -> T { build(builder.proxy(proxy.clone())) };
    let error = client(trusting::<T>(&server))
        .send(flow(&base_url))
        .unwrap_err();
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
    let text = error.report().to_string();
    assert!(text.contains("any proxy that inspects TLS"), "{text}");
    assert!(text.contains("UnknownIssuer"), "{text}");
    let root = daemon.folder.join("mitmproxy-ca-cert.pem");
    let root = CertificateDer::from_pem_file(root).unwrap();
    let client = client(peers::builder::<T>().add_root(root));
    for _ in 0..3 {
        client.send(flow(&base_url)).unwrap();
        client.idle();
    }
}

/// The tests of one transport.
macro_rules! column {
    ($name:ident, $transport:ty) => {
        mod $name {
            #[test]
            #[ignore = "needs squid in a network namespace: see CONTRIBUTING.md"]
            fn squid() {
                crate::squid_carries_exchanges::<$transport>();
            }

            #[test]
            #[ignore = "needs tinyproxy in a network namespace: see CONTRIBUTING.md"]
            fn tinyproxy() {
                crate::tinyproxy_carries_exchanges::<$transport>();
            }

            #[test]
            #[ignore = "needs mitmproxy in a network namespace: see CONTRIBUTING.md"]
            fn mitmproxy() {
                crate::mitmproxy_is_trusted_by_its_authority_alone::<$transport>();
            }
        }
    };
}

#[cfg(feature = "blocking")]
column!(blocking, crate::columns::Blocking);
#[cfg(feature = "hyper")]
column!(hyper, crate::columns::HyperOnThreads);
#[cfg(feature = "smol")]
column!(smol, crate::columns::Smol);
#[cfg(feature = "async-std")]
column!(async_std, crate::columns::AsyncStd);
