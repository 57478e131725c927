//! Which connections have carried a response.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::progress::Progress;

/// How many connections are remembered.
const CAPACITY: usize = 1024;

/// The connections that have carried a response. One of them that breaks was reused, and may have been closing. A
/// new one that breaks is the server's fault.
#[derive(Debug, Default)]
pub(crate) struct Carried(Mutex<VecDeque<(SocketAddr, SocketAddr)>>);

impl Carried {
    /// Removes a connection that was just opened: one that carried a response before had the same addresses.
    pub(crate) fn remove(&self, id: (SocketAddr, SocketAddr)) {
        self.lock().retain(|carried| *carried != id);
    }

    /// Inserts the connection of an exchange.
    pub(crate) fn insert(&self, progress: &Progress) {
        let Some(id) = progress.connection_id() else {
            return;
        };
        let mut carried = self.lock();
        if !carried.contains(&id) {
            if carried.len() == CAPACITY {
                carried.pop_front();
            }
            carried.push_back(id);
        }
    }

    /// Returns whether the connection of an exchange has carried a response before.
    pub(crate) fn contains(&self, progress: &Progress) -> bool {
        let id = progress.connection_id();
        id.is_some_and(|id| self.lock().contains(&id))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(SocketAddr, SocketAddr)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
