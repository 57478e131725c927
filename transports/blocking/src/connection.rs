//! An open connection, with TLS or without.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use rustls::ClientConnection;

use crate::deadline::{Deadline, Timed};

#[derive(Debug)]
pub(crate) enum Connection {
    Plain(TcpStream),
    Tls {
        stream: TcpStream,
        session: Box<ClientConnection>,
    },
}

impl Connection {
    pub(crate) fn write_all(&mut self, mut bytes: &[u8], deadline: &Deadline) -> io::Result<()> {
        match self {
            Self::Plain(stream) => Timed { stream, deadline }.write_all(bytes),
            Self::Tls { stream, session } => {
                let mut socket = Timed { stream, deadline };
                while !bytes.is_empty() {
                    let taken = session.writer().write(bytes)?;
                    bytes = bytes.get(taken..).unwrap_or_default();
                    flush(session, &mut socket)?;
                }
                Ok(())
            }
        }
    }

    /// Reads some bytes; 0 at an end that the peer announced. Over TLS, a connection that ends
    /// without `close_notify` is an error: whoever is in the way can cut a connection.
    pub(crate) fn read(&mut self, buffer: &mut [u8], deadline: &Deadline) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => Timed { stream, deadline }.read(buffer),
            Self::Tls { stream, session } => {
                let mut socket = Timed { stream, deadline };
                loop {
                    match session.reader().read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        result => return result,
                    }
                    session.read_tls(&mut socket)?;
                    session.process_new_packets().map_err(io::Error::other)?;
                    // A key update wants an answer.
                    flush(session, &mut socket)?;
                }
            }
        }
    }

    /// Whether another exchange can go over this idle connection: nothing has come since the last
    /// answer, and the peer has not closed. TLS messages that carry no data may have come.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.quiet().unwrap_or(false)
    }

    fn quiet(&mut self) -> io::Result<bool> {
        match self {
            Self::Plain(stream) => {
                stream.set_nonblocking(true)?;
                let quiet = would_block(&(&*stream).read(&mut [0]));
                stream.set_nonblocking(false)?;
                Ok(quiet)
            }
            Self::Tls { stream, session } => {
                let state = session.process_new_packets().map_err(io::Error::other)?;
                if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
                    return Ok(false);
                }
                stream.set_nonblocking(true)?;
                let quiet = quiet_tls(stream, session)?;
                stream.set_nonblocking(false)?;
                Ok(quiet && !session.wants_write())
            }
        }
    }
}

fn quiet_tls(mut stream: &TcpStream, session: &mut ClientConnection) -> io::Result<bool> {
    // A server sends a few session tickets after a handshake, and then nothing.
    for _ in 0..16 {
        let received = session.read_tls(&mut stream);
        if would_block(&received) {
            return Ok(true);
        }
        if received? == 0 {
            return Ok(false);
        }
        let state = session.process_new_packets().map_err(io::Error::other)?;
        if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() {
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
