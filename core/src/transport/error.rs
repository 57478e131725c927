//! What can go wrong on the way to a token, the same for every transport.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::response::Parts;

use super::ProtocolError;
use crate::refusal::{CONCURS_PAUSE, SHORT_PAUSE};
use crate::{InputError, ResponseError};

/// The cause of a failure, in the words of the transport's own libraries.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An exchange did not end in what was asked for.
///
/// Whichever kind it is, it answers three questions:
/// [may the request have reached Concur](Self::may_have_reached_concur), is sending it again
/// sensible, and [after how long](Self::retry_after).
///
/// Its text says what to do; what the system or rustls said is in its
/// [`source`](std::error::Error::source), which is worth printing too:
/// [`with_causes`](Self::with_causes) does.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value given by the caller cannot be used. Nothing was sent.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No connection was made. Nothing was sent.
    #[error(
        "cannot {stage}: check the instance URL and the network, or try again in a few seconds"
    )]
    Unreachable {
        /// How far it got.
        stage: Stage,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// The server did not prove who it is, speaks no TLS that is accepted, or refused this client's.
    #[error(
        "TLS failed: check the instance URL, any proxy that inspects TLS, and the trusted roots"
    )]
    Tls {
        /// How far it got. A TLS 1.3 server refuses a client certificate after the handshake.
        stage: Stage,
        /// What rustls said.
        #[source]
        source: BoxError,
    },
    /// The deadline passed.
    #[error("no answer within {} s (waiting to {stage}): {}", after.as_secs_f32(), timeout_advice(*stage))]
    Timeout {
        /// What was being waited for.
        stage: Stage,
        /// How long the whole exchange was given.
        after: Duration,
    },
    /// The connection broke while the request was sent or the answer received.
    #[error("the connection broke (trying to {stage}): begin again in a few seconds")]
    Interrupted {
        /// How far it got.
        stage: Stage,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// The answer is not HTTP that is accepted, or is more of it than is read.
    #[error("the answer was refused ({0}): check the instance URL and any proxy on the way to it")]
    Protocol(ProtocolError),
    /// This transport cannot do it where it runs: it lacks a runtime, or knows no TLS. Nothing was sent.
    #[error("the transport cannot work here: {0}")]
    Unsupported(BoxError),
    /// An answer came, and is not what was asked for.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

/// Keeps the meaning of an answer whose body cannot be read: where its status is an error, that says
/// enough, and the answer goes to [`Exchange::parse`](crate::Exchange::parse) with an empty body and
/// the [`ProtocolError`] in its extensions.
///
/// # Errors
///
/// The error itself, where the status claims success, or where the answer may still come: the
/// deadline passed.
pub fn salvage(mut head: Parts, error: Error) -> Result<Parts, Error> {
    if head.status.is_success() {
        return Err(error);
    }
    head.extensions.insert(match error {
        Error::Protocol(reason) => reason,
        Error::Interrupted { .. } | Error::Tls { .. } => ProtocolError::CutShort,
        error => return Err(error),
    });
    Ok(head)
}

const fn timeout_advice(stage: Stage) -> &'static str {
    if stage.may_have_reached_concur() {
        "wait five minutes, then ask again"
    } else {
        "check the instance URL and the network, or try again in a few seconds"
    }
}

impl Error {
    /// The connection broke, or was no connection yet: [`Interrupted`](Self::Interrupted) where part
    /// of the request may have been sent by this stage, otherwise [`Unreachable`](Self::Unreachable).
    #[must_use]
    pub fn interrupted(stage: Stage, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        if stage.may_have_reached_concur() {
            Self::Interrupted { stage, source }
        } else {
            Self::Unreachable { stage, source }
        }
    }

    /// The error's text, and that of each of its causes after it, in one line: what to do, and what the
    /// system or rustls said.
    ///
    /// ```
    /// use concur_oauth_core::transport::{Error, Stage};
    ///
    /// let error = Error::interrupted(Stage::Receive, "connection reset by peer");
    /// assert_eq!(
    ///     error.with_causes().to_string(),
    ///     "the connection broke (trying to receive the answer): begin again in a few seconds \
    ///      (connection reset by peer)",
    /// );
    /// ```
    #[must_use]
    pub fn with_causes(&self) -> impl fmt::Display + '_ {
        WithCauses(self)
    }

    /// Whether the request, or part of it, may have reached Concur. If not, nothing was sent.
    #[must_use]
    pub const fn may_have_reached_concur(&self) -> bool {
        match self {
            Self::Input(_) | Self::Unreachable { .. } | Self::Unsupported(_) => false,
            Self::Tls { stage, .. } | Self::Timeout { stage, .. } => {
                stage.may_have_reached_concur()
            }
            Self::Interrupted { .. } | Self::Protocol(_) | Self::Response(_) => true,
        }
    }

    /// How long to wait before the same exchange is worth trying again; `None` where it is not
    /// until something is changed.
    ///
    /// Five minutes after a 503 or an answer that did not come in time, as Concur asks, unless the
    /// answer says otherwise; a few seconds where no connection was made or one broke. Whether
    /// sending twice is *harmless* is another question:
    /// [`Exchange::is_resendable`](crate::Exchange::is_resendable) answers it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Input(_) | Self::Tls { .. } | Self::Protocol(_) | Self::Unsupported(_) => None,
            Self::Timeout { stage, .. } if stage.may_have_reached_concur() => Some(CONCURS_PAUSE),
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Interrupted { .. } => {
                Some(SHORT_PAUSE)
            }
            Self::Response(error) => error.retry_after(),
        }
    }
}

/// A step of an exchange on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Looking up the host's addresses.
    Lookup,
    /// Connecting to one of them.
    Connect,
    /// The TLS handshake.
    Handshake,
    /// Sending the request.
    Send,
    /// Receiving the answer.
    Receive,
}

impl Stage {
    /// Whether a byte of the request may have been sent by then.
    #[must_use]
    pub const fn may_have_reached_concur(self) -> bool {
        matches!(self, Self::Send | Self::Receive)
    }
}

impl fmt::Display for Stage {
    /// As the rest of a sentence: "cannot …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lookup => "look up the host",
            Self::Connect => "connect to the host",
            Self::Handshake => "finish the TLS handshake",
            Self::Send => "send the request",
            Self::Receive => "receive the answer",
        })
    }
}

/// An error and its causes, in one line.
pub(crate) struct WithCauses<'a>(pub(crate) &'a dyn StdError);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.0.to_string();
        f.write_str(&last)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            // A library's own words may hold line ends.
            let words = error.to_string();
            let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
            // Some libraries repeat in their own text what its cause says.
            if !last.contains(&text) {
                write!(f, " ({text})")?;
                last = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

/// A client cannot be made of what its builder was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A value cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// TLS cannot be set up: a root certificate that cannot be read, or no trusted roots at all.
    #[error("TLS cannot be set up: check the trusted roots of this machine and those added")]
    Tls(#[source] BoxError),
    /// No cryptography is compiled in, none is installed as the process's default, and no rustls
    /// configuration was given.
    #[error(
        "no cryptography for TLS: enable the feature `ring` or `aws-lc-rs`, or give a rustls configuration"
    )]
    NoCryptoProvider,
}

impl BuildError {
    /// The error's text, and that of each of its causes after it, in one line.
    #[must_use]
    pub fn with_causes(&self) -> impl fmt::Display + '_ {
        WithCauses(self)
    }
}
