//! An open connection, with TLS or without.

use std::io::{self, Read, Write};
use std::sync::Arc;

use concur_oauth_shared::{Deadline, server_name};
use rustls::{ClientConfig, ClientConnection};

use crate::socket::{Socket, Wait};

/// How much is read from a connection at a time, in bytes. The response with a token fits.
pub(crate) const PIECE: usize = 2048;

#[derive(Debug)]
pub(crate) enum Connection {
    Plain(Socket),
    /// TLS over another connection. With an https proxy, that has TLS too.
    Tls {
        over: Box<Connection>,
        session: Box<ClientConnection>,
    },
}

impl Connection {
    /// Begins TLS over this connection.
    pub(crate) fn secure(
        self,
        tls: &Arc<ClientConfig>,
        host: &str,
        deadline: &Deadline,
    ) -> io::Result<Self> {
        let session = ClientConnection::new(Arc::clone(tls), server_name(host)?);
        let mut session = Box::new(session.map_err(io::Error::other)?);
        let mut over = Box::new(self);
        let mut io = over.io(Wait::Until(deadline));
        // To the end, before any of the request is written: rustls would keep a copy of it until then.
        while session.is_handshaking() || session.wants_write() {
            session.complete_io(&mut io)?;
        }
        Ok(Self::Tls { over, session })
    }

    pub(crate) fn write_all(&mut self, bytes: &[u8], deadline: &Deadline) -> io::Result<()> {
        self.io(Wait::Until(deadline)).write_all(bytes)
    }

    /// Reads some bytes, or none at an end that the peer announced. Over TLS, a connection that ends
    /// without `close_notify` is an error, because an attacker can cut a connection.
    pub(crate) fn read(&mut self, buffer: &mut [u8], deadline: &Deadline) -> io::Result<usize> {
        self.io(Wait::Until(deadline)).read(buffer)
    }

    /// Returns whether this idle connection can be reused: nothing has come since the last
    /// response, and the peer has not closed. TLS messages that carry no data may have come.
    pub(crate) fn is_usable(&mut self) -> bool {
        let quiet = match self {
            Self::Plain(_) => {
                self.without_waiting(|plain| Ok(would_block(&plain.io(Wait::No).read(&mut [0]))))
            }
            Self::Tls { over, session } => {
                over.without_waiting(|over| quiet_tls(&mut over.io(Wait::No), session))
            }
        };
        quiet.unwrap_or(false)
    }

    /// Uses the connection while its socket is in non-blocking mode.
    fn without_waiting<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> io::Result<T> {
        self.socket().set_nonblocking(true)?;
        let result = work(self);
        self.socket().set_nonblocking(false)?;
        result
    }

    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls { over, .. } => over.socket(),
        }
    }

    /// Returns the connection for reads and writes that wait so long.
    fn io<'a>(&'a mut self, wait: Wait<'a>) -> Io<'a> {
        Io {
            connection: self,
            wait,
        }
    }
}

impl Drop for Connection {
    /// Sends `close_notify` (RFC 8446 section 6.1), if that needs no waiting.
    fn drop(&mut self) {
        if let Self::Tls { over, session } = self {
            session.send_close_notify();
            let _ = over.without_waiting(|over| flush(session, &mut over.io(Wait::No)));
        }
    }
}

/// A connection whose reads and writes wait so long. It is written by `write` alone: `write_vectored` can raise SIGPIPE
/// where the peer has closed, which not every process ignores.
struct Io<'a> {
    connection: &'a mut Connection,
    wait: Wait<'a>,
}

impl Read for Io<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.connection {
            Connection::Plain(socket) => socket.read(buffer, self.wait),
            Connection::Tls { over, session } => {
                let mut io = over.io(self.wait);
                loop {
                    match session.reader().read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        result => return result,
                    }
                    session.read_tls(&mut io)?;
                    session.process_new_packets().map_err(io::Error::other)?;
                    // A key update needs a reply.
                    flush(session, &mut io)?;
                }
            }
        }
    }
}

impl Write for Io<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.connection {
            Connection::Plain(socket) => socket.write(buffer, self.wait),
            Connection::Tls { over, session } => {
                let taken = session.writer().write(buffer)?;
                flush(session, &mut over.io(self.wait))?;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn quiet_tls(over: &mut Io<'_>, session: &mut ClientConnection) -> io::Result<bool> {
    // A server sends a few session tickets after a handshake, and then nothing.
    for _ in 0..16 {
        let state = session.process_new_packets().map_err(io::Error::other)?;
        if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
            return Ok(false);
        }
        let received = session.read_tls(over);
        if would_block(&received) {
            return Ok(!session.wants_write());
        }
        if received? == 0 {
            return Ok(false);
        }
    }
    Ok(false)
}

fn would_block(result: &io::Result<usize>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn flush(session: &mut ClientConnection, over: &mut Io<'_>) -> io::Result<()> {
    while session.wants_write() {
        if session.write_tls(over)? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}
