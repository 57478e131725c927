//! `POST /appmgmt/v0/legacyApps/{key}/exchangeRefreshToken/me`: a token of the older service for a refresh token.

use std::time::SystemTime;

use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{empty, respond};
use crate::emulator::Emulator;
use crate::http::request::{parameters, segment};
use crate::state::v0::{Company, Kind, seconds};

impl Emulator {
    pub(super) fn migrate(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let path: Vec<_> = request
            .uri()
            .path()
            .split('/')
            .skip(4)
            .map(segment)
            .collect();
        let [key, exchange, me] = path.as_slice() else {
            return empty(StatusCode::NOT_FOUND);
        };
        if !exchange.eq_ignore_ascii_case("exchangeRefreshToken") || me != "me" {
            return empty(StatusCode::NOT_FOUND);
        }
        let token = self.authorized(request, now);
        let client_id = token.filter(|token| token.principal.is_none());
        let Some(client_id) = client_id.map(|token| token.client_id.clone()) else {
            return refused(StatusCode::FORBIDDEN, "UNAUTHORIZED");
        };
        // Concur's own sample sends JSON as a form.
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let secret = body["secret"].as_str().unwrap_or_default();
        let application = self.v0.application(&client_id);
        if !self.knows(key) || !application.is_some_and(|known| known.has_secret(secret)) {
            return refused(StatusCode::BAD_REQUEST, "INVALIDAPP");
        }
        let old = self
            .grants
            .holder(body["token"].as_str().unwrap_or_default(), now);
        let old = old
            .ok()
            .filter(|old| old.key == *key)
            .map(|old| old.login_id.clone());
        let for_company = parameters(request)
            .get("returnType")
            .is_some_and(|kind| kind == "companyToken");
        let is_administrator = |login_id: &String| {
            let mut users = self.users.iter();
            users.any(|user| user.login_id == *login_id && user.administrator)
        };
        let principal = match old {
            Some(login_id) if for_company => is_administrator(&login_id)
                .then(|| self.v0.companies.first().map(Company::principal))
                .flatten(),
            Some(login_id) => self.v0.principal(&login_id),
            None => None,
        };
        let Some(principal) = principal else {
            return refused(StatusCode::BAD_REQUEST, "INVALIDTOKEN");
        };
        let scopes = application
            .map(|known| known.scopes.clone())
            .unwrap_or_default();
        let scope = scopes.join(" ");
        let (token, ends) = self
            .v0
            .refresh_tokens
            .begin(&client_id, &principal.id, &scope, now);
        let kind = if principal.kind == Kind::Company {
            "company"
        } else {
            "user"
        };
        let context = json!({ "userid": principal.id, "ptype": kind, "scope": scope });
        respond(
            StatusCode::OK,
            &json!({
                "token": token,
                "created": seconds(now) * 1000,
                "expired": seconds(ends) * 1000,
                "scopes": scopes,
                "context": context.to_string(),
            }),
        )
    }
}

/// Concur documents the words, and not where they stand.
fn refused(status: StatusCode, code: &str) -> Response<Vec<u8>> {
    respond(status, &json!({ "code": code }))
}
