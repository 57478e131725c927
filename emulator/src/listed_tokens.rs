//! The tokens that were issued, without their values.

use std::time::SystemTime;

use http::Request;
use http::header::AUTHORIZATION;

use crate::emulator::Emulator;
use crate::http::request::{bearer, oauth};

/// A token that was issued.
#[derive(Debug, Clone)]
pub(crate) struct ListedToken {
    /// Names it to [`Emulator::expire_token`].
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    /// The application's name.
    pub(crate) application: String,
    /// The user's login ID, or the company's UUID.
    pub(crate) holder: String,
    pub(crate) expires_at: SystemTime,
    pub(crate) is_valid: bool,
}

impl Emulator {
    /// Lists the access tokens of both services, and the refresh tokens of the newer one, each in the order in which it was issued.
    pub(crate) fn listed_tokens(&self, now: SystemTime) -> Vec<ListedToken> {
        let of_net2 = self.grants.all().iter().enumerate().map(|(number, grant)| {
            let known = self.applications.iter().find(|it| it.key == grant.key);
            ListedToken {
                id: format!("net2-{number}"),
                kind: "access token of net2",
                application: known.map_or(&*grant.key, |it| it.name()).to_owned(),
                holder: grant.login_id.clone(),
                expires_at: grant.expires_at,
                is_valid: grant.is_valid_at(now),
            }
        });
        let of_v0 = self.v0.access_tokens.iter().enumerate();
        let of_v0 = of_v0.map(|(number, token)| ListedToken {
            id: format!("v0-{number}"),
            kind: "access token",
            application: self.application_name(&token.client_id),
            holder: match &token.principal {
                Some(id) => self.holder_name(id),
                None => "the application itself".to_owned(),
            },
            expires_at: token.expires_at,
            is_valid: token.expires_at > now,
        });
        let refreshing = self.v0.refresh_tokens.families().iter().enumerate();
        let refreshing = refreshing.map(|(number, family)| ListedToken {
            id: format!("refresh-{number}"),
            kind: "refresh token",
            application: self.application_name(&family.client_id),
            holder: self.holder_name(&family.principal),
            expires_at: family.expires_at(),
            is_valid: family.is_valid_at(now),
        });
        of_net2.chain(of_v0).chain(refreshing).collect()
    }

    /// Returns the ID of the access token that authorizes a request, where it was issued, even if it has ended.
    pub(crate) fn id_of_token(&self, request: &Request<Vec<u8>>) -> Option<String> {
        let authorization = request.headers().get(AUTHORIZATION)?.as_bytes();
        let token = bearer(authorization).or_else(|| oauth(authorization))?;
        let of_v0 = || {
            let mut all = self.v0.access_tokens.iter();
            let number = all.position(|it| it.token == token)?;
            Some(format!("v0-{number}"))
        };
        let of_net2 = || {
            let mut all = self.grants.all().iter();
            let number = all.position(|it| it.access_token == token)?;
            Some(format!("net2-{number}"))
        };
        of_v0().or_else(of_net2)
    }

    /// Ends a token now. Returns `false` if there is none of this ID.
    pub(crate) fn expire_token(&mut self, id: &str, now: SystemTime) -> bool {
        let Some((kind, number)) = id.split_once('-') else {
            return false;
        };
        let Ok(number) = number.parse::<usize>() else {
            return false;
        };
        match kind {
            "net2" => self.grants.expire(number, now),
            "refresh" => self.v0.refresh_tokens.expire(number, now),
            "v0" => match self.v0.access_tokens.get_mut(number) {
                Some(token) => {
                    token.expires_at = token.expires_at.min(now);
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    fn application_name(&self, client_id: &str) -> String {
        let known = self.v0.application(client_id);
        known.map_or(client_id, |it| it.name()).to_owned()
    }

    fn holder_name(&self, id: &str) -> String {
        let user = self.v0.users.iter().find(|user| user.id == id);
        user.map_or(id, |user| &user.login_id).to_owned()
    }
}
