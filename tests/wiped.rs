//! No heap block of a client is freed with credentials in it, over TLS 1.2, TLS 1.3 and plain http: blocking, smol
//! and async-std, behind a proxy too, whose credentials are among them. (Hyper's own buffers are not wiped, which its front page says.)
//!
//! The emulator reads the credentials, so it runs in another process: this test, started again.
#![allow(
    dead_code,
    reason = "it uses some of what the conformance table shares"
)]

#[path = "conformance/columns.rs"]
mod columns;
#[path = "../core/tests/inspector/mod.rs"]
mod inspector;

use std::io::{BufRead, BufReader, Lines, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concur_oauth::net2::{CodeExchange, NativeFlow, Refresh};
use concur_oauth::{
    Application, BaseUrl, ConsumerKey, Credentials, Exchange, InputError, Proxy, RequestToken,
    ResponseContext, ResponseError, SecretBody, SecretString, http, v0,
};
use concur_oauth_emulator::{
    Certificate, Emulator, Fault, Proxy as Emulated, SAMPLE_CONSUMER_KEY, Server, User,
};
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use concur_oauth_shared::rustls::pki_types::pem::PemObject;
use concur_oauth_shared::rustls::version::{TLS12, TLS13};
use concur_oauth_shared::rustls::{ClientConfig, RootCertStore, crypto::ring};

use columns::{Builder, Transport};

const LOGIN_ID: &str = "wiped.login@example.com";
const PASSWORD: &str = "wiped&Password$2026";
/// printf %s 'wiped.login@example.com:wiped&Password$2026' | base64
const BASE64: &str = "d2lwZWQubG9naW5AZXhhbXBsZS5jb206d2lwZWQmUGFzc3dvcmQkMjAyNg==";
const SECRET: &str = "wiped+secret+2026";
const CODE: &str = "wiped-code-2026";
const PROXY_USER: &str = "WIPED\\proxy-user-2026";
const PROXY_PASSWORD: &str = "wiped:proxy password 2026";
const PROXY_PASSWORD_ENCODED: &str = "wiped:proxy%20password%202026";
/// printf %s 'WIPED\proxy-user-2026:wiped:proxy password 2026' | base64
const PROXY_BASE64: &str = "V0lQRURccHJveHktdXNlci0yMDI2OndpcGVkOnByb3h5IHBhc3N3b3JkIDIwMjY=";
const ROLE: &str = "CONCUR_OAUTH_TEST_SERVES";

fn flow(base_url: &BaseUrl) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(LOGIN_ID, PASSWORD).unwrap(),
    )
}

/// An exchange with the password in its body.
struct Post(BaseUrl);

impl Exchange for Post {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        &self.0
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let body = SecretBody::from([b"password=", PASSWORD.as_bytes()].concat());
        let request = http::Request::post(self.0.to_string()).body(body);
        Ok(request.expect("a base URL is a URI"))
    }

    fn parse(_: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        Ok(())
    }
}

/// The other process. Without the variable that starts it as such, it does nothing.
#[test]
fn serves() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let mut emulator = Emulator::new();
    emulator.add_application(SAMPLE_CONSUMER_KEY);
    emulator.add_user(User::new(LOGIN_ID, PASSWORD));
    let application = concur_oauth_emulator::v0::Application::new("id", SECRET);
    emulator.v0().add_application(application);
    let user = concur_oauth_emulator::v0::User::new(LOGIN_ID, PASSWORD);
    emulator.v0().add_user(user);
    let server = Server::builder().emulator(emulator);
    let server = if role == "http" {
        server.plain_http()
    } else {
        server
    };
    let server = server.name("www.concursolutions.com").start().unwrap();
    let proxies = [None, Some(Certificate::Valid)].map(|certificate| {
        let proxy = Emulated::builder().credentials(PROXY_USER, PROXY_PASSWORD);
        let proxy = match certificate {
            Some(certificate) => proxy.https(certificate),
            None => proxy,
        };
        proxy.start(&server).unwrap()
    });
    // Responses that fail and break off, and then good ones.
    for _ in 0..3 {
        server.inject(Fault::Unavailable);
        server.inject(Fault::CutOff(100));
        server.inject(Fault::Reset(0));
        server.inject(Fault::Chunked);
    }
    println!("\nurl {}\n{}", server.url(), server.ca_pem());
    for proxy in &proxies {
        let root = proxy.ca_der().unwrap_or_default();
        let root: Vec<_> = root.iter().map(|byte| format!("{byte:02x}")).collect();
        let root = root.concat();
        println!("proxy {} {root}", proxy.url());
    }
    // Until the other side of the pipe goes.
    let _ = std::io::stdin().read(&mut [0]);
}

