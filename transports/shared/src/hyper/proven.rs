//! Whether an HTTP/2 connection has carried an exchange.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether an HTTP/2 connection has carried an exchange. If it then breaks, that is its age, and not
/// a server that breaks every connection.
#[derive(Debug, Clone, Default)]
pub struct Proven(Arc<AtomicBool>);

impl Proven {
    /// What a response says of the connection that it came over.
    pub fn of<B>(response: &http::Response<B>) -> Option<&Self> {
        response.extensions().get()
    }

    /// It has.
    pub fn set(&self) {
        self.0.store(true, Relaxed);
    }

    /// Whether it has.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Relaxed)
    }
}
