//! How far an exchange has come.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use concur_oauth_core::{Error, Stage};
use concur_oauth_shared::Deadline;
use http::{Extensions, Request};
use hyper_util::client::legacy::connect::{
    CaptureConnection, Connected, HttpInfo, capture_connection,
};

tokio::task_local! {
    /// The exchange that this task carries: hyper's pool tells a connector where to connect, and not
    /// for which exchange.
    pub(crate) static PROGRESS: Arc<Progress>;
}

/// The progress of one exchange: what its connector reports, and the connection that the pool gave it.
pub(crate) struct Progress {
    pub(crate) deadline: Deadline,
    state: Mutex<State>,
}

struct State {
    /// The stage of the connector. It does not count once there is a connection.
    connecting: Stage,
    connect_error: Option<Error>,
    connection: Option<CaptureConnection>,
    /// An earlier attempt had a connection, over which the request may have been sent.
    is_second: bool,
}

impl Progress {
    /// Begins an exchange that must end by this deadline.
    pub(crate) fn begin(deadline: Deadline) -> Arc<Self> {
        Arc::new(Self {
            deadline,
            state: Mutex::new(State {
                connecting: Stage::Connect,
                connect_error: None,
                connection: None,
                is_second: false,
            }),
        })
    }

    /// Begins an attempt to send this request.
    pub(crate) fn attempt<B>(&self, request: &mut Request<B>) {
        let mut state = self.state();
        state.is_second = state.connection.is_some();
        state.connection = Some(capture_connection(request));
    }

    /// Returns the error of the deadline, which has passed. Exchanges of HTTP/2 share a connection: it may be dead,
    /// and takes no further exchange.
    pub(crate) fn end(&self) -> Error {
        let has_connection = self.with_connection(Connected::poison).is_some();
        if has_connection || self.state().is_second {
            return self.deadline.timeout(Stage::Receive);
        }
        self.connect_timeout()
    }

    /// Returns the error of a connector that took too long.
    pub(crate) fn connect_timeout(&self) -> Error {
        self.deadline.timeout(self.state().connecting)
    }

    pub(crate) fn connecting(&self, stage: Stage) {
        self.state().connecting = stage;
    }

    /// Leaves why there is no connection. Hyper's own error would only lend it.
    pub(crate) fn leave(&self, error: Error) {
        self.state().connect_error = Some(error);
    }

    pub(crate) fn take_connect_error(&self) -> Option<Error> {
        self.state().connect_error.take()
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.with_connection(Connected::is_negotiated_h2) == Some(true)
    }

    /// Returns the addresses of both ends of the connection, which are different for each that is open.
    pub(crate) fn connection_id(&self) -> Option<(SocketAddr, SocketAddr)> {
        self.with_connection(|connected| {
            let mut extensions = Extensions::new();
            connected.get_extras(&mut extensions);
            let info = extensions.get::<HttpInfo>()?;
            Some((info.local_addr(), info.remote_addr()))
        })?
    }

    fn with_connection<T>(&self, read: impl FnOnce(&Connected) -> T) -> Option<T> {
        let state = self.state();
        let connection = state.connection.as_ref()?;
        connection.connection_metadata().as_ref().map(read)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn deadline_in_a_second_attempt_may_have_reached_concur() {
        let progress = Progress::begin(Deadline::after(Duration::ZERO));
        progress.attempt(&mut Request::new(()));
        assert!(!progress.end().may_have_reached_concur());
        progress.attempt(&mut Request::new(()));
        assert!(progress.end().may_have_reached_concur());
    }
}
