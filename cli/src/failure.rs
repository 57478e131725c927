//! How the command ends where it does not succeed.

use std::fmt;
use std::process::ExitCode;

use concur_oauth::auto_connect::RoundError;
use concur_oauth::http::StatusCode;
use concur_oauth::http1::ConnectError;
use concur_oauth::{BuildError, Error, ErrorKind, InputError, ResponseError, Stage, clean_text};

use crate::signal;

/// The longest line that is printed, in characters.
const MAX_LINE: usize = 4096;

/// The exit status of what is worth another try later: `EX_TEMPFAIL` of `sysexits.h`.
const TRY_LATER: u8 = 75;

/// One line for a person, and an exit status for a script.
#[derive(Debug)]
pub(crate) struct Failure {
    line: String,
    status: u8,
}

impl Failure {
    /// An option or a value cannot be used. Nothing was sent.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            status: 2,
        }
    }

    /// A variable is set to an empty text.
    pub(crate) fn empty_variable(name: &str) -> Self {
        Self::usage(format!("{name} is empty: set it, or unset it"))
    }

    /// The network, the server or this machine failed.
    pub(crate) fn trouble(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            status: 1,
        }
    }

    /// Makes bad input a failure of another status, because something was sent before it.
    pub(crate) fn after_mail(mut self) -> Self {
        if self.status == 2 {
            self.status = 1;
        }
        self.and("the mail was sent: set CONCUR_OTP, and run it again")
    }

    /// Concur or its user refused.
    pub(crate) fn refused(why: &impl ToString) -> Self {
        Self {
            line: why.to_string(),
            status: 3,
        }
    }

    /// A signal asked to stop. The status is the one that a shell gives.
    pub(crate) fn interrupted(line: impl Into<String>, number: signal::Number) -> Self {
        Self {
            line: line.into(),
            status: signal::status(number),
        }
    }

    /// It is worth another try later.
    pub(crate) fn later(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            status: TRY_LATER,
        }
    }

    /// Returns whether it is worth another try later.
    pub(crate) fn is_temporary(&self) -> bool {
        self.status == TRY_LATER
    }

    /// Says first what it is about.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.line.insert_str(0, what);
        self
    }

    /// Adds what to do next.
    pub(crate) fn and(mut self, advice: &str) -> Self {
        self.line.push_str(": ");
        self.line.push_str(advice);
        self
    }

    /// Adds a circumstance, where there is one.
    pub(crate) fn noting(mut self, note: Option<&str>) -> Self {
        if let Some(note) = note {
            self.line.push_str("; ");
            self.line.push_str(note);
        }
        self
    }

    pub(crate) fn report(self) -> ExitCode {
        // A file name, for example, can contain a line end.
        let line = clean_text(&self.line, MAX_LINE);
        say!("error: {}", line.unwrap_or_default());
        ExitCode::from(self.status)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let line = error.report().to_string();
        match error {
            BuildError::Input(_) => Self::usage(line),
            // For example, this machine has no trusted roots.
            _ => Self::trouble(line),
        }
    }
}

impl From<RoundError> for Failure {
    fn from(error: RoundError) -> Self {
        match error {
            RoundError::List(error) => error.into(),
            RoundError::Stopped {
                retry_after: Some(_),
            } => Self {
                line: error.report().to_string(),
                status: TRY_LATER,
            },
            other => Self::trouble(other.report().to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let status = match error {
            Error::Input(_) => 2,
            // The transport has followed once, or the host that is named is not to be trusted.
            Error::Response(error) if error.kind() == Some(ErrorKind::Elsewhere) => 1,
            Error::Response(ResponseError::Refused(_)) => 3,
            error if error.retry_after().is_some() => TRY_LATER,
            _ => 1,
        };
        let mut line = error.report().to_string();
        if matches!(
            error,
            Error::Tls {
                stage: Stage::Handshake | Stage::Proxy,
                ..
            }
        ) {
            line.push_str("; --ca-file trusts an authority of your own");
        }
        if wants_basic(error) {
            line.push_str("; set CONCUR_PROXY_AUTH to USER:PASSWORD, or add --proxy-auth");
        }
        Self { line, status }
    }
}

/// Returns whether a proxy wants a user name and a password, as HTTP Basic carries them.
fn wants_basic(error: &Error) -> bool {
    match error {
        Error::Proxy {
            reason: ConnectError::Authentication(schemes),
            ..
        } => schemes.names().any(|name| name == "Basic"),
        Error::Proxy {
            reason: ConnectError::Refused(status),
            ..
        } => *status == StatusCode::UNAUTHORIZED,
        _ => false,
    }
}
