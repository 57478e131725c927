//! An open connection, with TLS or without.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use rustls::ClientConnection;

use crate::socket::{Socket, Timed};
use concur_oauth_shared::Deadline;

#[derive(Debug)]
pub(crate) enum Connection {
    Plain(Socket),
    Tls {
        socket: Socket,
        session: Box<ClientConnection>,
    },
}

impl Connection {
    pub(crate) fn write_all(&mut self, mut bytes: &[u8], deadline: &Deadline) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.until(deadline).write_all(bytes),
            Self::Tls { socket, session } => {
                let mut socket = socket.until(deadline);
                while !bytes.is_empty() {
                    let taken = session.writer().write(bytes)?;
                    bytes = bytes.get(taken..).unwrap_or_default();
                    flush(session, &mut socket)?;
                }
                Ok(())
            }
        }
    }

    /// Reads some bytes, or none at an end that the peer announced. Over TLS, a connection that ends
    /// without `close_notify` is an error, because an attacker can cut a connection.
    pub(crate) fn read(&mut self, buffer: &mut [u8], deadline: &Deadline) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.until(deadline).read(buffer),
            Self::Tls { socket, session } => {
                let mut socket = socket.until(deadline);
                loop {
                    match session.reader().read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        result => return result,
                    }
                    session.read_tls(&mut socket)?;
                    session.process_new_packets().map_err(io::Error::other)?;
                    // A key update needs a reply.
                    flush(session, &mut socket)?;
                }
            }
        }
    }

    /// Returns whether this idle connection can be reused: nothing has come since the last
    /// response, and the peer has not closed. TLS messages that carry no data may have come.
    pub(crate) fn is_usable(&mut self) -> bool {
        let quiet = match self {
            Self::Plain(socket) => {
                socket.without_waiting(|stream| Ok(would_block(&stream.read(&mut [0]))))
            }
            Self::Tls { socket, session } => {
                socket.without_waiting(|stream| quiet_tls(stream, session))
            }
        };
        quiet.unwrap_or(false)
    }
}

impl Drop for Connection {
    /// Sends `close_notify` (RFC 8446 section 6.1), if that needs no waiting.
    fn drop(&mut self) {
        if let Self::Tls { socket, session } = self {
            session.send_close_notify();
            let _ = socket.without_waiting(|stream| session.write_tls(&mut Unvectored(stream)));
        }
    }
}

/// A socket that is written by `write` alone: `write_vectored` can raise SIGPIPE where the peer has
/// closed, which not every process ignores.
struct Unvectored<'a>(&'a mut TcpStream);

impl Write for Unvectored<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn quiet_tls(stream: &mut TcpStream, session: &mut ClientConnection) -> io::Result<bool> {
    // A server sends a few session tickets after a handshake, and then nothing.
    for _ in 0..16 {
        let state = session.process_new_packets().map_err(io::Error::other)?;
        if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
            return Ok(false);
        }
        let received = session.read_tls(stream);
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

fn flush(session: &mut ClientConnection, socket: &mut Timed<'_>) -> io::Result<()> {
    while session.wants_write() {
        if session.write_tls(socket)? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}
