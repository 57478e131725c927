//! Name lookup that does not outlive the deadline.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;

use concur_oauth_core::InstanceUrl;
use concur_oauth_core::transport::{Error, Stage};

use crate::deadline::Deadline;

/// More than a busy client has under way, and few enough to have as threads.
const MAX_RUNNING: usize = 256;

/// The addresses of an instance, in the resolver's order.
pub(crate) fn lookup(
    instance: &InstanceUrl,
    deadline: &Deadline,
) -> Result<Vec<SocketAddr>, Error> {
    let port = instance.port();
    if let Ok(address) = instance.host().parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    let host = instance.host().to_owned();
    resolve_within(deadline, move || {
        Ok((host.as_str(), port).to_socket_addrs()?.collect())
    })
}

/// Runs a resolver on a thread of its own, because the system's cannot be interrupted.
fn resolve_within(
    deadline: &Deadline,
    resolve: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
) -> Result<Vec<SocketAddr>, Error> {
    let running = Running::begin(&RUNNING)
        .ok_or_else(|| failed(io::Error::other("too many name lookups are under way")))?;
    let (sender, receiver) = sync_channel(1);
    let left = deadline
        .left()
        .map_err(|_| deadline.timeout(Stage::Lookup))?;
    thread::Builder::new()
        .name("concur-oauth-lookup".to_owned())
        // The send fails when the deadline has passed, and nobody wants the addresses any more.
        .spawn(move || {
            let _running = running;
            sender.send(resolve()).ok()
        })
        .map_err(failed)?;
    match receiver.recv_timeout(left) {
        Ok(result) => result.map_err(failed),
        Err(RecvTimeoutError::Timeout) => Err(deadline.timeout(Stage::Lookup)),
        Err(RecvTimeoutError::Disconnected) => Err(failed(io::Error::other(
            "the name lookup ended without a result",
        ))),
    }
}

/// One of the lookups that run now. One that hangs counts until the system's resolver gives it up.
struct Running(&'static AtomicUsize);

/// Of this process.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

impl Running {
    fn begin(counter: &'static AtomicUsize) -> Option<Self> {
        let one_more = |running| (running < MAX_RUNNING).then_some(running + 1);
        counter.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(Self(counter))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// A resolver's own time-out is a failed lookup too: the deadline has not passed.
fn failed(error: io::Error) -> Error {
    Error::Unreachable {
        stage: Stage::Lookup,
        source: error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_lookup_that_hangs_does_not_outlive_the_deadline() {
        let start = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(50));
        let error = resolve_within(&deadline, || {
            thread::sleep(Duration::from_secs(5));
            Ok(Vec::new())
        })
        .unwrap_err();
        assert!(matches!(
            error,
            Error::Timeout {
                stage: Stage::Lookup,
                ..
            }
        ));
        assert!(!error.may_have_reached_concur());
        assert!(start.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn lookups_are_counted_while_they_run() {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let running: Vec<_> = std::iter::from_fn(|| Running::begin(&COUNTER)).collect();
        assert_eq!(running.len(), MAX_RUNNING);
        drop(running);
        assert!(Running::begin(&COUNTER).is_some());
    }

    #[test]
    fn a_lookup_that_panics_or_fails_is_an_error() {
        let deadline = Deadline::after(Duration::from_secs(5));
        for resolve in [
            || Err(io::ErrorKind::TimedOut.into()),
            || panic!("a resolver of the system that panics"),
        ] {
            let error = resolve_within(&deadline, resolve).unwrap_err();
            assert!(matches!(
                error,
                Error::Unreachable {
                    stage: Stage::Lookup,
                    ..
                }
            ));
        }
    }
}
