//! `DELETE /app-mgmt/v0/connections`: the end of all refresh tokens of a company or user for an application.

use std::time::SystemTime;

use http::{Request, Response, StatusCode};
use serde_json::json;

use super::{respond, unauthorized};
use crate::emulator::Emulator;

impl Emulator {
    pub(super) fn revoke_connections(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let token = self.authorized(request, now);
        // Concur's older APIs say 403 of a token that is expired.
        let Some((id, Some(principal))) =
            token.map(|token| (token.client_id.clone(), token.principal.clone()))
        else {
            return unauthorized(StatusCode::FORBIDDEN, self.why_not(request, now));
        };
        self.v0.refresh_tokens.revoke(&id, &principal);
        respond(StatusCode::OK, &json!("deleted"))
    }
}
