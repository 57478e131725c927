//! The control endpoint: faults, the clock, requests and tokens over HTTP, for tests in any language, and the index page.

mod access;
mod api;
mod index;

use http::{Method, Request, Response};

use super::Shared;
pub(super) use access::Control;

/// Returns whether a path is of the control endpoint or the index page. Concur has nothing there.
pub(super) fn is_path(path: &str) -> bool {
    path == "/" || path == api::ROOT || path.starts_with("/_emulator/")
}

/// Responds to a request of the control endpoint. It is neither counted nor remembered, and no fault applies to it.
pub(super) fn respond(shared: &Shared, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    if let Err(why) = shared.control.check(request, &shared.names) {
        return api::refused(http::StatusCode::FORBIDDEN, why);
    }
    if request.uri().path() != "/" {
        return api::respond(shared, request);
    }
    if *request.method() == Method::GET {
        return index::page(shared);
    }
    api::refused(
        http::StatusCode::METHOD_NOT_ALLOWED,
        "the index page is read by GET",
    )
}
