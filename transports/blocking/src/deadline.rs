//! The deadline of an exchange, for calls of `std`.

use std::io;
use std::time::Duration;

use concur_oauth_core::{Error, Stage};
use concur_oauth_shared::{Deadline, io_error};

/// Returns how much time is left, never zero, which `std` would refuse.
pub(crate) fn left(deadline: &Deadline) -> io::Result<Duration> {
    match deadline.left() {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Names a failure at this stage: TLS, the deadline, or a broken connection.
pub(crate) fn name(deadline: &Deadline, stage: Stage, error: io::Error) -> Error {
    let waited = matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    );
    // The system also gives up on a silent peer by itself, which can be sooner.
    if waited && deadline.left().is_zero() {
        deadline.timeout(stage)
    } else {
        io_error(stage, error)
    }
}
