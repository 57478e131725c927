//! One deadline for a whole exchange.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use concur_oauth_core::transport::{Error, Stage};

use crate::runtime::{Sleep, sleep};

pub(crate) struct Deadline {
    timer: Sleep,
    at: Instant,
    after: Duration,
}

impl Deadline {
    /// A deadline this long from now.
    pub(crate) fn after(after: Duration) -> Self {
        Self {
            timer: sleep(after),
            at: Instant::now() + after,
            after,
        }
    }

    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    pub(crate) fn timeout(&self, stage: Stage) -> Error {
        Error::Timeout {
            stage,
            after: self.after,
        }
    }

    /// Awaits one stage of the exchange, no longer than the deadline.
    pub(crate) async fn within<T>(
        &mut self,
        stage: Stage,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let ended = either(work, &mut self.timer).await;
        ended.ok_or_else(|| self.timeout(stage))
    }
}

/// Awaits something, no longer than a timer lasts.
pub(crate) async fn either<T>(work: impl Future<Output = T>, timer: &mut Sleep) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        Poll::Ready(output) => Poll::Ready(Some(output)),
    })
    .await
}
