//! A warm exchange over loopback TLS: one request and one response on a connection that is open.
//!
//! Run it pinned to one core, `taskset -c 0 cargo bench --bench exchange`: otherwise the scheduler
//! decides the result.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_io::Async;
use concur_oauth_benches::{REQUEST, Server, flow};
use concur_oauth_blocking::Client;
use criterion::{Criterion, criterion_group, criterion_main};
use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use rustls::{ClientConnection, StreamOwned};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const AUTHORIZATION: &str =
    "Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==";

/// One for all: what is compared must not differ by its server.
static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

fn warm(criterion: &mut Criterion) {
    let server = &*SERVER;
    let url = format!(
        "https://localhost:{}/net2/oauth2/accesstoken.ashx",
        server.port
    );
    let mut group = criterion.benchmark_group("exchange");

    // The floor: it writes bytes and reads as many as it knows will come, and parses nothing.
    let name = "localhost".try_into().unwrap();
    let session = ClientConnection::new(Arc::new(server.client_config()), name).unwrap();
    let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = StreamOwned::new(session, stream);
    let mut response = vec![0; server.response_length];
    group.bench_function("bare rustls", |bench| {
        bench.iter(|| {
            stream.write_all(REQUEST.as_bytes()).unwrap();
            stream.read_exact(&mut response).unwrap();
            black_box(&response);
        });
    });

    // From credentials to a token.
    let client = Client::builder()
        .no_proxy()
        .rustls_config(server.client_config())
        .build()
        .unwrap();
    let base_url = server.base_url();
    group.bench_function("concur-oauth blocking", |bench| {
        bench.iter(|| client.send(flow(&base_url)).unwrap());
    });

    // From ready headers to the body's text.
    let roots = ureq::tls::RootCerts::new_with_certs(&[ureq::tls::Certificate::from_der(
        &server.certificate,
    )
    .to_owned()]);
    let tls = ureq::tls::TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    group.bench_function("ureq", |bench| {
        bench.iter(|| {
            let request = agent
                .get(&url)
                .header("accept", "application/xml")
                .header("authorization", AUTHORIZATION)
                .header("x-consumerkey", "hj7683jslks93lalkjss93");
            request.call().unwrap().body_mut().read_to_string().unwrap()
        });
    });

    let client = reqwest::blocking::Client::builder()
        .tls_backend_preconfigured(server.client_config())
        .build()
        .unwrap();
    group.bench_function("reqwest blocking", |bench| {
        bench.iter(|| {
            let request = client
                .get(&url)
                .header("accept", "application/xml")
                .header("authorization", AUTHORIZATION)
                .header("x-consumerkey", "hj7683jslks93lalkjss93");
            request.send().unwrap().text().unwrap()
        });
    });
    group.finish();
}

/// Times a loop inside one future, so that what it takes to begin one is not counted.
async fn repeat<T>(times: u64, mut exchange: impl AsyncFnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        black_box(exchange().await);
    }
    start.elapsed()
}

fn warm_async(criterion: &mut Criterion) {
    let server = &*SERVER;
    let base_url = server.base_url();
    let url = format!("{base_url}/net2/oauth2/accesstoken.ashx");
    let mut group = criterion.benchmark_group("exchange async");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    // The floor: it writes bytes and reads as many as it knows will come, and parses nothing.
    let mut stream = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await;
        let stream = stream.unwrap();
        stream.set_nodelay(true).unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(server.client_config()));
        let name = "localhost".try_into().unwrap();
        connector.connect(name, stream).await.unwrap()
    });
    let mut response = vec![0; server.response_length];
    group.bench_function("bare tokio-rustls", |bench| {
        bench.iter_custom(|times| {
            runtime.block_on(repeat(times, async || {
                stream.write_all(REQUEST.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                stream.read_exact(&mut response).await.unwrap();
                black_box(&response);
            }))
        });
    });

    // The same on smol's own sockets, which is the least that smol can take.
    let mut stream = async_io::block_on(async {
        let address = SocketAddr::from(([127, 0, 0, 1], server.port));
        let stream = Async::<TcpStream>::connect(address).await.unwrap();
        stream.get_ref().set_nodelay(true).unwrap();
        let connector = futures_rustls::TlsConnector::from(Arc::new(server.client_config()));
        let name = "localhost".try_into().unwrap();
        connector.connect(name, stream).await.unwrap()
    });
    group.bench_function("bare futures-rustls", |bench| {
        bench.iter_custom(|times| {
            async_io::block_on(repeat(times, async || {
                stream.write_all(REQUEST.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                stream.read_exact(&mut response).await.unwrap();
                black_box(&response);
            }))
        });
    });

    // From ready headers to the body's text.
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(server.client_config())
        .build()
        .unwrap();
    group.bench_function("reqwest", |bench| {
        bench.iter_custom(|times| {
            runtime.block_on(repeat(times, async || {
                let request = client
                    .get(&url)
                    .header("accept", "application/xml")
                    .header("authorization", AUTHORIZATION)
                    .header("x-consumerkey", "hj7683jslks93lalkjss93");
                request.send().await.unwrap().text().await.unwrap()
            }))
        });
    });

    // From credentials to a token.
    let client = concur_oauth_hyper::Client::builder()
        .no_proxy()
        .rustls_config(server.client_config())
        .build()
        .unwrap();
    group.bench_function("concur-oauth hyper", |bench| {
        bench.iter_custom(|times| {
            runtime.block_on(repeat(times, async || {
                client.send(flow(&base_url)).await.unwrap()
            }))
        });
    });

    let client = concur_oauth_smol::smol::Client::builder()
        .no_proxy()
        .rustls_config(server.client_config())
        .build()
        .unwrap();
    group.bench_function("concur-oauth smol", |bench| {
        bench.iter_custom(|times| {
            async_io::block_on(repeat(times, async || {
                client.send(flow(&base_url)).await.unwrap()
            }))
        });
    });

    let client = concur_oauth_smol::async_std::Client::builder()
        .no_proxy()
        .rustls_config(server.client_config())
        .build()
        .unwrap();
    group.bench_function("concur-oauth async-std", |bench| {
        bench.iter_custom(|times| {
            async_std::task::block_on(repeat(times, async || {
                client.send(flow(&base_url)).await.unwrap()
            }))
        });
    });
    group.finish();
}

criterion_group!(benches, warm, warm_async);
criterion_main!(benches);