struct Other {
    process: Child,
    /// Kept open for what it prints at the end.
    _output: Lines<BufReader<ChildStdout>>,
    url: BaseUrl,
    ca: CertificateDer<'static>,
    /// The URLs of its proxies, and what authority each has.
    proxies: Vec<(String, CertificateDer<'static>)>,
}

impl Other {
    fn start(role: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "serves", "--nocapture"])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|line| Some(line.unwrap().strip_prefix("url ")?.parse().unwrap()))
            .unwrap();
        let mut pem = String::new();
        while !pem.ends_with("-----END CERTIFICATE-----\n") {
            pem = pem + &lines.next().unwrap().unwrap() + "\n";
        }
        let ca = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let proxies = lines.by_ref().map(|line| line.unwrap());
        let proxies = proxies.filter_map(|line| {
            let (url, root) = line.strip_prefix("proxy ")?.split_once(' ')?;
            let byte = |at| u8::from_str_radix(&root[at..at + 2], 16).unwrap();
            let root: Vec<_> = (0..root.len()).step_by(2).map(byte).collect();
            Some((url.to_owned(), root.into()))
        });
        let proxies = proxies.take(2).collect();
        Self {
            process,
            _output: lines,
            url,
            ca,
            proxies,
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Takes two connections, each of which is handled by this function.
fn peer(handle: fn(TcpStream)) -> (BaseUrl, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        for _ in 0..2 {
            handle(listener.accept().unwrap().0);
        }
    });
    (format!("http://{address}").parse().unwrap(), thread)
}

/// Sends credentials to a proxy, right ones and wrong ones, and this flow through it. Counts what reached the server.
fn send_through_proxies<T: Transport>(other: &Other, flow: fn(&BaseUrl) -> NativeFlow) -> usize {
    let mut reached = 0;
    for (url, root) in &other.proxies {
        let (scheme, host) = url.split_once("://").unwrap();
        // In one buffer of its size: the caller's own copies are not wiped.
        let with = |user: &str, end: &str| {
            [
                scheme,
                "://",
                user,
                ":",
                PROXY_PASSWORD_ENCODED,
                "@",
                host,
                end,
            ]
            .concat()
        };
        let of_variable = Proxy::from_vars(|name| {
            let url = || with(PROXY_USER, "").into();
            (name == "https_proxy").then(url)
        });
        let bare = Proxy::new(url.as_str()).unwrap();
        Proxy::new(with(PROXY_USER, "/path")).unwrap_err();
        for proxy in [
            of_variable.unwrap().unwrap(),
            Proxy::new(with(PROXY_USER, "/")).unwrap(),
            bare.with_credentials(PROXY_USER, PROXY_PASSWORD).unwrap(),
            Proxy::new(with("other", "")).unwrap(),
        ] {
            let builder = Builder::<T>::default().proxy(proxy);
            let builder = builder.add_root(other.ca.clone());
            let builder = if root.is_empty() {
                builder
            } else {
                builder.add_root(root.clone())
            };
            let client = T::with(builder.timeout(Duration::from_secs(20)).build().unwrap());
            for _ in 0..4 {
                let result = client.send(flow(&BaseUrl::US_PRODUCTION));
                let error = result.err();
                reached += usize::from(error.is_none_or(|error| error.may_have_reached_concur()));
            }
        }
    }
    reached
}

/// A flow with credentials that are not looked for: hyper leaves copies of a request.
#[cfg(feature = "hyper")]
fn plain_flow(base_url: &BaseUrl) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password("other", "other").unwrap(),
    )
}

