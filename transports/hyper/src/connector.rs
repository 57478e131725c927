//! From an instance to a connection that hyper may use.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use concur_oauth_core::transport::{BoxError, Error, Limits, Stage};
use concur_oauth_shared::hyper::Watched;
use concur_oauth_shared::io_error;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
#[cfg(feature = "http2")]
use hyper_util::client::legacy::connect::Connection;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tower_service::Service;

use crate::call::CALL;
use crate::tcp::Tcp;

/// Connects by TCP, and TLS where the instance is https, within the exchange's deadline.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Tcp>,
    limits: Limits,
}

impl Connector {
    /// A connector; the configuration must not offer protocols by ALPN, which are set here.
    pub(crate) fn new(tls: ClientConfig, limits: Limits) -> Self {
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http();
        #[cfg(not(feature = "http2"))]
        let https = https.enable_http1();
        #[cfg(feature = "http2")]
        let https = https.enable_all_versions();
        let https = https.wrap_connector(Tcp);
        Self { https, limits }
    }
}

/// There is no connection; the exchange knows why.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub(crate) struct NoConnection;

impl Service<Uri> for Connector {
    type Response = Watched<MaybeHttpsStream<TokioIo<TcpStream>>>;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NoConnection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let call = CALL.try_with(Arc::clone);
        let connecting = self.https.call(uri);
        let limits = self.limits;
        Box::pin(async move {
            let call = call.map_err(|_| NoConnection)?;
            // Its own deadline: hyper finishes in the background what lost to a connection that came
            // free in the meantime.
            let connected = match timeout_at(call.deadline, connecting).await {
                Ok(connected) => connected.map_err(why),
                Err(_) => Err(call.timeout(call.stage())),
            };
            match connected {
                #[cfg(feature = "http2")]
                Ok(stream) if stream.connected().is_negotiated_h2() => Ok(Watched::http2(stream)),
                Ok(stream) => Ok(Watched::new(stream, limits)),
                Err(error) => {
                    call.leave(error);
                    Err(NoConnection)
                }
            }
        })
    }
}

/// What failed: the socket, which says so itself, or TLS.
fn why(error: BoxError) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => *error,
        Err(error) => match error.downcast::<io::Error>() {
            Ok(error) => handshake(*error),
            // A host that no certificate can name.
            Err(source) => Error::Tls {
                stage: Stage::Handshake,
                source,
            },
        },
    }
}

fn handshake(error: io::Error) -> Error {
    // hyper-rustls wraps the handshake's error in another.
    match error.downcast::<io::Error>() {
        Ok(inner) | Err(inner) => io_error(Stage::Handshake, inner),
    }
}
