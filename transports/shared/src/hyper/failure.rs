//! What hyper's errors are called.

use std::error::Error as StdError;
use std::io;

use concur_oauth_core::transport::{BoxError, Error, ProtocolError, Stage};
use http::Response;
use http::response::Parts;

use super::watched::Verdict;

/// Why hyper returned no answer.
#[derive(Debug)]
pub enum Failure {
    /// One came after all: its status says enough, and its body cannot be read.
    Answered(Box<Parts>),
    /// The connection had carried another exchange before, and broke before a byte of the answer to
    /// this one: an exchange that may be sent twice is sent once more.
    DiedWaiting(Error),
    /// This is the end of it.
    Final(Error),
}

impl Failure {
    /// Finds the reason in the error that hyper or its pool returned.
    pub fn of(error: impl StdError + Send + Sync + 'static) -> Self {
        match cause(&error) {
            Cause::Refused(_, Some(head)) => Self::Answered(head),
            Cause::Refused(reason, None) => Self::Final(reason.into()),
            Cause::Broken {
                stage,
                died_waiting,
                tls,
            } => {
                let source = http2_words(&error).unwrap_or_else(|| error.into());
                let error = if tls {
                    Error::Tls { stage, source }
                } else {
                    Error::Interrupted { stage, source }
                };
                if died_waiting {
                    Self::DiedWaiting(error)
                } else {
                    Self::Final(error)
                }
            }
        }
    }

    /// The same, where the connection spoke HTTP/2 and was [`Proven`](super::Proven) before: there, an
    /// error that is not of one stream is one of the connection, and no byte of an answer came.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn of_proven_http2(error: impl StdError + Send + Sync + 'static) -> Self {
        let one_stream = find::<h2::Error>(&error).is_some_and(h2::Error::is_reset);
        match Self::of(error) {
            Self::Final(error @ Error::Interrupted { .. }) if !one_stream => {
                Self::DiedWaiting(error)
            }
            failure => failure,
        }
    }

    /// What kept a new connection from being used: nothing was sent.
    pub fn unsent(error: impl StdError + Send + Sync + 'static) -> Error {
        let stage = Stage::Handshake;
        if let Cause::Broken { tls: true, .. } = cause(&error) {
            let source = error.into();
            return Error::Tls { stage, source };
        }
        Error::interrupted(stage, error)
    }

    /// This failure, of a second try: where that sent nothing, the first try's error is the one that
    /// says what may have reached Concur.
    #[must_use]
    pub fn after(self, first: Error) -> Self {
        match self {
            Self::Final(second) if !second.may_have_reached_concur() => Self::Final(first),
            failure => failure,
        }
    }

    /// The answer that came after all.
    ///
    /// # Errors
    ///
    /// The error, where none did.
    pub fn into_answer(self) -> Result<Response<Vec<u8>>, Error> {
        match self {
            Self::Answered(head) => Ok(Response::from_parts(*head, Vec::new())),
            Self::DiedWaiting(error) | Self::Final(error) => Err(error),
        }
    }
}

enum Cause {
    Refused(ProtocolError, Option<Box<Parts>>),
    Broken {
        stage: Stage,
        died_waiting: bool,
        tls: bool,
    },
}

/// What can be told of an HTTP/2 error: its own text repeats what the server said.
#[cfg(feature = "http2")]
fn http2_words(error: &(dyn StdError + 'static)) -> Option<BoxError> {
    let error = find::<h2::Error>(error)?;
    Some(match (error.get_io(), error.reason()) {
        (Some(error), _) => error.kind().to_string().into(),
        (None, Some(reason)) => format!("HTTP/2: {reason}").into(),
        (None, None) => "HTTP/2".into(),
    })
}

#[cfg(not(feature = "http2"))]
fn http2_words(_: &(dyn StdError + 'static)) -> Option<BoxError> {
    None
}

#[cfg(feature = "http2")]
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn cause(error: &(dyn StdError + 'static)) -> Cause {
    let mut next = Some(error);
    let mut parse = false;
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            if let Some(cause) = cause_of_io(error) {
                return cause;
            }
        }
        #[cfg(feature = "http2")]
        if let Some(cause) = error
            .downcast_ref::<h2::Error>()
            .and_then(|error| cause_of_io(error.get_io()?))
        {
            return cause;
        }
        parse |= error
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse);
        next = error.source();
    }
    if parse {
        // Core had no objection, but hyper has.
        return Cause::Refused(ProtocolError::Head, None);
    }
    Cause::Broken {
        stage: Stage::Receive,
        died_waiting: false,
        tls: false,
    }
}

fn cause_of_io(error: &io::Error) -> Option<Cause> {
    let inner = error.get_ref();
    match inner.and_then(<dyn StdError + Send + Sync>::downcast_ref) {
        Some(Verdict::Refused(reason, head)) => Some(Cause::Refused(*reason, head.clone())),
        Some(Verdict::Broken {
            stage,
            died_waiting,
            source,
        }) => Some(Cause::Broken {
            stage: *stage,
            died_waiting: *died_waiting,
            tls: is_tls(source),
        }),
        None if is_tls(error) => Some(Cause::Broken {
            stage: Stage::Receive,
            died_waiting: false,
            tls: true,
        }),
        None => None,
    }
}

/// What hyper's error about a body is called.
pub(super) fn of_body(error: hyper::Error) -> Error {
    let io = error.source().and_then(<dyn StdError>::downcast_ref);
    // So hyper says that chunks are broken. A socket does not fail so, and TLS says why.
    let chunks = io.is_some_and(|error: &io::Error| {
        let kind = error.kind();
        matches!(
            kind,
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        ) && !is_tls(error)
    });
    match Failure::of(error) {
        Failure::DiedWaiting(error) | Failure::Final(error) if !chunks => error,
        _ => ProtocolError::Chunk.into(),
    }
}

fn is_tls(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
}
