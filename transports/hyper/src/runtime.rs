//! What the tokio runtime must have, checked without a panic.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use concur_oauth_core::Error;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep};

/// Returns a timer, or an error that says what the runtime lacks.
pub(crate) fn sleep_until(deadline: Instant) -> Result<Sleep, Error> {
    if Handle::try_current().is_err() {
        return Err(missing("this is not polled inside a tokio runtime"));
    }
    // Tokio offers no check: without its time driver, this panics.
    catch_unwind(|| tokio::time::sleep_until(deadline))
        .map_err(|_| missing("the tokio runtime has no timer: build it with `enable_all`"))
}

/// Awaits what opens a socket, which panics where the runtime has no I/O driver.
pub(crate) async fn io<T>(
    work: impl Future<Output = io::Result<T>>,
) -> Result<io::Result<T>, Error> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))).map_or_else(
            |_| {
                Err(missing(
                    "the tokio runtime has no I/O: build it with `enable_all`",
                ))
                .into()
            },
            |polled| polled.map(Ok),
        )
    })
    .await
}

fn missing(what: &'static str) -> Error {
    Error::Unsupported(what.into())
}
