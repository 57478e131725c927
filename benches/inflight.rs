//! Many exchanges in flight at once on one client: none fails, and how much memory each takes.
//!
//! `cargo bench --bench inflight`. The server holds every response back until all requests have come, so
//! that all of them are in flight at once. It runs in a process of its own, as does each client, whose
//! heap is counted from after a first exchange to its peak.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use concur_oauth_benches::{DOCUMENT, Heap, flow};
use concur_oauth_core::BaseUrl;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

const AUTHORIZATION: &str =
    "Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==";

#[global_allocator]
static HEAP: Heap = Heap;

fn main() {
    let arguments: Vec<_> = env::args().collect();
    match env::var("INFLIGHT_ROLE").as_deref() {
        Ok("server") => runtime().block_on(serve()),
        Ok(role) => client(role),
        // `cargo bench -- --test` checks that it works, and prints no figures.
        Err(_) if arguments.iter().any(|argument| argument == "--test") => compare(20, 50),
        Err(_) => compare(1_000, 10_000),
    }
}

fn compare(http1: usize, http2: usize) {
    println!("protocol    in flight  client            failed  peak bytes for each");
    for (protocol, many) in [("http/1.1", http1), ("h2", http2)] {
        let mut each = Vec::new();
        for name in ["reqwest", "concur-oauth hyper"] {
            let mut server = start("server", protocol, many);
            let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
            let address = lines.next().unwrap().unwrap();
            let client = Command::new(env::current_exe().unwrap())
                .env("INFLIGHT_ROLE", name)
                .env("INFLIGHT_MANY", many.to_string())
                .env("INFLIGHT_ADDRESS", address)
                .output()
                .unwrap();
            server.kill().unwrap();
            server.wait().unwrap();
            assert!(client.status.success(), "{client:?}");
            let report = String::from_utf8(client.stdout).unwrap();
            let (failed, bytes) = report.trim().split_once(' ').unwrap();
            println!("{protocol:<11} {many:>9}  {name:<18} {failed:>5}  {bytes:>19}");
            assert_eq!(failed, "0", "{name}");
            each.push(bytes.parse::<f64>().unwrap());
        }
        println!(
            "{protocol:<11} concur-oauth / reqwest: {:.3}",
            each[1] / each[0]
        );
    }
}

fn start(role: &str, protocol: &str, many: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .env("INFLIGHT_ROLE", role)
        .env("INFLIGHT_PROTOCOL", protocol)
        .env("INFLIGHT_MANY", many.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn many() -> usize {
    env::var("INFLIGHT_MANY").unwrap().parse().unwrap()
}

async fn serve() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let protocol = env::var("INFLIGHT_PROTOCOL").unwrap();
    config.alpn_protocols = vec![protocol.clone().into_bytes()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hex: String = certificate
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("{} {hex}", listener.local_addr().unwrap().port());
    std::io::stdout().flush().unwrap();

    // The first exchange has its response at once; of the others, none before all have come.
    let (arrived, _) = watch::channel(0);
    let (arrived, many) = (Arc::new(arrived), many());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, arrived, protocol) = (acceptor.clone(), arrived.clone(), protocol.clone());
        tokio::spawn(async move {
            stream.set_nodelay(true).unwrap();
            let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
            let service = service_fn(move |_: hyper::Request<Incoming>| {
                let arrived = arrived.clone();
                async move {
                    arrived.send_modify(|arrived| *arrived += 1);
                    let mut all = arrived.subscribe();
                    all.wait_for(|arrived| *arrived == 1 || *arrived > many)
                        .await
                        .unwrap();
                    let response =
                        hyper::Response::new(Full::new(Bytes::from_static(DOCUMENT.as_bytes())));
                    Ok::<_, std::convert::Infallible>(response)
                }
            });
            let _ = if protocol == "h2" {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .max_concurrent_streams(100_000)
                    .serve_connection(stream, service)
                    .await
            } else {
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(stream, service)
                    .await
            };
        });
    }
}

/// Prints how many exchanges failed, and the peak of bytes for each.
fn client(name: &str) {
    let address = env::var("INFLIGHT_ADDRESS").unwrap();
    let (port, hex) = address.split_once(' ').unwrap();
    let bytes =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(bytes.collect::<Vec<_>>()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let base_url: BaseUrl = format!("https://localhost:{port}").parse().unwrap();
    if name == "reqwest" {
        let mut config = config;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .build()
            .unwrap();
        let url: Arc<str> = format!("{base_url}/net2/oauth2/accesstoken.ashx").into();
        measure(move || {
            let (client, url) = (client.clone(), url.clone());
            async move {
                let request = client
                    .get(&*url)
                    .header("accept", "application/xml")
                    .header("authorization", AUTHORIZATION)
                    .header("x-consumerkey", "hj7683jslks93lalkjss93");
                let text = request.send().await?.text().await?;
                Ok::<_, reqwest::Error>(text)
            }
        });
    } else {
        let client = concur_oauth_hyper::Client::builder()
            .no_proxy()
            .rustls_config(config)
            .build()
            .unwrap();
        measure(move || {
            let (client, flow) = (client.clone(), flow(&base_url));
            async move { client.send(flow).await }
        });
    }
}

fn measure<T, E, F>(exchange: impl Fn() -> F)
where
    T: Send + 'static,
    E: std::fmt::Debug + Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let many = many();
    runtime().block_on(async {
        exchange().await.unwrap();
        let mut tasks = Vec::with_capacity(many);
        let before = Heap::live();
        let _ = Heap::take_peak();
        for _ in 0..many {
            tasks.push(tokio::spawn(exchange()));
        }
        let mut failed = 0;
        for task in tasks {
            if let Err(error) = task.await.unwrap() {
                eprintln!("{error:?}");
                failed += 1;
            }
        }
        let each = (Heap::take_peak() - before) / many;
        println!("{failed} {each}");
    });
}
