//! The pool of idle connections.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use concur_oauth_core::BaseUrl;

/// A pool of idle connections of any kind, bounded in number and in time.
///
/// Dropping it drops the connections.
pub struct Pool<C> {
    idle: Mutex<Vec<Idle<C>>>,
    max_idle: usize,
    idle_timeout: Duration,
}

struct Idle<C> {
    base_url: BaseUrl,
    connection: C,
    since: Instant,
}

impl<C> Pool<C> {
    /// Creates a pool that keeps this many connections, to all base URLs together, for this long.
    #[must_use]
    pub fn new(max_idle: usize, idle_timeout: Duration) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            max_idle,
            idle_timeout,
        }
    }

    /// Takes the connection to `base_url` that was used last. The caller checks that it still works,
    /// and takes another if not.
    pub fn take(&self, base_url: &BaseUrl) -> Option<C> {
        let mut idle = self.lock();
        idle.retain(|idle| idle.since.elapsed() < self.idle_timeout);
        let at = idle.iter().rposition(|idle| idle.base_url == *base_url)?;
        Some(idle.remove(at).connection)
    }

    /// Keeps a connection. The one that has been idle longest makes room.
    pub fn put(&self, base_url: &BaseUrl, connection: C) {
        if self.max_idle == 0 {
            return;
        }
        let kept = Idle {
            base_url: base_url.clone(),
            connection,
            since: Instant::now(),
        };
        let mut idle = self.lock();
        let oldest = (idle.len() >= self.max_idle).then(|| idle.remove(0));
        idle.push(kept);
        drop(idle);
        drop(oldest);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
