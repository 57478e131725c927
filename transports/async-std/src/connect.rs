//! From an instance to an open connection.

use std::io;
use std::sync::Arc;

use concur_oauth_core::InstanceUrl;
use concur_oauth_core::transport::{BoxError, Error, Limits, Stage};
use concur_oauth_shared::hyper::Watched;
use concur_oauth_shared::{candidates, io_error};
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsConnector;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use smol_hyper::rt::FuturesIo;

use crate::connection::Connection;
use crate::deadline::{Deadline, either};
use crate::runtime::{TcpStream, lookup, sleep};

/// A connection's bytes, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens a connection over which a request to `instance` may be sent at once.
pub(crate) async fn connect(
    instance: &InstanceUrl,
    tls: &Arc<ClientConfig>,
    limits: Limits,
    deadline: &mut Deadline,
) -> Result<Connection, Error> {
    let socket = connect_tcp(instance, deadline).await?;
    let stream: Box<dyn Stream> = if instance.is_https() {
        let name = ServerName::try_from(instance.host().to_owned()).map_err(untrusted)?;
        let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, socket);
        let stream = deadline.within(Stage::Handshake, handshake).await?;
        Box::new(stream.map_err(|error| io_error(Stage::Handshake, error))?)
    } else {
        Box::new(socket)
    };
    let stream = Watched::new(FuturesIo::new(stream), limits);
    Connection::open(stream, &limits).await
}

async fn connect_tcp(instance: &InstanceUrl, deadline: &mut Deadline) -> Result<TcpStream, Error> {
    let addresses = lookup(instance.host(), instance.port());
    let addresses = deadline.within(Stage::Lookup, addresses).await?;
    let addresses = addresses.map_err(|error| Error::interrupted(Stage::Lookup, error))?;
    let mut last = deadline.timeout(Stage::Connect);
    for (address, share) in candidates(instance, addresses)? {
        let mut share = sleep(deadline.left() / share);
        match either(TcpStream::connect(address), &mut share).await {
            Some(Ok(socket)) => {
                let peer = ready(&socket).map_err(unreachable)?;
                instance.check_peer(peer)?;
                return Ok(socket);
            }
            Some(Err(error)) => last = unreachable(error),
            None => last = deadline.timeout(Stage::Connect),
        }
    }
    Err(last)
}

fn ready(socket: &TcpStream) -> io::Result<std::net::IpAddr> {
    socket.set_nodelay(true)?;
    Ok(socket.peer_addr()?.ip())
}

fn unreachable(error: io::Error) -> Error {
    Error::interrupted(Stage::Connect, error)
}

fn untrusted(error: impl Into<BoxError>) -> Error {
    Error::Tls {
        stage: Stage::Handshake,
        source: error.into(),
    }
}
