//! A warm exchange over loopback TLS: one request and one answer on a connection that is open.
//!
//! Run it pinned to one core, `taskset -c 0 cargo bench --bench exchange`: otherwise the scheduler
//! decides the result.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use concur_oauth_benches::{REQUEST, Server, flow};
use concur_oauth_blocking::Client;
use concur_oauth_core::InstanceUrl;
use criterion::{Criterion, criterion_group, criterion_main};
use rustls::{ClientConnection, StreamOwned};

const AUTHORIZATION: &str =
    "Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==";

fn warm(criterion: &mut Criterion) {
    let server = Server::start();
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
    let mut answer = vec![0; server.answer];
    group.bench_function("bare rustls", |bench| {
        bench.iter(|| {
            stream.write_all(REQUEST.as_bytes()).unwrap();
            stream.read_exact(&mut answer).unwrap();
            black_box(&answer);
        });
    });

    // From credentials to a token.
    let client = Client::builder()
        .rustls_config(server.client_config())
        .build()
        .unwrap();
    let instance: InstanceUrl = format!("https://localhost:{}", server.port)
        .parse()
        .unwrap();
    group.bench_function("concur-oauth blocking", |bench| {
        bench.iter(|| client.send(&instance, flow()).unwrap());
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

criterion_group!(benches, warm);
criterion_main!(benches);
