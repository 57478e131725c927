//! What a watched stream found, on its way out through hyper.

use std::fmt;
use std::io;

use concur_oauth_core::transport::{ProtocolError, Stage};
use http::response::Parts;

pub(super) enum Verdict {
    /// The answer is refused; where its status is an error, that is kept.
    Refused(ProtocolError, Option<Box<Parts>>),
    /// The connection broke.
    Broken {
        stage: Stage,
        /// It had carried another exchange before, and no byte of an answer to this one came.
        died_waiting: bool,
        source: io::Error,
    },
}

impl Verdict {
    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason, _) => reason.fmt(f),
            Self::Broken { source, .. } => source.fmt(f),
        }
    }
}

impl fmt::Debug for Verdict {
    /// Without the answer's head: libraries log it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Verdict {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(reason, _) => Some(reason),
            Self::Broken { source, .. } => Some(source),
        }
    }
}
