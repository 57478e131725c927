//! When a round stops before its last connection request.
//!
//! A failure can belong to one connection request, or repeat for every one. In the second case the round stops:
//! every further attempt could cost a user's request token.

use http::StatusCode;

use super::{Outcome, RoundError};
use crate::error::Error;
use crate::response::{BodyError, ResponseError};

/// How many exchanges may be refused in a row, though their request tokens had not expired. With a smaller
/// number, a few requests that are refused in every round would keep all others behind them from being reached.
const MAX_REFUSED: usize = 10;

/// How many request tokens in a row may have been spent in vain.
const MAX_SPENT: usize = 2;

/// How many reports in a row may fail.
const MAX_UNREPORTED: usize = 2;

/// Counts failures, and decides when the round stops.
#[derive(Debug, Default)]
pub(super) struct StopPolicy {
    refused: usize,
    spent: usize,
    unreported: usize,
    /// What ends the round, once the current connection request is finished.
    reason: Option<RoundError>,
    /// The caller asked the round to stop.
    requested: bool,
}

impl StopPolicy {
    /// Stops because the caller asked for it. That is no error.
    pub(super) fn request(&mut self) {
        self.requested = true;
    }

    /// Stops because of this error.
    pub(super) fn stop(&mut self, reason: RoundError) {
        self.reason = Some(reason);
    }

    /// Returns whether no further connection request may begin.
    pub(super) fn is_stopped(&self) -> bool {
        self.requested || self.reason.is_some()
    }

    /// Returns what the round ends in, once.
    pub(super) fn take_result(&mut self) -> Result<(), RoundError> {
        self.reason.take().map_or(Ok(()), Err)
    }

    /// A request token was exchanged.
    pub(super) fn exchanged(&mut self) {
        (self.spent, self.refused) = (0, 0);
    }

    /// A request token was not exchanged, and this outcome is reported of it, or none.
    pub(super) fn not_exchanged(&mut self, error: &Error, outcome: Option<Outcome>) {
        match outcome {
            None => self.refused = self.refused.saturating_add(1),
            Some(Outcome::NetworkError) => self.spent = self.spent.saturating_add(1),
            // Its time was over: that explains it.
            Some(_) => {}
        }
        if repeats_for_every_request(error)
            || self.spent >= MAX_SPENT
            || self.refused >= MAX_REFUSED
        {
            self.stop_after(error);
        }
    }

    /// An outcome was reported.
    pub(super) fn reported(&mut self) {
        self.unreported = 0;
    }

    /// An outcome could not be reported.
    pub(super) fn not_reported(&mut self, error: &Error) {
        self.unreported = self.unreported.saturating_add(1);
        if repeats_for_every_request(error)
            || refuses_administrator(error)
            || self.unreported >= MAX_UNREPORTED
        {
            self.stop_after(error);
        }
    }

    /// A token could not be revoked. Others would not be either, unless no request can carry this one.
    pub(super) fn not_revoked(&mut self, error: &Error) {
        if !matches!(error, Error::Input(_)) {
            self.stop_after(error);
        }
    }

    /// Stops after a failure. Of several waits the longest counts, and what must be corrected is longer than
    /// any.
    fn stop_after(&mut self, error: &Error) {
        let retry_after = match (&self.reason, error.retry_after()) {
            (Some(RoundError::Stopped { retry_after }), Some(new)) => {
                retry_after.map(|old| old.max(new))
            }
            (_, new) => new,
        };
        self.reason = Some(RoundError::Stopped { retry_after });
    }
}

/// Returns whether Concur said that it did not begin to process the request.
pub(super) fn was_not_processed(error: &Error) -> bool {
    const NOT_PROCESSED: [StatusCode; 4] = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_EARLY,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    match error {
        Error::Response(ResponseError::Unavailable(response)) => {
            NOT_PROCESSED.contains(&response.status())
        }
        _ => false,
    }
}

/// Returns whether a request may have been processed though it failed.
pub(super) fn may_have_been_processed(error: &Error) -> bool {
    // Another server than Concur responded, or Concur said no.
    let refused = matches!(
        error,
        Error::Response(ResponseError::Refused(_) | ResponseError::NotConcur { .. })
    );
    error.may_have_reached_concur() && !refused
}

/// Returns whether a failure would repeat for every other connection request.
fn repeats_for_every_request(error: &Error) -> bool {
    match error {
        Error::Response(
            ResponseError::Refused(_)
            | ResponseError::NotConcur { .. }
            | ResponseError::Unconfirmed(_),
        )
        | Error::Protocol(_)
        | Error::Interrupted { .. }
        // A value that cannot be sent is this connection request's own.
        | Error::Input(_) => false,
        // A fault of Concur's says nothing of other requests.
        Error::Response(ResponseError::Unavailable(_)) => was_not_processed(error),
        Error::Response(ResponseError::Unreadable { reason, .. }) => *reason == BodyError::Html,
        _ => true,
    }
}

/// Returns whether Concur refused the administrator.
fn refuses_administrator(error: &Error) -> bool {
    match error {
        Error::Response(ResponseError::Refused(response)) => {
            [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&response.status())
        }
        _ => false,
    }
}
