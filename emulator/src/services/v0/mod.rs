//! The newer token service, under `/oauth2/v0` and `/app-mgmt`.

mod authorize;
mod connections;
mod grants;
mod migrate;
mod otp;
mod secrets;

use std::collections::HashMap;
use std::time::SystemTime;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::http::request::{bearer, parameters};
use crate::services::Why;
use crate::state::random;
use crate::state::v0::{AccessToken, Application, Refusal, Service, jwks};

type Parameters = HashMap<String, String>;

impl Emulator {
    /// Responds to a request of the newer service. `None` where there is nothing at its address.
    pub(super) fn respond_v0(
        &mut self,
        request: &Request<Vec<u8>>,
        path: &str,
        now: SystemTime,
    ) -> Option<Response<Vec<u8>>> {
        let method = request.method();
        let is_form = *method == Method::POST;
        Some(match path {
            "/oauth2/v0/token" if is_form => match self.token(request, now) {
                Ok(body) => respond(StatusCode::OK, &body),
                Err(refusal) => refused(&refusal, request, &self.v0),
            },
            "/oauth2/v0/otp" if is_form => match self.send_otp(request, now) {
                Ok(()) => respond(StatusCode::OK, &json!({ "message": "otp sent" })),
                Err(refusal) => refused(&refusal, request, &self.v0),
            },
            "/oauth2/v0/authorize" if is_form || *method == Method::GET => {
                self.authorize(request, now)
            }
            "/oauth2/v0/jwks" if *method == Method::GET => respond(StatusCode::OK, &jwks()),
            "/profile/v1/me" if *method == Method::GET => self.me(request, now),
            "/app-mgmt/v0/connections" if *method == Method::DELETE => {
                self.revoke_connections(request, now)
            }
            path if path.starts_with("/app-mgmt/v4/") => self.secrets(request, now),
            path if is_form && path.starts_with("/appmgmt/v0/legacyapps/") => {
                self.migrate(request, now)
            }
            _ => return None,
        })
    }

    /// Says which user or company a token is for. Without one, the status is 401, and with one that is not valid 403. (Concur's page:
    /// *HTTP Status Codes*.)
    fn me(&self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        if !request.headers().contains_key(AUTHORIZATION) {
            return unauthorized(StatusCode::UNAUTHORIZED, "it has no access token");
        }
        let principal = self
            .authorized(request, now)
            .and_then(|it| it.principal.as_deref());
        match principal.and_then(|id| self.v0.principal(id)) {
            Some(it) => {
                let me = json!({ "id": it.id, "principalType": it.kind.as_str() });
                respond(StatusCode::OK, &me)
            }
            None => unauthorized(StatusCode::FORBIDDEN, self.why_not(request, now)),
        }
    }

    /// Says why a request is not authorized.
    fn why_not(&self, request: &Request<Vec<u8>>, now: SystemTime) -> &'static str {
        let authorization = request.headers().get(AUTHORIZATION);
        let token = authorization.and_then(|it| bearer(it.as_bytes()));
        let known = |token| self.v0.access_tokens.iter().find(|it| it.token == token);
        match token.map(known) {
            None => "it has no access token of the scheme Bearer",
            Some(None) => "its access token is none of this service",
            Some(Some(known)) if known.expires_at <= now => "its access token has ended",
            Some(Some(_)) => "its access token is of no user or company here",
        }
    }

    /// Returns the access token that authorizes a request.
    pub(in crate::services) fn authorized(
        &self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Option<&AccessToken> {
        let authorization = request.headers().get(AUTHORIZATION)?;
        self.v0.valid(bearer(authorization.as_bytes())?, now)
    }
}

