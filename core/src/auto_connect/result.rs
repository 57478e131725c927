//! The result of a connection request, and of a round.

use std::fmt;
use std::time::Duration;

use super::{ConnectionRequest, NextPageError, Outcome};
use crate::error::{Error, Report};
use crate::response::SHORT_RETRY_AFTER;
use crate::token::AccessToken;

/// The result of one connection request of a round.
#[derive(Debug)]
#[must_use = "a connected user's token is in it"]
pub enum ConnectionResult {
    /// The user is connected, and Concur was told. The token is yours to store.
    Connected {
        /// The connection request.
        request: ConnectionRequest,
        /// The user's access token.
        token: AccessToken,
    },
    /// The user is not connected, as you decided. Concur was told why.
    Rejected {
        /// The connection request.
        request: ConnectionRequest,
        /// The outcome that was reported.
        outcome: Outcome,
        /// The user's token, where it was not revoked: see [`Round::revoke_rejected`](super::Round::revoke_rejected).
        token: Option<AccessToken>,
    },
    /// The connection request was not completed.
    Failed(ConnectionFailure),
}

/// A connection request was not completed as it should have been.
///
/// It holds everything that was obtained, and what was reported to Concur.
#[derive(Debug)]
pub struct ConnectionFailure {
    pub(super) request: ConnectionRequest,
    pub(super) causes: Vec<FailureCause>,
    pub(super) reported: Option<Outcome>,
    pub(super) token: Option<AccessToken>,
}

impl ConnectionFailure {
    /// Returns the connection request.
    #[must_use]
    pub fn request(&self) -> &ConnectionRequest {
        &self.request
    }

    /// Returns what went wrong, in order: one cause, or more where what followed it failed as well.
    #[must_use]
    pub fn causes(&self) -> &[FailureCause] {
        &self.causes
    }

    /// Returns the outcome that was last reported to Concur. `None` where none was, or where it is not known
    /// whether one was: a [`FailureCause::Report`] that
    /// [may have reached Concur](Error::may_have_reached_concur) says so.
    ///
    /// As long as Concur calls the connection request pending, a later round lists it again. One that is not can be
    /// [reported](super::ReportConnection) by hand.
    #[must_use]
    pub fn reported(&self) -> Option<Outcome> {
        self.reported
    }

    /// Returns the access token, where there is one that may still be valid: revoke it
    /// ([`net2::RevokeToken`](crate::net2::RevokeToken), [`v0::RevokeConnections`](crate::v0::RevokeConnections)).
    #[must_use]
    pub fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Takes the token out, so that the rest can be passed on as an error.
    #[must_use]
    pub fn take_token(&mut self) -> Option<AccessToken> {
        self.token.take()
    }

    /// Returns everything that went wrong, with the causes of each, in one line.
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        FullReport(self)
    }

    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        write: impl Fn(&FailureCause, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        for (index, cause) in self.causes.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; then " })?;
            write(cause, f)?;
        }
        if let Some(outcome) = self.reported {
            write!(f, "; Concur was told: {outcome}")?;
        }
        match self.token {
            Some(_) => f.write_str("; its access token may still be valid, and is handed back"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ConnectionFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, fmt::Display::fmt)
    }
}

struct FullReport<'a>(&'a ConnectionFailure);

impl fmt::Display for FullReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, |cause, f| Report(cause).fmt(f))
    }
}

impl std::error::Error for ConnectionFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.causes.first().and_then(std::error::Error::source)
    }
}

/// What went wrong with a connection request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FailureCause {
    /// The request has no usable ID, so no outcome could be reported. It was skipped.
    #[error("the connection request has no usable ID, and was skipped")]
    Id,
    /// The request has no usable request token. It was skipped.
    #[error("the connection request has no usable request token, and was skipped")]
    RequestToken,
    /// The request has no user ID, which `v0` needs. It was skipped.
    #[error("the connection request has no user ID, which only v3.2 has, and was skipped")]
    UserId,
    /// Its request token was not exchanged.
    #[error("the request token was not exchanged")]
    Exchange(#[source] Error),
    /// The outcome could not be reported to Concur.
    #[error("Concur could not be told of the outcome")]
    Report(#[source] Error),
    /// Its access token could not be revoked.
    #[error("the access token could not be revoked")]
    Revoke(#[source] Error),
    /// The round was given up before this connection request was finished.
    #[error("the round was given up before this connection request was finished")]
    GivenUp,
}

/// A round ended before the last connection request. The results before the end were handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoundError {
    /// A page could not be listed.
    #[error("the connection requests could not be listed")]
    List(#[source] Error),
    /// The next page cannot be requested.
    #[error(transparent)]
    NextPage(#[from] NextPageError),
    /// There are more connection requests than [`MAX_REQUESTS`](super::MAX_REQUESTS), or more than 1 MiB of their IDs.
    /// The rest is for the next round.
    #[error(
        "the round ended after as many connection requests as it can keep apart: begin the next"
    )]
    TooMany,
    /// A failure would repeat for every other connection request: the last [`ConnectionFailure`] has it. The
    /// rest is for a later round.
    #[error("the round was stopped after a failure that would repeat for the rest, the last one: begin the next {}", when(*retry_after))]
    Stopped {
        /// How long to wait before the next round, or `None` where something must be corrected first.
        retry_after: Option<Duration>,
    },
}

impl RoundError {
    /// Returns the text of the error and of each of its causes in one line.
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }

    /// Returns how long to wait before another round is worth beginning, or `None` where something must be
    /// corrected first. After a list that could not go on, or was too long, that is a few seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::List(error) => error.retry_after(),
            Self::NextPage(_) | Self::TooMany => Some(SHORT_RETRY_AFTER),
            Self::Stopped { retry_after } => *retry_after,
        }
    }
}

fn when(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(wait) => format!("in {} s", wait.as_secs()),
        None => "when that is corrected".to_owned(),
    }
}
