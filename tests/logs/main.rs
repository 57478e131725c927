//! No log line or trace of any transport at any level holds a secret, and no `Debug` output or error
//! does. Alone in its process, because a logger receives the lines of every test.
#![allow(
    dead_code,
    reason = "it uses some of what the conformance table shares"
)]

#[path = "../conformance/columns.rs"]
mod columns;
#[cfg(all(feature = "hyper", feature = "http2"))]
#[path = "../conformance/http2_server.rs"]
mod http2_server;
#[cfg(all(feature = "blocking", feature = "keeper"))]
mod keeper;
#[path = "../conformance/peers.rs"]
mod peers;

use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::sync::Mutex;

use columns::Transport;
use concur_oauth::net2::CodeExchange;
use concur_oauth::{
    Application, BaseUrl, ConsumerKey, Error, ExposeSecret, Proxy, RequestToken, v0,
};
use concur_oauth_emulator::{
    Certificate, End, Fault, Proxy as Emulated, ProxyFault, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET,
    Server,
};
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use peers::{build, client, flow, flow_with, send, trusting, url};
use tracing::field::{Field, Visit};
use tracing::span;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn heard(line: String) {
    LINES.lock().unwrap().push(line);
}

/// Hears every log line and every trace.
struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        heard(format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields(span.metadata().target().to_owned());
        span.record(&mut fields);
        heard(fields.0);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        heard(fields.0);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(event.metadata().target().to_owned());
        event.record(&mut fields);
        heard(fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// A secret as text, and as the numbers and the hexadecimal digits that `{:?}` makes of bytes.
fn shapes(secret: &str) -> Vec<String> {
    let bytes = format!("{:?}", &secret.as_bytes()[..8]);
    let hex: Vec<_> = secret.bytes().take(8).map(|b| format!("{b:02x}")).collect();
    vec![
        secret.to_owned(),
        bytes.trim_matches(['[', ']']).to_owned(),
        hex.concat(),
    ]
}

/// What stands in a request's query.
const IN_QUERY: &str = "hidden-in-a-query";

/// Sends secrets in a query, as Concur has it, and has them refused.
fn exchange_code<T: Transport>(client: &T, base_url: &BaseUrl) -> Error {
    let key = ConsumerKey::new("key").unwrap();
    let application = Application::new(key, IN_QUERY).unwrap();
    let code = RequestToken::new(IN_QUERY).unwrap();
    let exchange = CodeExchange::new(base_url, &application, &code);
    client.send(exchange).unwrap_err()
}

/// An error and its causes, in all their texts.
fn all_of(error: &Error) -> Vec<String> {
    let mut shown = vec![format!("{error} {error:?} {}", error.report())];
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push(format!("{cause} {cause:?}"));
        source = cause.source();
    }
    shown
}

/// Exchanges through a proxy that go well and wrong, and what may not be heard or seen of its credentials.
fn proxy_tells_nothing<T: Transport>(certificate: Option<Certificate>) {
    LINES.lock().unwrap().clear();
    let server = Server::builder().name("www.concursolutions.com").start();
    let server = server.unwrap();
    let emulated = Emulated::builder().credentials("proxy-user-2026", "proxy password 2026");
    let emulated = match certificate {
        Some(certificate) => emulated.https(certificate),
        None => emulated,
    };
    let emulated = emulated.start(&server).unwrap();
    let with = |user_info: &str| {
        let url = emulated.url().replace("//", &format!("//{user_info}@"));
        Proxy::from_vars(|name| (name == "ALL_PROXY").then(|| url.clone().into()))
    };
    let root = CertificateDer::from(emulated.ca_der().unwrap_or(server.ca_der()).to_vec());
    let client_of = |proxy| -> T {
        let builder = trusting::<T>(&server).add_root(root.clone()).proxy(proxy);
        build(builder)
    };
    let right = with("proxy-user-2026:proxy%20password%202026")
        .unwrap()
        .unwrap();
    let wrong = with("proxy-user-2026:proxy%20password%202026x")
        .unwrap()
        .unwrap();
    let bad = with("proxy-user-2026:proxy password 2026").unwrap_err();
    let mut shown = vec![format!("{right:?} {right} {bad:?} {bad}")];
    let builder = trusting::<T>(&server).proxy(right.clone());
    shown.push(format!("{builder:?}"));
    let base_url = BaseUrl::US_PRODUCTION;
    let client = client_of(right);
    client.send(flow(&base_url)).unwrap();
    shown.push(format!("{:?}", client.client()));
    let error = client_of(wrong.clone()).send(flow(&base_url)).unwrap_err();
    shown.extend(all_of(&error));
    for fault in [
        ProxyFault::CutOff(10),
        ProxyFault::Body,
        ProxyFault::Refuse(502),
        ProxyFault::Authenticate(vec!["NTLM".to_owned()]),
    ] {
        emulated.inject(fault);
        let error = client_of(wrong.clone()).send(flow(&base_url)).unwrap_err();
        shown.extend(all_of(&error));
    }
    drop(emulated);
    let error = client_of(wrong).send(flow(&base_url)).unwrap_err();
    shown.extend(all_of(&error));
    let lines = LINES.lock().unwrap();
    assert!(lines.iter().any(|line| line.starts_with("rustls::")));
    for secret in [
        "proxy-user-2026",
        "proxy password 2026",
        "proxy%20password%202026",
        "cHJveHktdXNlci0yMDI2OnByb3h5IHBhc3N3b3JkIDIwMjY", // printf %s user:password | base64
    ] {
        for shape in shapes(secret) {
            for line in lines.iter().chain(&shown) {
                assert!(!line.contains(&shape), "{shape} in {line}");
            }
        }
    }
}

/// Everything that goes well and wrong, and what may not be heard or seen of it.
fn tells_nothing<T: Transport>(server: &Server, from: &str) {
    LINES.lock().unwrap().clear();
    let client: T = client(server);
    let mut shown = vec![format!("{:?} {:?}", flow(&url(server)), client.client())];
    let token = send(&client, server).unwrap();
    // It keeps a connection by now.
    shown.push(format!("{token:?} {:?}", client.client()));
    let mut secrets = shapes("Travel&Expense$2012");
    secrets.extend(shapes("john_developer@hotmail.com"));
    secrets.extend(shapes(
        "am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
    ));
    secrets.extend(shapes("hunter2hunter2"));
    secrets.extend(shapes(token.token().expose_secret()));
    secrets.extend(shapes(token.refresh_token().unwrap().expose_secret()));

    let secret_id = v0::ClientId::new(SAMPLE_CLIENT_ID).unwrap();
    let application = Application::new(secret_id, SAMPLE_CLIENT_SECRET).unwrap();
    let base_url = url(server);
    let grant = |password: &str| {
        let login_id = "john_developer@hotmail.com";
        v0::PasswordGrant::new(&base_url, &application, login_id, password).unwrap()
    };
    shown.push(format!("{:?}", grant("Travel&Expense$2012")));
    let token = client.send(grant("Travel&Expense$2012")).unwrap();
    shown.push(format!("{token:?}"));
    secrets.extend(shapes("Travel%26Expense%242012"));
    secrets.extend(shapes(SAMPLE_CLIENT_SECRET));
    for secret in [Some(token.token()), token.refresh_token(), token.id_token()] {
        secrets.extend(shapes(secret.unwrap().expose_secret()));
    }

    let marked =
        "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n<Access_Token>secret-marker</Other_Token>";
    secrets.extend(shapes("secret-marker"));
    let mut errors = vec![
        client
            .send(flow_with(&url(server), "hunter2hunter2"))
            .unwrap_err(),
    ];
    errors.push(exchange_code(&client, &url(server)));
    errors.push(client.send(grant("hunter2hunter2")).unwrap_err());
    server.inject(Fault::CutOff(50));
    errors.extend(client.send(grant("hunter2hunter2")).err());
    secrets.extend(shapes(IN_QUERY));
    for fault in [
        Fault::Unavailable,
        Fault::Redirect("https://evil.example/?secret-marker".to_owned()),
        Fault::CutOff(50),
        Fault::Reset(50),
        Fault::WrongLength(60),
        Fault::Raw(marked.as_bytes().to_vec(), End::Close),
        Fault::Raw(
            b"HTTP/1.1 200 secret-marker\r\nsecret-marker\r\n\r\n".to_vec(),
            End::Close,
        ),
        Fault::Raw(
            b"HTTP/1.1 403 No\r\nContent-Length: 1, 2\r\nA: secret-marker\r\n\r\n".to_vec(),
            End::Close,
        ),
    ] {
        server.inject(fault);
        // Over a reused connection, hyper sends again what broke inside a head.
        errors.extend(send(&client, server).err());
        client.idle();
    }
    assert!(errors.len() >= 8, "{errors:?}");
    for error in &errors {
        shown.extend(all_of(error));
    }

    let lines = LINES.lock().unwrap();
    for from in ["rustls::", from] {
        assert!(lines.iter().any(|line| line.starts_with(from)), "{from}");
    }
    for line in lines.iter().chain(&shown) {
        for secret in &secrets {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}

/// HTTP/2 is in other hands: h2 traces what it does, too.
#[cfg(all(feature = "hyper", feature = "http2"))]
fn http2_tells_nothing() {
    use http_body_util::{BodyExt, Full};
    use http2_server::{Fate, Http2};

    LINES.lock().unwrap().clear();
    let server = Http2::start(|number, _| {
        if number == 2 {
            return Fate::Disconnect;
        }
        let body = match number {
            5 => "<Access_Token>secret-marker",
            _ => "<Access_Token><Token>secret-marker</Token></Access_Token>",
        };
        let body = Full::from(body);
        let body = body.map_err(|never| match never {}).boxed_unsync();
        Fate::Respond(http::Response::new(body))
    });
    let client: columns::HyperOnThreads =
        peers::build(peers::builder::<columns::HyperOnThreads>().add_root(server.root.clone()));
    for _ in 0..4 {
        client.send(flow(&server.base_url)).unwrap();
    }
    let error = exchange_code(&client, &server.base_url);
    heard(format!("{error:?} {}", error.report()));
    let lines = LINES.lock().unwrap();
    assert!(lines.iter().any(|line| line.starts_with("h2::")));
    for secret in [
        "Travel&Expense$2012",
        "john_developer@hotmail.com",
        "am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
        "secret-marker",
        IN_QUERY,
    ] {
        for line in lines.iter() {
            for shape in shapes(secret) {
                assert!(!line.contains(&shape), "{secret} in {line}");
            }
        }
    }
}

#[test]
fn nothing_tells_a_secret() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Everything).unwrap();

    let server = Server::start().unwrap();
    let _ = &server;
    #[cfg(feature = "blocking")]
    tells_nothing::<columns::Blocking>(&server, "rustls::");
    #[cfg(feature = "hyper")]
    tells_nothing::<columns::HyperOnThreads>(&server, "hyper_util::");
    #[cfg(all(feature = "hyper", feature = "http2"))]
    http2_tells_nothing();
    #[cfg(feature = "smol")]
    tells_nothing::<columns::Smol>(&server, "rustls::");
    #[cfg(feature = "async-std")]
    tells_nothing::<columns::AsyncStd>(&server, "rustls::");
    #[cfg(all(feature = "blocking", feature = "keeper"))]
    keeper::tells_nothing();
    for certificate in [None, Some(Certificate::Valid)] {
        let _ = certificate;
        #[cfg(feature = "blocking")]
        proxy_tells_nothing::<columns::Blocking>(certificate);
        #[cfg(feature = "hyper")]
        proxy_tells_nothing::<columns::HyperOnThreads>(certificate);
        #[cfg(feature = "smol")]
        proxy_tells_nothing::<columns::Smol>(certificate);
        #[cfg(feature = "async-std")]
        proxy_tells_nothing::<columns::AsyncStd>(certificate);
    }
}
