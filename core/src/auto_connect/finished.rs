//! How it ends: for one connection request, and for a round.

use std::fmt;
use std::time::Duration;

use super::{ConnectionRequest, NextPageError, Outcome};
use crate::refusal::SHORT_PAUSE;
use crate::transport::{Error, WithCauses};
use crate::{AccessToken, FieldError};

/// A connection request that a round is done with.
#[derive(Debug)]
#[must_use = "a connected user's token is in it"]
pub enum Finished {
    /// Concur was told that the user is connected. The token is yours to store.
    Connected {
        /// The connection request.
        request: ConnectionRequest,
        /// The user's access token.
        token: AccessToken,
    },
    /// The user is not connected, as you decided: Concur was told why, and the token is revoked.
    Rejected {
        /// The connection request.
        request: ConnectionRequest,
        /// What Concur was told.
        outcome: Outcome,
    },
    /// Something went wrong.
    Failed(Failure),
}

/// A connection request was not completed as it should have been.
///
/// What was obtained is in it, and what Concur was told.
#[derive(Debug)]
pub struct Failure {
    pub(super) request: ConnectionRequest,
    pub(super) causes: Vec<Cause>,
    pub(super) reported: Option<Outcome>,
    pub(super) token: Option<AccessToken>,
}

impl Failure {
    /// The connection request.
    #[must_use]
    pub fn request(&self) -> &ConnectionRequest {
        &self.request
    }

    /// What went wrong, first things first: one, or more where what was to mend it failed as well.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// What Concur was told last; `None` where it was told nothing, or nobody knows whether it was: a
    /// [`Cause::Report`] that [may have reached it](Error::may_have_reached_concur) says so. As long as Concur
    /// calls the connection request pending, a later round lists it again; one that is not can be
    /// [reported](super::ReportConnection) by hand.
    #[must_use]
    pub fn reported(&self) -> Option<Outcome> {
        self.reported
    }

    /// The access token, where there is one that may still be good: [revoke](crate::RevokeToken) it.
    #[must_use]
    pub fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Takes the token out, so that the rest can be passed on as the error that it is.
    #[must_use]
    pub fn take_token(&mut self) -> Option<AccessToken> {
        self.token.take()
    }

    /// All that went wrong, and the causes of each, in one line.
    #[must_use]
    pub fn with_causes(&self) -> impl fmt::Display + '_ {
        WithAllCauses(self)
    }

    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        write: impl Fn(&Cause, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        for (index, cause) in self.causes.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "; then " })?;
            write(cause, f)?;
        }
        if let Some(outcome) = self.reported {
            write!(f, "; Concur was told: {outcome}")?;
        }
        match self.token {
            Some(_) => f.write_str("; its access token may still be good, and is handed back"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, fmt::Display::fmt)
    }
}

struct WithAllCauses<'a>(&'a Failure);

impl fmt::Display for WithAllCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, |cause, f| WithCauses(cause).fmt(f))
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.causes.first().and_then(std::error::Error::source)
    }
}

/// What went wrong with a connection request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// It has no ID that can be used, so that nothing could be reported of it: it was let be.
    #[error("the connection request has no ID of use: {0}")]
    Id(FieldError),
    /// It has no request token that can be used: it was let be.
    #[error("the connection request has no request token of use: {0}")]
    RequestToken(FieldError),
    /// Its request token was not exchanged.
    #[error("the request token was not exchanged")]
    Exchange(#[source] Error),
    /// Concur could not be told what became of it.
    #[error("Concur could not be told of the outcome")]
    Report(#[source] Error),
    /// Its access token could not be revoked.
    #[error("the access token could not be revoked")]
    Revoke(#[source] Error),
    /// The round was given up with this one in hand.
    #[error("the round was given up before this connection request was finished")]
    GivenUp,
}

/// A round ended before the last connection request. What was finished, was handed out before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoundError {
    /// A page could not be listed.
    #[error("the connection requests could not be listed")]
    List(#[source] Error),
    /// The next page cannot be asked for.
    #[error(transparent)]
    NextPage(#[from] NextPageError),
    /// There are more connection requests than a round [begins](super::MAX_REQUESTS). The rest is for the next.
    #[error(
        "the round ended after {} connection requests: begin the next",
        super::MAX_REQUESTS
    )]
    TooMany,
    /// Something failed that would fail for everybody: the last [`Failure`] says what. The rest is for a
    /// later round.
    #[error("the round was stopped after a failure that would befall the rest too, the last one: begin the next {}", when(*retry_after))]
    Stopped {
        /// How long to wait before the next round; `None` where something is to be mended first.
        retry_after: Option<Duration>,
    },
}

impl RoundError {
    /// The error's text, and that of each of its causes after it, in one line.
    #[must_use]
    pub fn with_causes(&self) -> impl fmt::Display + '_ {
        WithCauses(self)
    }

    /// How long to wait before another round is worth beginning; `None` where something is to be mended
    /// first. After a list that could not be walked on, or was too long, a few seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::List(error) => error.retry_after(),
            Self::NextPage(_) | Self::TooMany => Some(SHORT_PAUSE),
            Self::Stopped { retry_after } => *retry_after,
        }
    }
}

fn when(retry_after: Option<Duration>) -> String {
    match retry_after {
        Some(pause) => format!("in {} s", pause.as_secs()),
        None => "when that is mended".to_owned(),
    }
}
