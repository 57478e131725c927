//! What the connector knows of the exchange that it connects for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use concur_oauth_core::transport::{Error, Stage};
use tokio::time::Instant;

tokio::task_local! {
    /// The exchange that this task carries: hyper's pool tells a connector where to connect, and not
    /// for whom.
    pub(crate) static CALL: Arc<Call>;
}

/// One exchange, while it is under way.
pub(crate) struct Call {
    pub(crate) deadline: Instant,
    after: Duration,
    progress: Mutex<Progress>,
}

struct Progress {
    stage: Stage,
    failure: Option<Error>,
}

impl Call {
    /// An exchange that must end this long from now.
    pub(crate) fn begin(after: Duration) -> Arc<Self> {
        Arc::new(Self {
            deadline: Instant::now() + after,
            after,
            progress: Mutex::new(Progress {
                stage: Stage::Connect,
                failure: None,
            }),
        })
    }

    pub(crate) fn timeout(&self, stage: Stage) -> Error {
        let after = self.after;
        Error::Timeout { stage, after }
    }

    pub(crate) fn stage(&self) -> Stage {
        self.progress().stage
    }

    /// Once the request may have been sent, nothing unsays that.
    pub(crate) fn reach(&self, stage: Stage) {
        let mut progress = self.progress();
        if !progress.stage.may_have_reached_concur() {
            progress.stage = stage;
        }
    }

    /// Leaves here why there is no connection: hyper's own error would only lend it.
    pub(crate) fn leave(&self, failure: Error) {
        self.progress().failure = Some(failure);
    }

    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.progress().failure.take()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
