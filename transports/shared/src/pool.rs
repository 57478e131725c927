//! Connections that wait for another exchange.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use concur_oauth_core::InstanceUrl;

/// Connections of any kind that wait for another exchange: few, and not for long.
///
/// Dropping it drops them.
pub struct Pool<C> {
    idle: Mutex<Vec<Idle<C>>>,
    max_idle: usize,
    idle_timeout: Duration,
}

struct Idle<C> {
    instance: InstanceUrl,
    connection: C,
    since: Instant,
}

impl<C> Pool<C> {
    /// A pool that keeps this many connections, to all instances together, for this long.
    #[must_use]
    pub fn new(max_idle: usize, idle_timeout: Duration) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            max_idle,
            idle_timeout,
        }
    }

    /// Takes the connection to `instance` that was used last. The caller asks whether it still works,
    /// and for another if not.
    pub fn take(&self, instance: &InstanceUrl) -> Option<C> {
        let mut idle = self.lock();
        idle.retain(|idle| idle.since.elapsed() < self.idle_timeout);
        let at = idle.iter().rposition(|idle| idle.instance == *instance)?;
        Some(idle.remove(at).connection)
    }

    /// Keeps a connection; the one that has waited longest makes room.
    pub fn put(&self, instance: &InstanceUrl, connection: C) {
        if self.max_idle == 0 {
            return;
        }
        let kept = Idle {
            instance: instance.clone(),
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

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("idle", &self.lock().len())
            .finish_non_exhaustive()
    }
}
