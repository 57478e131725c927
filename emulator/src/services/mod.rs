//! The services: which of them responds to a request, and how each does.

mod app_center;
mod connection_requests;
mod consent;
mod net2;
mod v0;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::header::{RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::emulator::Emulator;
use crate::http::document::{Document, Format};
use crate::http::request::normal_path;
use crate::state::application::Application;
use crate::state::random;
use crate::state::user::User;
use connection_requests::Route;

/// A status and the message of the error document.
type ErrorResponse = (StatusCode, &'static str);

const NOTHING: ErrorResponse = (StatusCode::NOT_FOUND, "There is nothing at this address");

impl Emulator {
    /// Responds to a request at this time.
    pub fn respond(&mut self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        let format = Format::of(request);
        let (get, post) = (
            *request.method() == Method::GET,
            *request.method() == Method::POST,
        );
        let path = normal_path(request.uri().path());
        if path == "/net2/oauth2/login.aspx" && (get || post) {
            return self.login(request, now);
        }
        if path == "/appcenter" && (get || post) {
            return self.app_center(request, now);
        }
        if let Some(response) = self.respond_v0(request, &path, now) {
            return response;
        }
        // Concur documents that it takes none.
        let chunked = request.headers().contains_key(TRANSFER_ENCODING);
        // In lower case, as `normal_path` makes it.
        let result = match path.as_str() {
            _ if chunked => Err((
                StatusCode::BAD_REQUEST,
                "A chunked request body is not accepted",
            )),
            "/net2/oauth2/accesstoken.ashx" if get || post => self.native(request, now).map(Some),
            "/net2/oauth2/getaccesstoken.ashx" if get || post => {
                self.get_access_token(request, now).map(Some)
            }
            "/net2/oauth2/revoketoken.ashx" if post => {
                self.revoke_token(request, now).map(|()| None)
            }
            other => match Route::of(other) {
                Some(route) => self.connection_requests(&route, request, now),
                None => Err(NOTHING),
            },
        };
        match result {
            Ok(Some(document)) => document.into_response(StatusCode::OK, format),
            Ok(None) => {
                let mut response = Response::new(Vec::new());
                if path.starts_with("/api/") {
                    *response.status_mut() = StatusCode::NO_CONTENT;
                }
                response
            }
            Err((status, message)) => {
                Document::error(message, &random::id(), now).into_response(status, format)
            }
        }
    }
}

/// Why a response without a body is an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Why(pub(crate) &'static str);

/// Returns Concur's error document with this status, in the form of the service that a request is for.
pub(crate) fn error_response(
    request: &Request<Vec<u8>>,
    status: StatusCode,
    retry_after: Option<Duration>,
    now: SystemTime,
) -> Response<Vec<u8>> {
    let path = normal_path(request.uri().path());
    let is_of_v0 = ["/oauth2/", "/app-mgmt/", "/appmgmt/", "/profile/"];
    let is_of_v0 = is_of_v0.iter().any(|of| path.starts_with(of));
    let mut response = if is_of_v0 {
        v0::failed(status, &path)
    } else {
        let message = match status {
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            StatusCode::SERVICE_UNAVAILABLE => "The service is unavailable",
            _ if status.is_client_error() => "The request was refused",
            _ => "An unexpected error occurred",
        };
        Document::error(message, &random::id(), now).into_response(status, Format::of(request))
    };
    if let Some(after) = retry_after {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Returns the application with this consumer key.
fn find_application<'a>(applications: &'a [Application], key: &str) -> Option<&'a Application> {
    applications.iter().find(|known| known.key == key)
}

/// Returns the user with the login ID and password of a form.
fn signed_in<'a>(users: &'a [User], parameters: &HashMap<String, String>) -> Option<&'a User> {
    let get = |name: &str| parameters.get(name).map_or("", String::as_str);
    let (name, secret) = (get("login_id"), get("password"));
    users.iter().find(|user| user.signs_in_with(name, secret))
}

#[cfg(test)]
mod tests;
