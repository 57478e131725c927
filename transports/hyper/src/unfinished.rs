//! What becomes of a connection whose exchange has no end.

use concur_oauth_shared::hyper::{Abort, Body};
use http::{Extensions, Request};
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use tokio::time::Instant;

use crate::call::Call;

/// An exchange under way. Dropped before it is finished, it ends its connection; or, over HTTP/2, where
/// others share it, keeps it from being used again if the deadline passed: it may be dead.
pub(crate) struct Unfinished<'a> {
    connection: Option<CaptureConnection>,
    call: &'a Call,
}

impl<'a> Unfinished<'a> {
    pub(crate) fn new(request: &mut Request<Body>, call: &'a Call) -> Self {
        let connection = Some(capture_connection(request));
        Self { connection, call }
    }

    /// Whether it was given a connection, over which it may have been sent.
    pub(crate) fn has_connection(&self) -> bool {
        let connection = self.connection.as_ref();
        connection.is_some_and(|connection| connection.connection_metadata().is_some())
    }

    pub(crate) fn finish(mut self) {
        self.connection = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if let Some(connected) = &*connection.connection_metadata() {
            let mut extras = Extensions::new();
            connected.get_extras(&mut extras);
            if let Some(abort) = extras.get::<Abort>() {
                abort.abort();
            }
            if Instant::now() >= self.call.deadline {
                connected.poison();
            }
        }
    }
}
