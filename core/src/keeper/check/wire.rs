//! Requests and responses, as numbers.

use std::time::SystemTime;

use super::service::Pair;
use crate::exchange::{Exchange, ResponseContext};
use crate::{BaseUrl, StepRequest, StepResponse};

pub(super) fn refresh_token_of(request: StepRequest<'static>) -> u8 {
    let request = request.into_request().unwrap();
    let body = String::from_utf8(request.body().as_ref().to_vec()).unwrap();
    let (_, rest) = body.split_once("refresh_token=r").unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}

pub(super) fn response_of(response: Option<Pair>, sent_at: SystemTime) -> StepResponse {
    let context = ResponseContext::new(BaseUrl::US2, sent_at);
    let (status, body) = match response {
        Some(pair) => (
            200,
            format!(
                r#"{{"access_token":"a{}","refresh_token":"r{}","expires_in":3600}}"#,
                pair.access, pair.refresh
            ),
        ),
        None => (400, r#"{"code":108,"error":"invalid_grant"}"#.to_owned()),
    };
    let mut response = http::Response::new(body.as_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    StepRequest::parse(response, &context).unwrap()
}
