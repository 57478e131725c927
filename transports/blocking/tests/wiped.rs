//! No heap block of the client is freed with credentials in it, over TLS 1.2, TLS 1.3 and plain http.
//!
//! The emulator reads the credentials, so it runs in another process: this test, started again.

#[path = "../../../core/tests/inspector/mod.rs"]
mod inspector;

use std::io::{BufRead, BufReader, Lines, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concur_oauth_blocking::rustls::pki_types::CertificateDer;
use concur_oauth_blocking::rustls::pki_types::pem::PemObject;
use concur_oauth_blocking::rustls::version::{TLS12, TLS13};
use concur_oauth_blocking::rustls::{ClientConfig, RootCertStore, crypto::ring};
use concur_oauth_blocking::{Client, ClientBuilder};
use concur_oauth_core::{
    Application, CodeExchange, ConsumerKey, Credentials, Exchange, InputError, InstanceUrl,
    NativeFlow, RequestToken, ResponseError,
};
use concur_oauth_emulator::{Emulator, Fault, SAMPLE_CONSUMER_KEY, Server, User};

const LOGIN_ID: &str = "wiped.login@example.com";
const PASSWORD: &str = "wiped&Password$2026";
/// printf %s 'wiped.login@example.com:wiped&Password$2026' | base64
const BASE64: &str = "d2lwZWQubG9naW5AZXhhbXBsZS5jb206d2lwZWQmUGFzc3dvcmQkMjAyNg==";
const SECRET: &str = "wiped+secret+2026";
const CODE: &str = "wiped-code-2026";
const ROLE: &str = "CONCUR_OAUTH_TEST_SERVES";

fn flow() -> NativeFlow {
    NativeFlow::new(
        ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap(),
        Credentials::with_password(LOGIN_ID, PASSWORD).unwrap(),
    )
}

/// An exchange with the password in its body.
struct Post;

impl Exchange for Post {
    type Output = ();
    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let body = [b"password=", PASSWORD.as_bytes()].concat();
        let request = http::Request::post(instance.to_string()).body(body);
        Ok(request.expect("an instance is a URI"))
    }

    fn parse(_: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        Ok(())
    }
}

/// The other process: nothing, unless it was started as such.
#[test]
fn serves() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let mut emulator = Emulator::new();
    emulator.add_application(SAMPLE_CONSUMER_KEY);
    emulator.add_user(User::new(LOGIN_ID, PASSWORD));
    let server = Server::builder().emulator(emulator);
    let server = if role == "http" {
        server.plain_http()
    } else {
        server
    };
    let server = server.start().unwrap();
    // A refusal, answers that break off, and then all goes well.
    server.inject(Fault::Unavailable);
    server.inject(Fault::CutOff(100));
    server.inject(Fault::Reset(0));
    server.inject(Fault::Chunked);
    println!("\nurl {}\n{}", server.url(), server.ca_pem());
    // Until the other side of the pipe goes.
    let _ = std::io::stdin().read(&mut [0]);
}

struct Other {
    process: Child,
    /// Kept open: what it prints in the end wants to be written somewhere.
    _output: Lines<BufReader<ChildStdout>>,
    url: InstanceUrl,
    ca: CertificateDer<'static>,
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
        Self {
            process,
            _output: lines,
            url,
            ca,
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
fn peer(handle: fn(TcpStream)) -> (InstanceUrl, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        for _ in 0..2 {
            handle(listener.accept().unwrap().0);
        }
    });
    (format!("http://{address}").parse().unwrap(), thread)
}

#[test]
fn the_client_wipes_credentials() {
    if std::env::var(ROLE).is_ok() {
        return;
    }
    let other = [
        Other::start("https"),
        Other::start("https"),
        Other::start("http"),
    ];
    let mut roots = RootCertStore::empty();
    for other in &other {
        roots.add(other.ca.clone()).unwrap();
    }
    let tls = |version| {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        Client::builder().rustls_config(config)
    };
    let builders: [ClientBuilder; 3] = [tls(&TLS12), tls(&TLS13), Client::builder()];

    inspector::look_for(vec![
        LOGIN_ID.into(),
        PASSWORD.into(),
        BASE64.into(),
        SECRET.into(),
        SECRET.replace('+', "%2B").into(),
        CODE.into(),
    ]);
    inspector::assert_sees();
    let mut granted = 0;
    for (builder, other) in builders.into_iter().zip(&other) {
        let client = builder.timeout(Duration::from_secs(20)).build().unwrap();
        for _ in 0..6 {
            granted += usize::from(client.send(&other.url, flow()).is_ok());
        }
        // What stands in a query.
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
        let application = Application::new(key, SECRET).unwrap();
        let code = RequestToken::new(CODE).unwrap();
        let exchange = CodeExchange::new(&application, &code);
        client.send(&other.url, exchange).unwrap_err();
        // Nobody there; and somebody who says nothing.
        client
            .send(&"https://127.0.0.1:1".parse().unwrap(), flow())
            .unwrap_err();
        let (silent, peer) = peer(|mut stream| {
            let _ = stream.read(&mut [0; 16]);
        });
        client.send(&silent, flow()).unwrap_err();
        client.send(&silent, Post).unwrap_err();
        peer.join().unwrap();
    }
    let (found, freed) = inspector::found();
    assert!(granted >= 3 * 3, "{granted}");
    assert!(freed > 1000, "{freed}");
    assert_eq!(found, 0, "of {freed} blocks");
}
