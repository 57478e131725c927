//! `/app-mgmt/v4/{application}/secrets`.

use std::time::SystemTime;

use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{empty, respond};
use crate::emulator::Emulator;
use crate::http::request::segment;
use crate::state::random;
use crate::state::v0::{Application, Secret};

impl Emulator {
    pub(super) fn secrets(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let path: Vec<_> = request
            .uri()
            .path()
            .split('/')
            .skip(3)
            .map(segment)
            .collect();
        let (id, secret) = match path.as_slice() {
            [id, secrets] if secrets == "secrets" => (id, None),
            [id, secrets, secret] if secrets == "secrets" => (id, Some(secret.as_str())),
            _ => return empty(StatusCode::NOT_FOUND),
        };
        // A token of the application itself.
        let token = self.authorized(request, now);
        if !token.is_some_and(|token| token.principal.is_none() && token.client_id == *id) {
            return empty(StatusCode::UNAUTHORIZED);
        }
        let mut applications = self.v0.applications.iter_mut();
        let application = applications.find(|application| application.client_id == *id);
        let Some(application) = application else {
            return empty(StatusCode::NOT_FOUND);
        };
        match (request.method(), secret) {
            (&Method::GET, None) => {
                let list: Vec<_> = application.secrets.iter().map(described).collect();
                respond(StatusCode::OK, &json!(list))
            }
            (&Method::POST, None) => {
                let secret = Secret {
                    id: random::uuid(),
                    value: random::uuid(),
                    is_active: false,
                };
                let mut body = described(&secret);
                body["secret"] = json!(secret.value);
                application.secrets.push(secret);
                respond(StatusCode::OK, &body)
            }
            (&Method::PATCH, Some(secret)) => set_status(application, secret, request.body()),
            (&Method::DELETE, Some(secret)) => delete(application, secret),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }
}

fn described(secret: &Secret) -> Value {
    json!({
        "createdAt": "2026-02-17T00:34:02.735Z",
        "id": secret.id,
        "status": if secret.is_active { "Active" } else { "Inactive" },
        "updatedAt": "2026-02-17T00:34:02.735Z",
    })
}

/// Reads `{"Operations":[{"op":"replace","path":"/status","value":"active"}]}`.
fn set_status(application: &mut Application, id: &str, body: &[u8]) -> Response<Vec<u8>> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let operation = &body["Operations"][0];
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let is_patch = body["schemas"] == json!([schema])
        && operation["op"] == "replace"
        && operation["path"] == "/status";
    let is_active = match operation["value"].as_str() {
        Some("active") => true,
        Some("inactive") => false,
        _ => return empty(StatusCode::BAD_REQUEST),
    };
    let mut secrets = application.secrets.iter_mut();
    match secrets.find(|secret| secret.id == id) {
        _ if !is_patch => empty(StatusCode::BAD_REQUEST),
        None => empty(StatusCode::NOT_FOUND),
        Some(secret) => {
            secret.is_active = is_active;
            empty(StatusCode::OK)
        }
    }
}

fn delete(application: &mut Application, id: &str) -> Response<Vec<u8>> {
    let found = application
        .secrets
        .iter()
        .position(|secret| secret.id == id);
    match found {
        None => empty(StatusCode::NOT_FOUND),
        Some(at) if application.secrets[at].is_active => empty(StatusCode::BAD_REQUEST),
        Some(at) => {
            application.secrets.remove(at);
            empty(StatusCode::NO_CONTENT)
        }
    }
}
