//! The names of hyper's errors.

use std::error::Error as StdError;
use std::io;

use concur_oauth_core::http1::ProtocolError;
use concur_oauth_core::{BoxError, Error, Stage};

/// Hyper's kinds for malformed chunks. No socket fails with them, and TLS has its own cause.
const MALFORMED_CHUNK: [io::ErrorKind; 2] =
    [io::ErrorKind::InvalidData, io::ErrorKind::InvalidInput];

/// Names an error of hyper or its pool, of an exchange that had a connection.
pub(crate) fn name(error: impl StdError + Send + Sync + 'static) -> Error {
    if find_cause::<rustls::Error>(&error).is_some() {
        return Error::Tls {
            stage: Stage::Receive,
            source: error.into(),
        };
    }
    if causes(&error).any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse)) {
        return ProtocolError::MalformedHead.into();
    }
    let source = http2_reason(&error).unwrap_or_else(|| error.into());
    Error::interrupted(Stage::Receive, source)
}

/// Names an error of a response's body.
pub(crate) fn name_body(error: hyper::Error) -> Error {
    let io = error.source().and_then(<dyn StdError>::downcast_ref);
    let is_malformed = io.is_some_and(|error: &io::Error| MALFORMED_CHUNK.contains(&error.kind()));
    match name(error) {
        Error::Interrupted { .. } if is_malformed => ProtocolError::MalformedChunk.into(),
        error => error,
    }
}

/// Returns an error and its causes. The error inside an `io::Error` is one, which `source` skips.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let next = |&error: &&'a (dyn StdError + 'static)| -> Option<&'a (dyn StdError + 'static)> {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    };
    std::iter::successors(Some(error), next)
}

fn find_cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(<dyn StdError>::downcast_ref)
}

/// Returns what can be shown of an HTTP/2 error: its own text repeats what the server said.
#[cfg(feature = "http2")]
fn http2_reason(error: &(dyn StdError + 'static)) -> Option<BoxError> {
    let error = find_cause::<h2::Error>(error)?;
    Some(match (error.get_io(), error.reason()) {
        (Some(error), _) => error.kind().to_string().into(),
        (None, Some(reason)) => format!("HTTP/2: {reason}").into(),
        (None, None) => "HTTP/2".into(),
    })
}

#[cfg(not(feature = "http2"))]
fn http2_reason(_: &(dyn StdError + 'static)) -> Option<BoxError> {
    None
}
