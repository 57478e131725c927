//! Connections that wait for another exchange.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use concur_oauth_core::InstanceUrl;

use crate::connection::Connection;

#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
    max_idle: usize,
    idle_timeout: Duration,
}

#[derive(Debug)]
struct Idle {
    instance: InstanceUrl,
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(max_idle: usize, idle_timeout: Duration) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            max_idle,
            idle_timeout,
        }
    }

    /// Takes the connection to `instance` that was used last, if one still works.
    pub(crate) fn take(&self, instance: &InstanceUrl) -> Option<Connection> {
        loop {
            let mut connection = self.take_one(instance)?;
            // Outside the lock, because it asks the system.
            if connection.is_usable() {
                return Some(connection);
            }
        }
    }

    fn take_one(&self, instance: &InstanceUrl) -> Option<Connection> {
        let mut idle = self.lock();
        idle.retain(|idle| idle.since.elapsed() < self.idle_timeout);
        let at = idle.iter().rposition(|idle| idle.instance == *instance)?;
        Some(idle.remove(at).connection)
    }

    /// Keeps a connection; the one that has waited longest makes room.
    pub(crate) fn put(&self, instance: &InstanceUrl, connection: Connection) {
        if self.max_idle == 0 {
            return;
        }
        let mut idle = self.lock();
        if idle.len() >= self.max_idle {
            idle.remove(0);
        }
        idle.push(Idle {
            instance: instance.clone(),
            connection,
            since: Instant::now(),
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
