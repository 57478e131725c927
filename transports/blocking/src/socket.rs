//! A socket whose reads and writes end by a deadline.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use concur_oauth_shared::Deadline;

use crate::deadline::left;

/// A time-out that is armed for this much less than what is left is kept, which saves a system call.
const SLACK: Duration = Duration::from_secs(1);

/// The error of a socket's own time-out. On Unix, `TimedOut` means that the system gave up on the peer.
const TIMED_OUT: io::ErrorKind = if cfg!(windows) {
    io::ErrorKind::TimedOut
} else {
    io::ErrorKind::WouldBlock
};

#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    read_timeout: Option<Duration>,
    write_timeout: Option<Duration>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            read_timeout: None,
            write_timeout: None,
        }
    }

    pub(crate) fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.stream.set_nonblocking(nonblocking)
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8], wait: Wait<'_>) -> io::Result<usize> {
        let Wait::Until(deadline) = wait else {
            return self.stream.read(buffer);
        };
        let Self {
            stream,
            read_timeout,
            ..
        } = self;
        repeat_until(deadline, |left| {
            if must_arm(*read_timeout, left) {
                stream.set_read_timeout(Some(left))?;
                *read_timeout = Some(left);
            }
            stream.read(buffer)
        })
    }

    pub(crate) fn write(&mut self, buffer: &[u8], wait: Wait<'_>) -> io::Result<usize> {
        let Wait::Until(deadline) = wait else {
            return self.stream.write(buffer);
        };
        let Self {
            stream,
            write_timeout,
            ..
        } = self;
        repeat_until(deadline, |left| {
            if must_arm(*write_timeout, left) {
                stream.set_write_timeout(Some(left))?;
                *write_timeout = Some(left);
            }
            stream.write(buffer)
        })
    }
}

/// How long a read or write waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait<'a> {
    /// Until a deadline. A time-out that is armed once would give each dripped byte the whole time again, so it is armed
    /// anew whenever less is left.
    Until(&'a Deadline),
    /// Not at all, on a socket in non-blocking mode.
    No,
}

/// Returns whether the armed time-out is too long, or far too short.
fn must_arm(armed: Option<Duration>, left: Duration) -> bool {
    armed.is_none_or(|armed| armed > left || armed + SLACK < left)
}

/// Repeats what was interrupted by a signal, or by a time-out that was a little short, until the deadline.
fn repeat_until(
    deadline: &Deadline,
    mut io: impl FnMut(Duration) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        match io(left(deadline)?) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == TIMED_OUT => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::time::Instant;

    #[test]
    fn timeout_is_armed_anew_when_less_is_left_or_far_more() {
        let second = Duration::from_secs(1);
        assert!(must_arm(None, second));
        assert!(!must_arm(Some(second), second));
        assert!(!must_arm(Some(second), second * 2));
        assert!(must_arm(Some(second), second * 3));
        assert!(must_arm(Some(second * 2), second));
    }

    #[test]
    fn write_to_a_peer_that_never_reads_ends_at_the_deadline() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_peer, _) = listener.accept().unwrap();
        let mut socket = Socket::new(stream);
        let deadline = Deadline::after(Duration::from_millis(100));
        let much = vec![0; 64 << 20];
        let error = loop {
            if let Err(error) = socket.write(&much, Wait::Until(&deadline)) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn short_timeout_of_an_earlier_exchange_does_not_end_a_later_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut socket = Socket::new(stream);
        for millis in [50, 300] {
            let timeout = Duration::from_millis(millis);
            let start = Instant::now();
            let deadline = Deadline::after(timeout);
            let error = socket.read(&mut [0], Wait::Until(&deadline)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
        }
    }
}
