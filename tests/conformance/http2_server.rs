//! A server that speaks HTTP/2 and responds as it is told.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use concur_oauth::BaseUrl;
use concur_oauth_shared::rustls::crypto::ring;
use concur_oauth_shared::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use concur_oauth_shared::rustls::{ConfigBuilder, ServerConfig, WantsVersions};
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, KeyPair};
use tokio_rustls::TlsAcceptor;

pub(crate) type ServerResponse = Response<UnsyncBoxBody<Bytes, std::io::Error>>;

/// What becomes of the n-th request.
pub(crate) enum Fate {
    Respond(ServerResponse),
    /// Nothing, ever.
    Silence,
    /// The connection ends.
    Disconnect,
}

pub(crate) struct Http2 {
    pub(crate) base_url: BaseUrl,
    pub(crate) root: CertificateDer<'static>,
    connections: Arc<AtomicUsize>,
}

impl Http2 {
    pub(crate) fn start(
        fate: impl Fn(usize, &Request<Incoming>) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let key = KeyPair::generate().unwrap();
        let names = ["localhost", "::ffff:127.0.0.1"].map(str::to_owned);
        let params = CertificateParams::new(names).unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder: ConfigBuilder<ServerConfig, WantsVersions> =
            ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let mut config = builder
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(accept(listener, acceptor, Arc::new(fate), counter));
        });
        Self {
            base_url: format!("https://localhost:{port}").parse().unwrap(),
            root,
            connections,
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

async fn accept<F>(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    fate: Arc<F>,
    connections: Arc<AtomicUsize>,
) where
    F: Fn(usize, &Request<Incoming>) -> Fate + Send + Sync + 'static,
{
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, SeqCst);
        let (fate, acceptor, requests) = (fate.clone(), acceptor.clone(), requests.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let (end, ended) = tokio::sync::mpsc::channel::<()>(1);
            let service = service_fn(move |request| {
                let (fate, number) = (fate.clone(), requests.fetch_add(1, SeqCst));
                let end = end.clone();
                async move {
                    match fate(number, &request) {
                        Fate::Respond(response) => Ok::<_, Infallible>(response),
                        Fate::Silence => std::future::pending().await,
                        Fate::Disconnect => {
                            let _ = end.send(()).await;
                            std::future::pending().await
                        }
                    }
                }
            });
            let mut ended = ended;
            let serving = http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = serving => {}
                Some(()) = ended.recv() => {}
            }
        });
    }
}
