//! What hyper's errors are called.

use std::error::Error as StdError;
use std::io;

use concur_oauth_core::transport::{BoxError, Error, ProtocolError, Stage};
use http::Response;
use http::response::Parts;

use crate::second_try;

use super::verdict::Verdict;

/// Why hyper returned no answer.
#[derive(Debug)]
pub enum Failure {
    /// One came after all: its status says enough, and its body cannot be read.
    Answered(Box<Parts>),
    /// The connection had carried another exchange before, and broke before a byte of the answer to
    /// this one: an exchange that may be sent twice is sent once more.
    DiedWaiting(Error),
    /// The same, of a connection that other exchanges share, and not one after another.
    #[cfg(feature = "http2")]
    SharedDied(Error),
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

    /// The same, where the connection spoke HTTP/2 and was [`Proven`](super::Proven) before. It died
    /// where the system or the server says so; where h2 itself objects to what came, something did.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn of_proven_http2(error: impl StdError + Send + Sync + 'static) -> Self {
        let died = find::<h2::Error>(&error)
            .is_none_or(|error| error.is_io() || (error.is_go_away() && error.is_remote()));
        match Self::of(error) {
            Self::Final(error @ Error::Interrupted { .. }) if died => Self::SharedDied(error),
            failure => failure,
        }
    }

    /// This failure, of a second try: see [`second_try`].
    #[must_use]
    pub fn after(self, first: Error) -> Self {
        match self {
            answered @ Self::Answered(_) => answered,
            failure => Self::Final(second_try(first, failure.into_error())),
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
            failure => Err(failure.into_error()),
        }
    }

    fn into_error(self) -> Error {
        match self {
            Self::Answered(_) => ProtocolError::CutShort.into(),
            #[cfg(feature = "http2")]
            Self::SharedDied(error) => error,
            Self::DiedWaiting(error) | Self::Final(error) => error,
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
    if chunks {
        return ProtocolError::Chunk.into();
    }
    Failure::of(error).into_error()
}

fn is_tls(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
}
