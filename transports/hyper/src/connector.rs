//! Opening a connection for hyper's pool.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use concur_oauth_core::{BaseUrl, Error, Stage};
use concur_oauth_shared::{candidates, io_error, server_name};
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::carried::Carried;
use crate::progress::{PROGRESS, Progress};
use crate::runtime;

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Connects by TCP, and by TLS for https, within the deadline of the exchange.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) carried: Arc<Carried>,
}

/// There is no connection. The progress of the exchange has the reason.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub(crate) struct NoConnection;

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, NoConnection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let progress = PROGRESS.try_with(Arc::clone);
        let connector = self.clone();
        Box::pin(async move {
            let progress = progress.map_err(|_| NoConnection)?;
            // A deadline of its own: hyper finishes a connection in the background where another became free
            // first.
            let deadline = progress.deadline.at().into();
            let opened = timeout_at(deadline, connector.open(uri, &progress)).await;
            opened
                .unwrap_or_else(|_| Err(progress.connect_timeout()))
                .map_err(|error| {
                    progress.leave(error);
                    NoConnection
                })
        })
    }
}

impl Connector {
    async fn open(self, uri: Uri, progress: &Progress) -> Result<Stream, Error> {
        let base_url: BaseUrl = uri.to_string().parse()?;
        let (socket, id) = connect(&base_url, progress).await?;
        self.carried.remove(id);
        let socket = TokioIo::new(socket);
        if !base_url.is_https() {
            return Ok(MaybeHttpsStream::Http(socket));
        }
        progress.connecting(Stage::Handshake);
        let name = server_name(&base_url)?;
        let stream = TlsConnector::from(self.tls).connect(name, TokioIo::new(socket));
        let stream = stream
            .await
            .map_err(|error| io_error(Stage::Handshake, error))?;
        Ok(MaybeHttpsStream::Https(TokioIo::new(stream)))
    }
}

/// A socket, and the addresses of both its ends.
type Connected = (TcpStream, (SocketAddr, SocketAddr));

async fn connect(base_url: &BaseUrl, progress: &Progress) -> Result<Connected, Error> {
    progress.connecting(Stage::Lookup);
    // Tokio looks names up on a thread of its own.
    let addresses = lookup_host((base_url.host(), base_url.port()))
        .await
        .map_err(|error| Error::interrupted(Stage::Lookup, error))?;
    progress.connecting(Stage::Connect);
    let mut last = progress.connect_timeout();
    for (address, share) in candidates(base_url, addresses)? {
        let share = progress.deadline.left() / share;
        match timeout(share, runtime::io(connect_to(address))).await {
            Ok(connected) => match connected? {
                Ok(connected) => return Ok(connected),
                Err(error) => last = Error::interrupted(Stage::Connect, error),
            },
            Err(_) => last = progress.connect_timeout(),
        }
    }
    Err(last)
}

async fn connect_to(address: SocketAddr) -> io::Result<Connected> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let id = (socket.local_addr()?, socket.peer_addr()?);
    Ok((socket, id))
}
