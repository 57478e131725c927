//! Opening a connection.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::transport::proxy::Tunnel;
use concur_oauth_core::{Error, Stage};
use concur_oauth_shared::{Call, Deadline, Lookup, Route, Settings};
use rustls::ClientConfig;

use crate::connection::{Connection, PIECE};
use crate::deadline;
use crate::socket::Socket;

/// `connect_timeout` refuses a time-out of zero.
const MIN_SHARE: Duration = Duration::from_millis(1);

/// What opens connections.
#[derive(Debug)]
pub(crate) struct Connector {
    tls: Arc<ClientConfig>,
    proxy_tls: Arc<ClientConfig>,
}

impl Connector {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            tls: Arc::new(settings.tls(&[b"http/1.1"])),
            proxy_tls: Arc::new(settings.proxy_tls()),
        }
    }

    /// Opens a connection over which a call may be sent at once.
    pub(crate) fn connect(
        &self,
        call: &Call,
        settings: &Settings,
        deadline: &Deadline,
    ) -> Result<Connection, Error> {
        let base_url = call.base_url();
        let route = settings.route(base_url);
        let mut connection = Connection::Plain(Socket::new(connect_tcp(&route, deadline)?));
        if let Some(proxy) = route.proxy() {
            if proxy.is_https() {
                connection = connection
                    .secure(&self.proxy_tls, proxy.host(), deadline)
                    .map_err(|error| name(&route, deadline, Stage::Proxy, error))?;
            }
            let tunnel = settings.tunnel(proxy, base_url);
            open_tunnel(&mut connection, tunnel, &route, deadline)?;
        }
        if !base_url.is_https() {
            return Ok(connection);
        }
        connection
            .secure(&self.tls, base_url.host(), deadline)
            .map_err(|error| route.attribute(deadline::name(deadline, Stage::Handshake, error)))
    }
}

fn connect_tcp(route: &Route<'_>, deadline: &Deadline) -> Result<TcpStream, Error> {
    let failed = |error| name(route, deadline, Stage::Lookup, error);
    let late = || deadline.timeout(route.stage(Stage::Lookup));
    let left = deadline::left(deadline).map_err(|_| late())?;
    let lookup = Lookup::start(route.host(), route.port()).map_err(failed)?;
    let addresses = lookup.wait(left).map_err(failed)?.ok_or_else(late)?;
    let mut last = deadline.timeout(route.stage(Stage::Connect));
    for (address, share) in route.candidates(addresses.into_iter())? {
        let connected = deadline::left(deadline)
            .and_then(|left| TcpStream::connect_timeout(&address, (left / share).max(MIN_SHARE)))
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) => last = name(route, deadline, Stage::Connect, error),
        }
    }
    Err(last)
}

/// Has a proxy open a tunnel over a connection to it.
fn open_tunnel(
    connection: &mut Connection,
    mut tunnel: Tunnel<'_>,
    route: &Route<'_>,
    deadline: &Deadline,
) -> Result<(), Error> {
    let failed = |error| name(route, deadline, Stage::Proxy, error);
    connection
        .write_all(tunnel.request(), deadline)
        .map_err(failed)?;
    let mut piece = [0; PIECE];
    loop {
        let length = connection.read(&mut piece, deadline).map_err(failed)?;
        if tunnel.receive(piece.get(..length).unwrap_or_default())? {
            return Ok(());
        }
    }
}

/// Names a failure before there is a connection to the host.
fn name(route: &Route<'_>, deadline: &Deadline, direct: Stage, error: std::io::Error) -> Error {
    route.attribute(deadline::name(deadline, route.stage(direct), error))
}
