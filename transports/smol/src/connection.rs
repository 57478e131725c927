//! Opening a connection, with TLS or without.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use concur_oauth_core::{BaseUrl, Error, Stage};
use concur_oauth_shared::{
    Deadline, Lookup, Route, Settings, Timer, io_error, open_tunnel, server_name, within,
};
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;

use crate::runtime::Runtime;

/// A connection, with TLS or without.
pub(crate) type Connection = Box<dyn Stream>;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What opens connections.
pub(crate) struct Connector {
    tls: TlsConnector,
    proxy_tls: TlsConnector,
}

impl Connector {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            tls: Arc::new(settings.tls(&[b"http/1.1"])).into(),
            proxy_tls: Arc::new(settings.proxy_tls()).into(),
        }
    }

    /// Opens a connection over which a request to `base_url` may be sent at once.
    pub(crate) async fn connect<R: Runtime>(
        &self,
        base_url: &BaseUrl,
        settings: &Settings,
        deadline: &mut (Deadline, Timer),
    ) -> Result<Connection, Error> {
        let route = settings.route(base_url);
        let socket = connect_tcp::<R>(&route, deadline).await?;
        let Some(proxy) = route.proxy() else {
            return if base_url.is_https() {
                self.secure(socket, base_url, &route, deadline).await
            } else {
                Ok(Box::new(socket))
            };
        };
        let mut stream: Connection = if proxy.is_https() {
            let handshake = handshake(&self.proxy_tls, proxy.host(), socket);
            let stream = within(deadline, Stage::Proxy, handshake).await?;
            Box::new(stream.map_err(|error| route.error(Stage::Proxy, error))?)
        } else {
            Box::new(socket)
        };
        let tunnel = settings.tunnel(proxy, base_url);
        open_tunnel(&mut stream, tunnel, &route, deadline).await?;
        self.secure(stream, base_url, &route, deadline).await
    }

    async fn secure<S: Stream + 'static>(
        &self,
        stream: S,
        base_url: &BaseUrl,
        route: &Route<'_>,
        deadline: &mut (Deadline, Timer),
    ) -> Result<Connection, Error> {
        // To the end, before any of the request is written: rustls would keep a copy of it until then.
        let handshake = handshake(&self.tls, base_url.host(), stream);
        let stream = within(deadline, Stage::Handshake, handshake).await?;
        let stream = stream.map_err(|error| {
            let error = io_error(Stage::Handshake, error);
            route.attribute(error)
        })?;
        Ok(Box::new(stream))
    }
}

async fn handshake<S: Stream>(
    tls: &TlsConnector,
    host: &str,
    stream: S,
) -> io::Result<TlsStream<S>> {
    tls.connect(server_name(host)?, stream).await
}

/// Returns whether an idle connection can be reused: nothing has come since the last response, and the peer has not
/// closed.
pub(crate) fn is_usable(connection: &mut Connection) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(connection)
        .poll_read(&mut cx, &mut [0])
        .is_pending()
}

async fn connect_tcp<R: Runtime>(
    route: &Route<'_>,
    deadline: &mut (Deadline, Timer),
) -> Result<R::Socket, Error> {
    let failed = |error| route.error(Stage::Lookup, error);
    let lookup = Lookup::start(route.host(), route.port()).map_err(failed)?;
    let addresses = within(deadline, route.stage(Stage::Lookup), lookup).await?;
    let addresses = addresses.map_err(failed)?;
    let stage = route.stage(Stage::Connect);
    let mut last = deadline.0.timeout(stage);
    for (address, share) in route.candidates(addresses.into_iter())? {
        let timer = R::timer(deadline.0.left() / share);
        let mut share = (deadline.0, timer);
        match within(&mut share, stage, R::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => last = route.error(stage, error),
            Err(late) => last = late,
        }
    }
    Err(last)
}
