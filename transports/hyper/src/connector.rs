//! Opening a connection for hyper's pool.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use concur_oauth_core::transport::proxy::Tunnel;
use concur_oauth_core::{BaseUrl, Error, Stage};
use concur_oauth_shared::{Route, Settings, io_error, server_name};
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::carried::Carried;
use crate::progress::{PROGRESS, Progress};
use crate::runtime;

/// A connection to the host or to a proxy, which can be an https one.
type Carrier = MaybeHttpsStream<TokioIo<TcpStream>>;

/// A connection with the host, by TLS or not.
type Stream = MaybeHttpsStream<Carrier>;

/// How much of a proxy's response is read at a time, in bytes.
const PIECE: usize = 2048;

/// Connects by TCP, through a proxy or not, and by TLS for https, within the deadline of the exchange.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Opener>);

/// What opens connections. Hyper clones a connector for each exchange.
struct Opener {
    tls: Arc<ClientConfig>,
    proxy_tls: Arc<ClientConfig>,
    settings: Arc<Settings>,
    carried: Arc<Carried>,
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
            let opened = timeout_at(deadline, connector.0.open(uri, &progress)).await;
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
    pub(crate) fn new(protocols: &[&[u8]], settings: Arc<Settings>, carried: Arc<Carried>) -> Self {
        Self(Arc::new(Opener {
            tls: Arc::new(settings.tls(protocols)),
            proxy_tls: Arc::new(settings.proxy_tls()),
            settings,
            carried,
        }))
    }
}

impl Opener {
    async fn open(&self, uri: Uri, progress: &Progress) -> Result<Stream, Error> {
        let base_url: BaseUrl = uri.to_string().parse()?;
        let route = self.settings.route(&base_url);
        let (socket, id) = connect(&route, progress).await?;
        self.carried.remove(id);
        let carrier = self.reach_host(socket, &base_url, &route).await?;
        if !base_url.is_https() {
            return Ok(MaybeHttpsStream::Http(carrier));
        }
        progress.connecting(Stage::Handshake);
        handshake(&self.tls, base_url.host(), carrier)
            .await
            .map_err(|error| route.attribute(io_error(Stage::Handshake, error)))
    }

    /// Has a connection lead to the host, where it leads to a proxy.
    async fn reach_host(
        &self,
        socket: TcpStream,
        base_url: &BaseUrl,
        route: &Route<'_>,
    ) -> Result<Carrier, Error> {
        let socket = TokioIo::new(socket);
        let Some(proxy) = route.proxy() else {
            return Ok(MaybeHttpsStream::Http(socket));
        };
        let carrier = if proxy.is_https() {
            let carrier = handshake(&self.proxy_tls, proxy.host(), socket).await;
            carrier.map_err(|error| route.error(Stage::Proxy, error))?
        } else {
            MaybeHttpsStream::Http(socket)
        };
        let mut carrier = TokioIo::new(carrier);
        open_tunnel(&mut carrier, self.settings.tunnel(proxy, base_url), route).await?;
        Ok(carrier.into_inner())
    }
}

async fn handshake<T>(
    tls: &Arc<ClientConfig>,
    host: &str,
    stream: T,
) -> io::Result<MaybeHttpsStream<T>>
where
    TokioIo<T>: AsyncRead + AsyncWrite + Unpin,
{
    let handshake =
        TlsConnector::from(Arc::clone(tls)).connect(server_name(host)?, TokioIo::new(stream));
    Ok(handshake.await?.into())
}

/// Has a proxy open a tunnel over a connection to it.
async fn open_tunnel(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mut tunnel: Tunnel<'_>,
    route: &Route<'_>,
) -> Result<(), Error> {
    let failed = |error| route.error(Stage::Proxy, error);
    stream.write_all(tunnel.request()).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;
    let mut piece = [0; PIECE];
    loop {
        let length = stream.read(&mut piece).await.map_err(failed)?;
        if tunnel.receive(piece.get(..length).unwrap_or_default())? {
            return Ok(());
        }
    }
}

/// A socket, and the addresses of both its ends.
type Connected = (TcpStream, (SocketAddr, SocketAddr));

async fn connect(route: &Route<'_>, progress: &Progress) -> Result<Connected, Error> {
    progress.connecting(route.stage(Stage::Lookup));
    // Tokio looks names up on a thread of its own.
    let addresses = lookup_host((route.host(), route.port()))
        .await
        .map_err(|error| route.error(Stage::Lookup, error))?;
    progress.connecting(route.stage(Stage::Connect));
    let mut last = progress.connect_timeout();
    for (address, share) in route.candidates(addresses)? {
        let share = progress.deadline.left() / share;
        match timeout(share, runtime::io(connect_to(address))).await {
            Ok(connected) => match connected? {
                Ok(connected) => return Ok(connected),
                Err(error) => last = route.error(Stage::Connect, error),
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
