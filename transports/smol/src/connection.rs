//! Opening a connection, with TLS or without.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use concur_oauth_core::{BaseUrl, Error, Stage};
use concur_oauth_shared::{Deadline, Lookup, Timer, candidates, io_error, server_name, within};
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use rustls::ClientConfig;

use crate::runtime::Runtime;

/// A connection, with TLS or without.
pub(crate) type Connection = Box<dyn Stream>;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens a connection over which a request to `base_url` may be sent at once.
pub(crate) async fn open<R: Runtime>(
    base_url: &BaseUrl,
    tls: &Arc<ClientConfig>,
    deadline: &mut (Deadline, Timer),
) -> Result<Connection, Error> {
    let socket = connect::<R>(base_url, deadline).await?;
    if !base_url.is_https() {
        return Ok(Box::new(socket));
    }
    let name = server_name(base_url)?;
    // To the end, before any of the request is written: rustls would keep a copy of it until then.
    let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, socket);
    let stream = within(deadline, Stage::Handshake, handshake).await?;
    let stream = stream.map_err(|error| io_error(Stage::Handshake, error))?;
    Ok(Box::new(stream))
}

/// Returns whether an idle connection can be reused: nothing has come since the last response, and the peer has not
/// closed.
pub(crate) fn is_usable(connection: &mut Connection) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(connection)
        .poll_read(&mut cx, &mut [0])
        .is_pending()
}

async fn connect<R: Runtime>(
    base_url: &BaseUrl,
    deadline: &mut (Deadline, Timer),
) -> Result<R::Socket, Error> {
    let lookup = Lookup::start(base_url)?;
    let addresses = within(deadline, Stage::Lookup, lookup).await??;
    let mut last = deadline.0.timeout(Stage::Connect);
    for (address, share) in candidates(base_url, addresses.into_iter())? {
        let timer = R::timer(deadline.0.left() / share);
        let mut share = (deadline.0, timer);
        match within(&mut share, Stage::Connect, R::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => last = Error::interrupted(Stage::Connect, error),
            Err(late) => last = late,
        }
    }
    Err(last)
}
