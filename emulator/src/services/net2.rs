//! The older token service, under `/net2/oauth2`.

use std::time::SystemTime;

use http::header::AUTHORIZATION;
use http::{Request, StatusCode};

use super::{ErrorResponse, find_application};
use crate::emulator::Emulator;
use crate::http::document::Document;
use crate::http::request::{basic, oauth, parameters};
use crate::state::grants::Grant;

impl Emulator {
    pub(super) fn native(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, ErrorResponse> {
        let authorization = authorization(request)?;
        let key = request.headers().get("x-consumerkey");
        let key = key.and_then(|key| std::str::from_utf8(key.as_bytes()).ok());
        let key = key
            .filter(|key| find_application(&self.applications, key).is_some())
            .ok_or((StatusCode::FORBIDDEN, "Invalid consumer key"))?;
        let user = basic(authorization).and_then(|(name, secret)| {
            let mut users = self.users.iter();
            users.find(|user| user.signs_in_with(&name, &secret))
        });
        let user = user.ok_or((StatusCode::FORBIDDEN, "Invalid credentials"))?;
        let grant = self.grants.issue(key, &user.login_id, now);
        Ok(document(
            &self.instance_url,
            grant,
            Some(&grant.refresh_token),
        ))
    }

    /// Exchanges a code, or refreshes a token: both have one address.
    pub(super) fn get_access_token(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, ErrorResponse> {
        let parameters = parameters(request);
        let get = |name: &str| parameters.get(name).map(String::as_str);
        let missing = (StatusCode::BAD_REQUEST, "A required field is missing");
        let (key, secret) = (get("client_id"), get("client_secret"));
        let (key, secret) = key.zip(secret).ok_or(missing)?;
        let known =
            find_application(&self.applications, key).and_then(|known| known.secret.as_deref());
        if known != Some(secret) {
            return Err((
                StatusCode::FORBIDDEN,
                "Invalid consumer key or consumer secret",
            ));
        }
        match (get("code"), get("refresh_token")) {
            (Some(code), None) => {
                let login_id = self.grants.spend(key, code, now).map_err(forbidden)?;
                let grant = self.grants.issue(key, &login_id, now);
                Ok(document(
                    &self.instance_url,
                    grant,
                    Some(&grant.refresh_token),
                ))
            }
            (None, Some(refresh_token)) => {
                let grant = self.grants.refresh(key, refresh_token, now);
                // Concur documents no refresh token in this response.
                Ok(document(
                    &self.instance_url,
                    grant.map_err(forbidden)?,
                    None,
                ))
            }
            _ => Err(missing),
        }
    }

    pub(super) fn revoke_token(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<(), ErrorResponse> {
        self.administrator(request, now)?;
        let parameters = parameters(request);
        let get = |name: &str| parameters.get(name).map(String::as_str);
        // One SDK sends the key by its OAuth name.
        let key = get("consumerKey").or(get("client_id"));
        let revoked = match (get("token"), key, get("user")) {
            (Some(token), None, None) => self.grants.revoke(token),
            (None, Some(key), Some(user)) => self.grants.revoke_user(key, user),
            _ => return Err((StatusCode::BAD_REQUEST, "A required field is missing")),
        };
        if revoked {
            Ok(())
        } else {
            Err((StatusCode::NOT_FOUND, "There is no such token"))
        }
    }

    /// Returns the administrator's grant that authorizes a request.
    pub(super) fn administrator(
        &self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<&Grant, ErrorResponse> {
        let token = oauth(authorization(request)?).ok_or(forbidden("Invalid token"))?;
        let holder = self.grants.holder(token, now).map_err(forbidden)?;
        let mut users = self.users.iter();
        if users.any(|user| user.login_id == holder.login_id && user.administrator) {
            Ok(holder)
        } else {
            Err(forbidden("Only a Web Services Administrator may do this"))
        }
    }
}

fn document(instance_url: &str, grant: &Grant, refresh_token: Option<&str>) -> Document {
    Document::access_token(
        instance_url,
        &grant.access_token,
        grant.expires_at,
        refresh_token,
    )
}

fn authorization(request: &Request<Vec<u8>>) -> Result<&[u8], ErrorResponse> {
    let header = request.headers().get(AUTHORIZATION);
    let value = header.map(http::HeaderValue::as_bytes);
    value.ok_or((StatusCode::UNAUTHORIZED, "No Authorization header"))
}

fn forbidden(why: &'static str) -> ErrorResponse {
    (StatusCode::FORBIDDEN, why)
}
