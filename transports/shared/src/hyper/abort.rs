//! An end to a connection whose peer never reads.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Ends an HTTP/1.1 connection: what it still waits to write fails. Hyper would wait for ever, and keep
/// its task and the socket, where the peer does not read what nobody wants sent any more.
#[derive(Debug, Clone, Default)]
pub struct Abort(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    aborted: bool,
    waiting: Option<Waker>,
}

impl Abort {
    /// Ends the connection.
    pub fn abort(&self) {
        let mut state = self.state();
        state.aborted = true;
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Waits to be told. Never ready with success.
    pub(super) fn poll<T>(&self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let mut state = self.state();
        if state.aborted {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