/// Sends credentials over TLS 1.2, TLS 1.3 and plain http, and counts the tokens that came.
fn send_credentials<T: Transport>(other: &[Other; 3]) -> usize {
    let mut roots = RootCertStore::empty();
    for other in other {
        roots.add(other.ca.clone()).unwrap();
    }
    let tls = |version| {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        Builder::<T>::default().no_proxy().rustls_config(config)
    };
    let builders = [tls(&TLS12), tls(&TLS13), Builder::<T>::default().no_proxy()];
    let mut granted = 0;
    for (builder, other) in builders.into_iter().zip(other) {
        let client = T::with(builder.timeout(Duration::from_secs(20)).build().unwrap());
        for _ in 0..6 {
            granted += usize::from(client.send(flow(&other.url)).is_ok());
        }
        // Secrets in a query.
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
        let application = Application::new(key, SECRET).unwrap();
        let code = RequestToken::new(CODE).unwrap();
        let exchange = CodeExchange::new(&other.url, &application, &code);
        client.send(exchange).unwrap_err();
        let refresh_token = SecretString::from(CODE);
        let refresh = Refresh::new(&other.url, &application, &refresh_token);
        client.send(refresh).unwrap_err();
        // Secrets in a form, granted and refused.
        let id = v0::ClientId::new("id").unwrap();
        let application = Application::new(id, SECRET).unwrap();
        for _ in 0..4 {
            let grant = v0::PasswordGrant::new(&other.url, &application, LOGIN_ID, PASSWORD);
            granted += usize::from(client.send(grant.unwrap()).is_ok());
        }
        let grant = v0::RequestTokenGrant::new(&application, LOGIN_ID, &code).unwrap();
        client.send(grant.at(&other.url)).unwrap_err();
        let refresh = v0::Refresh::new(&other.url, &application, &refresh_token);
        client.send(refresh).unwrap_err();
        let details = v0::OtpDetails::new("other@example.com").unwrap();
        let otp = v0::OneTimePassword::new(CODE).unwrap();
        let grant = v0::OtpGrant::new(&other.url, &application, &details, &otp);
        client.send(grant).unwrap_err();
        // A host that is not there, and one that says nothing.
        let nowhere = "https://127.0.0.1:1".parse().unwrap();
        client.send(flow(&nowhere)).unwrap_err();
        let (silent, peer) = peer(|mut stream| {
            let _ = stream.read(&mut [0; 16]);
        });
        client.send(flow(&silent)).unwrap_err();
        client.send(Post(silent)).unwrap_err();
        peer.join().unwrap();
    }
    let proxied = send_through_proxies::<T>(&other[1], flow);
    assert!(proxied >= 24, "{proxied}");
    granted
}

#[test]
fn no_freed_heap_block_holds_credentials() {
    if std::env::var(ROLE).is_ok() {
        return;
    }
    let other = [
        Other::start("https"),
        Other::start("https"),
        Other::start("http"),
    ];
    inspector::look_for(vec![
        LOGIN_ID.into(),
        LOGIN_ID.replace('@', "%40").into(),
        PASSWORD.into(),
        PASSWORD.replace('&', "%26").replace('$', "%24").into(),
        BASE64.into(),
        SECRET.into(),
        SECRET.replace('+', "%2B").into(),
        CODE.into(),
        PROXY_USER.into(),
        PROXY_PASSWORD.into(),
        PROXY_PASSWORD_ENCODED.into(),
        PROXY_BASE64.into(),
    ]);
    inspector::assert_sees();
    let granted: &[usize] = &[
        #[cfg(feature = "blocking")]
        send_credentials::<columns::Blocking>(&other),
        #[cfg(feature = "smol")]
        send_credentials::<columns::Smol>(&other),
        #[cfg(feature = "async-std")]
        send_credentials::<columns::AsyncStd>(&other),
    ];
    #[cfg(feature = "hyper")]
    {
        // Of hyper, the credentials of the proxy alone: they never pass through its buffers.
        let proxied = send_through_proxies::<columns::HyperOnThreads>(&other[1], plain_flow);
        assert!(proxied >= 24, "{proxied}");
    }
    let (found, freed) = inspector::found();
    assert!(granted.iter().all(|tokens| *tokens >= 6), "{granted:?}");
    assert!(granted.is_empty() || freed > 1000, "{freed}");
    assert_eq!(found, 0, "of {freed} blocks");
}
