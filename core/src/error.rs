//! What can go wrong on the way to a token, the same for every transport.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::http1::{ConnectError, ProtocolError};
use crate::input::InputError;
use crate::response::{DEFAULT_RETRY_AFTER, ResponseError, SHORT_RETRY_AFTER};
use crate::wire::display_text;

/// The cause of an error, in the words of the transport's own libraries.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An exchange failed.
///
/// Every error says three things: whether the request
/// [may have reached Concur](Self::may_have_reached_concur), whether sending it again is sensible, and
/// [after how long](Self::retry_after).
///
/// Its text says what to do. What the system or rustls said is in its
/// [`source`](std::error::Error::source). [`report`](Self::report) writes both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value given by the caller cannot be used. Nothing was sent.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No connection was made. Nothing was sent to Concur.
    #[error("cannot {stage}: {}, or try again in a few seconds", what_to_check(*stage))]
    Unreachable {
        /// The stage at which it failed.
        stage: Stage,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// The proxy opened no tunnel to Concur. Nothing was sent to Concur.
    #[error("no tunnel through the proxy {proxy}: {reason}")]
    Proxy {
        /// The proxy's URL, without credentials, and the variable that it is from.
        proxy: Box<str>,
        /// Why.
        reason: ConnectError,
    },
    /// The server, or an https proxy, did not prove its identity, speaks no TLS that is accepted, or refused this
    /// client's.
    #[error("TLS failed: check {}, and the trusted roots", what_proves_itself(*stage))]
    Tls {
        /// The stage at which it failed. A TLS 1.3 server refuses a client certificate after the handshake.
        stage: Stage,
        /// What rustls said.
        #[source]
        source: BoxError,
    },
    /// The deadline passed.
    #[error("no response within {} s (waiting to {stage}): {}", after.as_secs_f32(), timeout_advice(*stage))]
    Timeout {
        /// The stage at which the deadline passed.
        stage: Stage,
        /// The deadline of the whole exchange.
        after: Duration,
    },
    /// The connection broke while the request was sent or the response received.
    #[error("the connection broke (trying to {stage}): begin again in a few seconds")]
    Interrupted {
        /// The stage at which it broke.
        stage: Stage,
        /// What the system said.
        #[source]
        source: BoxError,
    },
    /// The response is not HTTP that is accepted, or is larger than what is read.
    #[error("the response was refused ({0}): check the base URL and any proxy on the way to it")]
    Protocol(ProtocolError),
    /// The transport cannot work where it runs: it lacks a runtime, or has no TLS. Nothing was sent.
    #[error("the transport cannot work here")]
    Unsupported(#[source] BoxError),
    /// A response came, and is not what was asked for.
    #[error(transparent)]
    Response(#[from] ResponseError),
}

impl From<ProtocolError> for Error {
    /// A response that ended too early is [`Interrupted`](Self::Interrupted), and any other
    /// [`Protocol`](Self::Protocol).
    fn from(error: ProtocolError) -> Self {
        match error {
            ProtocolError::Truncated => Self::interrupted(Stage::Receive, error),
            error => Self::Protocol(error),
        }
    }
}

/// What to do after a deadline that passed at this stage.
fn timeout_advice(stage: Stage) -> String {
    if stage.may_have_reached_concur() {
        "wait five minutes, then try again".to_owned()
    } else {
        let check = what_to_check(stage);
        format!("{check}, or try again in a few seconds")
    }
}

/// What to check where no connection was made.
const fn what_to_check(stage: Stage) -> &'static str {
    match stage {
        Stage::Lookup | Stage::Connect => {
            "check the base URL, the network, and whether a proxy is needed"
        }
        Stage::Proxy => "check the proxy's URL and the network",
        _ => "check the base URL, the network, and any proxy on the way",
    }
}

/// What to check where TLS failed.
const fn what_proves_itself(stage: Stage) -> &'static str {
    match stage {
        Stage::Proxy => "the proxy's URL",
        _ => "the base URL, any proxy that inspects TLS",
    }
}

impl Error {
    /// Returns the error of a connection that broke at this stage: [`Interrupted`](Self::Interrupted) where
    /// part of the request may have been sent by then, otherwise [`Unreachable`](Self::Unreachable).
    #[must_use]
    pub fn interrupted(stage: Stage, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        if stage.may_have_reached_concur() {
            Self::Interrupted { stage, source }
        } else {
            Self::Unreachable { stage, source }
        }
    }

