//! Receiving a response within its limits.

use concur_oauth_core::Error;
use concur_oauth_core::http1::{BodyFraming, Limits, ProtocolError};
use concur_oauth_core::transport::join_response;
use http::response::Parts;
use http::{Method, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::failure;

/// Receives a response. One with an error status can come without its body.
pub(crate) async fn receive(
    response: Response<Incoming>,
    method: &Method,
    limits: &Limits,
) -> Result<Response<Vec<u8>>, Error> {
    let (head, body) = response.into_parts();
    let body = read_body(&head, body, method, limits).await;
    join_response(head, body)
}

async fn read_body(
    head: &Parts,
    mut body: Incoming,
    method: &Method,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    // What hyper accepts and core refuses ends here.
    BodyFraming::from_head(method, head, limits)?;
    if head.headers.len() > limits.max_headers() {
        return Err(ProtocolError::TooManyHeaders.into());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(failure::name_body)?;
        if let Ok(data) = frame.into_data() {
            if data.len() > limits.max_body().saturating_sub(bytes.len()) {
                return Err(ProtocolError::BodyTooLarge.into());
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
