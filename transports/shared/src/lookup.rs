//! Name lookup that can be waited for with a deadline.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// How many lookups run at once in a process. More than a busy client needs, and few enough to be threads.
const MAX_RUNNING: usize = 256;

/// The lookups that run in this process. One that hangs counts until the system's resolver gives up.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

type Addresses = io::Result<Vec<SocketAddr>>;

/// A name lookup on a thread of its own, because the system's resolver cannot be interrupted.
///
/// It can be [waited](Self::wait) for, or awaited. Dropping it leaves the thread to end by itself.
#[derive(Debug)]
pub struct Lookup {
    addresses: Receiver<Addresses>,
    waker: Arc<Mutex<Option<Waker>>>,
}

impl Lookup {
    /// Starts to look up the addresses of a host, in the resolver's order. An address literal needs no thread.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where too many lookups are running, or no thread can be started.
    pub fn start(host: &str, port: u16) -> io::Result<Self> {
        if let Ok(address) = host.parse::<IpAddr>() {
            let (sender, addresses) = sync_channel(1);
            // The channel has room, and its receiver is here.
            let _ = sender.send(Ok(vec![(address, port).into()]));
            let waker = Arc::default();
            return Ok(Self { addresses, waker });
        }
        let host = host.to_owned();
        Self::run(&RUNNING, move || {
            Ok((host.as_str(), port).to_socket_addrs()?.collect())
        })
    }

    fn run(
        running: &'static AtomicUsize,
        resolve: impl FnOnce() -> Addresses + Send + 'static,
    ) -> io::Result<Self> {
        let running = Running::begin(running)
            .ok_or_else(|| io::Error::other("too many name lookups are running"))?;
        let (sender, addresses) = sync_channel(1);
        let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
        let shared = Arc::clone(&waker);
        let work = move || {
            let _running = running;
            let addresses = catch_unwind(AssertUnwindSafe(resolve));
            let ended = |_| Err(io::Error::other("the name lookup ended without a result"));
            // Sending fails where the deadline has passed and the receiver is gone.
            let _ = sender.send(addresses.unwrap_or_else(ended));
            let waker = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        let thread = thread::Builder::new().name("concur-oauth-lookup".to_owned());
        thread.spawn(work)?;
        Ok(Self { addresses, waker })
    }

    /// Blocks until the addresses are known, at most this long. `None` where they are not known by then.
    ///
    /// # Errors
    ///
    /// [`io::Error`] where the lookup failed.
    pub fn wait(self, timeout: Duration) -> io::Result<Option<Vec<SocketAddr>>> {
        self.addresses.recv_timeout(timeout).ok().transpose()
    }
}

impl Future for Lookup {
    type Output = Addresses;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Before the look at the channel: the thread sends before it wakes.
        let mut waker = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        *waker = Some(cx.waker().clone());
        match self.addresses.try_recv() {
            Ok(addresses) => Poll::Ready(addresses),
            Err(_) => Poll::Pending,
        }
    }
}

/// One of the lookups that run.
#[derive(Debug)]
struct Running(&'static AtomicUsize);

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    static COUNTER: AtomicUsize = AtomicUsize::new(0);

    #[test]
    fn lookup_that_hangs_ends_at_the_timeout() {
        let start = Instant::now();
        let lookup = Lookup::run(&COUNTER, || {
            thread::sleep(Duration::from_secs(5));
            Ok(Vec::new())
        });
        let addresses = lookup.unwrap().wait(Duration::from_millis(50)).unwrap();
        assert!(addresses.is_none());
        assert!(start.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn running_lookups_are_bounded() {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let running: Vec<_> = std::iter::from_fn(|| Running::begin(&COUNTER)).collect();
        assert_eq!(running.len(), MAX_RUNNING);
        drop(running);
        assert!(Running::begin(&COUNTER).is_some());
    }

    #[test]
    fn lookup_that_fails_or_panics_is_an_error() {
        for resolve in [
            || Err(io::ErrorKind::TimedOut.into()),
            || panic!("a resolver of the system that panics"),
        ] {
            let lookup = Lookup::run(&COUNTER, resolve).unwrap();
            assert!(lookup.wait(Duration::from_secs(5)).is_err());
        }
    }

    #[test]
    fn awaited_lookup_wakes_its_task() {
        struct Unpark(thread::Thread);
        impl std::task::Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let mut lookup = Lookup::run(&COUNTER, || {
            thread::sleep(Duration::from_millis(20));
            Ok(vec![([127, 0, 0, 1], 1).into()])
        })
        .unwrap();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let addresses = loop {
            match Pin::new(&mut lookup).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(addresses) => break addresses.unwrap(),
                Poll::Pending => thread::park_timeout(Duration::from_secs(5)),
            }
        };
        assert_eq!(addresses, [([127, 0, 0, 1], 1).into()]);
    }
}