    /// Returns the text of the error and of each of its causes in one line.
    ///
    /// A cause can repeat what a peer says, such as the names in its certificate. It is made safe to show in a terminal,
    /// and cut to 512 characters.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate concur_oauth_core as concur_oauth;
    /// use concur_oauth::{Error, Stage};
    ///
    /// let error = Error::interrupted(Stage::Receive, "connection reset by peer");
    /// assert_eq!(
    ///     error.report().to_string(),
    ///     "the connection broke (trying to receive the response): begin again in a few seconds \
    ///      (connection reset by peer)",
    /// );
    /// ```
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }

    /// Returns whether the request, or part of it, may have reached Concur. If not, nothing was sent to Concur.
    #[must_use]
    pub const fn may_have_reached_concur(&self) -> bool {
        match self {
            Self::Input(_)
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::Unsupported(_) => false,
            Self::Tls { stage, .. } | Self::Timeout { stage, .. } => {
                stage.may_have_reached_concur()
            }
            Self::Interrupted { .. } | Self::Protocol(_) | Self::Response(_) => true,
        }
    }

    /// Returns how long to wait before the same exchange is worth trying again, or `None` where it is not
    /// until something is changed.
    ///
    /// That is five minutes after a 503 or a response that did not come in time, as Concur asks, unless the
    /// response says otherwise, and a few seconds where no connection was made or one broke, or where a proxy
    /// failed for the moment (408, 429, 500, 502, 503 or 504 of its own): that pause is not Concur's. Whether
    /// sending twice is *harmless* is another question, which
    /// [`Exchange::is_resendable`](crate::Exchange::is_resendable) says.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Input(_) | Self::Tls { .. } | Self::Protocol(_) | Self::Unsupported(_) => None,
            Self::Timeout { stage, .. } if stage.may_have_reached_concur() => {
                Some(DEFAULT_RETRY_AFTER)
            }
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Interrupted { .. } => {
                Some(SHORT_RETRY_AFTER)
            }
            Self::Proxy { reason, .. } => reason.is_temporary().then_some(SHORT_RETRY_AFTER),
            Self::Response(error) => error.retry_after(),
        }
    }
}

/// A stage of an exchange on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Looking up the host's addresses.
    Lookup,
    /// Connecting to one of the addresses.
    Connect,
    /// Reaching the proxy, and having it open a tunnel to the host.
    Proxy,
    /// The TLS handshake.
    Handshake,
    /// Sending the request.
    Send,
    /// Receiving the response.
    Receive,
}

impl Stage {
    /// Returns whether a byte of the request may have been sent by this stage.
    #[must_use]
    pub const fn may_have_reached_concur(self) -> bool {
        matches!(self, Self::Send | Self::Receive)
    }
}

impl fmt::Display for Stage {
    /// Writes the stage as the rest of a sentence: "cannot …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lookup => "look up the host",
            Self::Connect => "connect to the host",
            Self::Proxy => "get through the proxy",
            Self::Handshake => "finish the TLS handshake",
            Self::Send => "send the request",
            Self::Receive => "receive the response",
        })
    }
}

/// How much of each cause a report shows, in characters.
const MAX_CAUSE: usize = 512;

/// An error and its causes in one line.
pub(crate) struct Report<'a>(pub(crate) &'a dyn StdError);

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.0.to_string();
        f.write_str(&last)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            // A library's own words can repeat a peer's: the names in a certificate.
            let text = display_text::clean(&error.to_string(), MAX_CAUSE);
            // Some libraries repeat the text of a cause in their own.
            if let Some(text) = text.filter(|text| !last.contains(&**text)) {
                write!(f, " ({text})")?;
                last = text.into();
            }
            cause = error.source();
        }
        Ok(())
    }
}

/// A client cannot be built from what its builder was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A value cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// TLS cannot be set up: a root certificate cannot be read, or there are no trusted roots at all.
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
    /// Returns the text of the error and of each of its causes in one line.
    #[must_use]
    pub fn report(&self) -> impl fmt::Display + '_ {
        Report(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a certificate are a peer's words, and reach a terminal by way of rustls' error.
    #[test]
    fn causes_in_a_report_are_cleaned_and_cut() {
        let error = Error::Tls {
            stage: Stage::Handshake,
            source: "not valid for\r\n\u{1b}]0;owned\u{7}\u{202e}\u{3164}evil.example".into(),
        };
        let report = error.report().to_string();
        assert!(
            report.ends_with(" (not valid for ]0;ownedevil.example)"),
            "{report}"
        );
        let error = Error::Unsupported("x".repeat(5000).into());
        assert_eq!(error.report().to_string().matches('x').count(), MAX_CAUSE);
        // A cause of nothing but what cannot be seen is left out.
        let error = Error::Unsupported("\u{200b}\u{1b}".into());
        assert_eq!(error.report().to_string(), error.to_string());
    }
}