/// Reads a form of the token service, and the application that sends it. An empty parameter counts as missing.
fn read_form<'a>(
    request: &Request<Vec<u8>>,
    service: &'a Service,
) -> Result<(Parameters, &'a Application), Refusal> {
    let media_type = request.headers().get(CONTENT_TYPE);
    let media_type = media_type.map_or("", |value| value.to_str().unwrap_or_default());
    let media_type = media_type.to_ascii_lowercase();
    let form = "application/x-www-form-urlencoded";
    let is_form = if service.is_strict {
        media_type == form && request.uri().query().is_none()
    } else {
        media_type.split(';').next().unwrap_or_default().trim() == form
    };
    // Concur takes no chunked body.
    if !is_form || request.headers().contains_key(TRANSFER_ENCODING) {
        return Err(135.into());
    }
    let mut parameters = parameters(request);
    parameters.retain(|_, value| !value.is_empty());
    let client_id = parameters.get("client_id").ok_or(62)?;
    let secret = parameters.get("client_secret").ok_or(63)?;
    if request.uri().path().ends_with("/token") {
        parameters.get("grant_type").ok_or(65)?;
    }
    let application = service.application(client_id).ok_or(61)?;
    if !application.has_secret(secret) {
        return Err(64.into());
    }
    if !application.is_enabled {
        return Err(59.into());
    }
    Ok((parameters, application))
}

/// Returns the scopes of a token: those that are asked for, or else all of the application.
fn scope(asked: Option<&String>, application: &Application) -> Result<String, Refusal> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(application.scopes.join(" "));
    };
    // Commas are of the older service: here they are part of a scope that is not known.
    let mut asked = asked.split(' ').filter(|scope| !scope.is_empty());
    let granted: Option<Vec<_>> = asked
        .by_ref()
        .map(|scope| {
            application
                .scopes
                .iter()
                .any(|known| known == scope)
                .then_some(scope)
        })
        .collect();
    Ok(granted.ok_or(54)?.join(" "))
}

/// Returns the URL that a request came to.
fn asked_url(request: &Request<Vec<u8>>, emulator: &Emulator) -> String {
    let center = emulator.v0.data_center(authority(request));
    center
        .map_or(&emulator.instance_url, |center| &center.url)
        .clone()
}

impl Service {
    /// Returns the name of the data center that a request came to, where there are several.
    pub(crate) fn asked_of_several(&self, request: &Request<Vec<u8>>) -> Option<String> {
        let center = self.data_center(authority(request))?;
        (self.data_centers.len() > 1).then(|| center.name.clone())
    }
}

fn authority(request: &Request<Vec<u8>>) -> &str {
    let host = request.headers().get(HOST);
    host.and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn respond(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Refuses a request without a word to the client.
fn unauthorized(status: StatusCode, why: &'static str) -> Response<Vec<u8>> {
    let mut response = empty(status);
    response.extensions_mut().insert(Why(why));
    response
}

fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

/// Writes an error that is none of Concur's codes. Its words are those of RFC 6749, sections 4.1.2.1 and 5.2; a 503 is the maintenance
/// that Concur documents.
pub(super) fn failed(status: StatusCode, path: &str) -> Response<Vec<u8>> {
    let id = random::uuid();
    let mut body = json!({ "concur-correlationid": id });
    let (error, description) = match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            body["code"] = json!(134);
            Refusal::from(134).words()
        }
        StatusCode::TOO_MANY_REQUESTS => ("temporarily_unavailable", "too many requests"),
        StatusCode::UNAUTHORIZED if path == "/oauth2/v0/token" => {
            ("invalid_client", "client authentication failed")
        }
        _ if status.is_client_error() => ("invalid_request", "the request was refused"),
        _ => ("server_error", "an unexpected error occurred"),
    };
    body["error"] = json!(error);
    body["error_description"] = json!(description);
    with_id(respond(status, &body), id)
}

fn with_id(mut response: Response<Vec<u8>>, id: String) -> Response<Vec<u8>> {
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("Concur-Correlationid", id);
    }
    response
}

/// Writes an error with the five names that Concur's samples have. The geolocation is in all of them, and says where the
/// user lives only with code 16.
fn refused(refusal: &Refusal, request: &Request<Vec<u8>>, service: &Service) -> Response<Vec<u8>> {
    let (error, description) = refusal.words();
    let asked = service.data_center(authority(request));
    let id = random::uuid();
    let mut body = json!({
        "error": error,
        "concur-correlationid": id,
        "error_description": description,
        "code": refusal.code,
    });
    let asked = asked.map(|center| center.url.as_str());
    if let Some(geolocation) = refusal.geolocation.as_deref().or(asked) {
        body["geolocation"] = json!(geolocation);
    }
    with_id(respond(refusal.status(), &body), id)
}

#[cfg(test)]
mod tests;
