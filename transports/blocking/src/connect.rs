//! From an instance to an open connection.

use std::net::TcpStream;
use std::sync::Arc;

use concur_oauth_core::InstanceUrl;
use concur_oauth_core::transport::{BoxError, Error, Stage};
use concur_oauth_shared::candidates;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

use crate::connection::Connection;
use crate::deadline::Deadline;
use crate::lookup::lookup;
use crate::socket::Socket;

/// Opens a connection over which a request to `instance` may be sent at once.
pub(crate) fn connect(
    instance: &InstanceUrl,
    tls: &Arc<ClientConfig>,
    deadline: &Deadline,
) -> Result<Connection, Error> {
    let mut socket = Socket::new(connect_tcp(instance, deadline)?);
    if !instance.is_https() {
        return Ok(Connection::Plain(socket));
    }
    let name = ServerName::try_from(instance.host().to_owned()).map_err(untrusted)?;
    let mut session = ClientConnection::new(Arc::clone(tls), name).map_err(untrusted)?;
    // To the end, before any of the request is written: rustls would keep a copy of it until then.
    while session.is_handshaking() || session.wants_write() {
        session
            .complete_io(&mut socket.until(deadline))
            .map_err(|error| deadline.name(Stage::Handshake, error))?;
    }
    let session = Box::new(session);
    Ok(Connection::Tls { socket, session })
}

fn connect_tcp(instance: &InstanceUrl, deadline: &Deadline) -> Result<TcpStream, Error> {
    let addresses = lookup(instance, deadline)?;
    let mut last = deadline.timeout(Stage::Connect);
    for (address, share) in candidates(instance, addresses.into_iter())? {
        let connected = deadline
            .left()
            .and_then(|left| TcpStream::connect_timeout(&address, (left / share).max(MIN_SHARE)))
            .and_then(|stream| {
                stream.set_nodelay(true)?;
                Ok((stream.peer_addr()?, stream))
            });
        match connected {
            Ok((peer, stream)) => {
                instance.check_peer(peer.ip())?;
                return Ok(stream);
            }
            Err(error) => last = deadline.name(Stage::Connect, error),
        }
    }
    Err(last)
}

/// `connect_timeout` refuses a time-out of zero.
const MIN_SHARE: std::time::Duration = std::time::Duration::from_millis(1);

fn untrusted(error: impl Into<BoxError>) -> Error {
    Error::Tls {
        stage: Stage::Handshake,
        source: error.into(),
    }
}
