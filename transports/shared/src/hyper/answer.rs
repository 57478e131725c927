//! Answers as hyper gives them.

use concur_oauth_core::transport::{Error, Framing, Limits, ProtocolError, salvage};
use concur_oauth_core::{Exchange, InstanceUrl, ResponseError};
use http::response::Parts;
use http::{Method, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::failure::of_body;

/// Receives an answer within limits. One with an error status can come without its body.
///
/// # Errors
///
/// [`Error`] as every transport has it.
pub async fn receive(
    response: Response<Incoming>,
    method: &Method,
    limits: &Limits,
) -> Result<Response<Vec<u8>>, Error> {
    let (head, body) = response.into_parts();
    match read_body(&head, body, method, limits).await {
        Ok(body) => Ok(Response::from_parts(head, body)),
        Err(error) => Ok(Response::from_parts(salvage(head, error)?, Vec::new())),
    }
}

/// Reads an answer as what the exchange asked for.
///
/// # Errors
///
/// As [`Exchange::parse`].
pub fn parse<E: Exchange>(
    answer: Response<Vec<u8>>,
    instance: &InstanceUrl,
) -> Result<E::Output, ResponseError> {
    let (head, body) = answer.into_parts();
    E::parse(Response::from_parts(head, &body), instance)
}

async fn read_body(
    head: &Parts,
    mut body: Incoming,
    method: &Method,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    // Over HTTP/1.1 that was asked before; over HTTP/2 it was not.
    Framing::of(method, head, limits)?;
    if head.headers.len() > limits.head_fields() {
        return Err(ProtocolError::TooManyFields.into());
    }
    let expected = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(expected.min(limits.body()));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(of_body)?;
        if let Ok(data) = frame.into_data() {
            if data.len() > limits.body().saturating_sub(bytes.len()) {
                return Err(ProtocolError::BodyTooLarge.into());
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
