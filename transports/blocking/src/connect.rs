//! Opening a connection.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::{BaseUrl, Error, Stage};
use concur_oauth_shared::{Call, Deadline, Lookup, candidates, io_error, server_name};
use rustls::{ClientConfig, ClientConnection};

use crate::connection::Connection;
use crate::deadline;
use crate::socket::Socket;

/// `connect_timeout` refuses a time-out of zero.
const MIN_SHARE: Duration = Duration::from_millis(1);

/// Opens a connection over which a call may be sent at once.
pub(crate) fn connect(
    call: &Call,
    tls: &Arc<ClientConfig>,
    deadline: &Deadline,
) -> Result<Connection, Error> {
    let base_url = call.base_url();
    let mut socket = Socket::new(connect_tcp(base_url, deadline)?);
    if !base_url.is_https() {
        return Ok(Connection::Plain(socket));
    }
    let session = ClientConnection::new(Arc::clone(tls), server_name(base_url)?);
    let mut session =
        session.map_err(|error| io_error(Stage::Handshake, std::io::Error::other(error)))?;
    // To the end, before any of the request is written: rustls would keep a copy of it until then.
    while session.is_handshaking() || session.wants_write() {
        session
            .complete_io(&mut socket.until(deadline))
            .map_err(|error| deadline::name(deadline, Stage::Handshake, error))?;
    }
    let session = Box::new(session);
    Ok(Connection::Tls { socket, session })
}

fn connect_tcp(base_url: &BaseUrl, deadline: &Deadline) -> Result<TcpStream, Error> {
    let late = || deadline.timeout(Stage::Lookup);
    let left = deadline::left(deadline).map_err(|_| late())?;
    let addresses = Lookup::start(base_url)?.wait(left)?.ok_or_else(late)?;
    let mut last = deadline.timeout(Stage::Connect);
    for (address, share) in candidates(base_url, addresses.into_iter())? {
        let connected = deadline::left(deadline)
            .and_then(|left| TcpStream::connect_timeout(&address, (left / share).max(MIN_SHARE)))
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) => last = deadline::name(deadline, Stage::Connect, error),
        }
    }
    Err(last)
}
