//! `POST /oauth2/v0/token`: every grant.

use std::time::SystemTime;

use http::Request;
use serde_json::{Value, json};

use super::otp::channel;
use super::{Parameters, asked_url, authority, read_form, scope};
use crate::emulator::Emulator;
use crate::state::v0::{Application, Dead, Issued, Kind, Principal, Refusal, seconds};

/// The name of the data center that takes codes and request tokens of all others.
const GLOBAL: &str = "glz";

impl Emulator {
    pub(super) fn token(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Value, Refusal> {
        let (parameters, application) = read_form(request, &self.v0)?;
        let application = application.clone();
        let grant = parameters.get("grant_type").map_or("", String::as_str);
        if grant == "refresh_token" && !application.allows(grant) {
            return Err(107.into());
        }
        if !application.allows(grant) {
            return Err(60.into());
        }
        if let Some(code) = self.v0.next_refusal.take() {
            return Err(code.into());
        }
        let is_authtoken = parameters
            .get("credtype")
            .is_some_and(|credtype| credtype == "authtoken");
        let issued = match grant {
            "password" if is_authtoken => {
                self.by_request_token(request, &application, &parameters, now)
            }
            "password" => self.by_password(request, &application, &parameters, now),
            "client_credentials" => {
                let scope = scope(parameters.get("scope"), &application)?;
                let principal = Principal {
                    id: application.client_id.clone(),
                    kind: Kind::Application,
                    data_center: None,
                };
                let url = asked_url(request, self);
                let id = &application.client_id;
                Ok(self.v0.issue(id, &principal, scope, url, None, now))
            }
            "authorization_code" => self.by_code(request, &application, &parameters, now),
            "otp" => self.by_otp(request, &application, &parameters, now),
            _ => self.by_refresh_token(request, &application, &parameters, now),
        }?;
        Ok(document(&issued, self.v0.has_documented_form))
    }

    fn by_password(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        parameters: &Parameters,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        if parameters
            .get("credtype")
            .is_some_and(|credtype| credtype != "password")
        {
            return Err(120.into());
        }
        let username = parameters.get("username").ok_or(51)?;
        let password = parameters.get("password").ok_or(52)?;
        let mut users = self.v0.users.iter();
        let user = users.find(|user| user.id == *username || user.login_id == *username);
        let user = user.ok_or(5)?;
        self.lives_here(request, &user.principal(), false)?;
        if let Some(code) = user.refusal {
            return Err(code.into());
        }
        if user.password != *password {
            return Err(5.into());
        }
        let principal = user.principal();
        self.begin(
            request,
            application,
            &principal,
            parameters.get("scope"),
            now,
        )
    }

    fn by_request_token(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        parameters: &Parameters,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        let username = parameters.get("username").ok_or(51)?;
        let password = parameters.get("password").ok_or(52)?;
        let principal = self.v0.principal(username).ok_or(5)?;
        self.lives_here(request, &principal, true)?;
        let mut tokens = self.v0.request_tokens.iter_mut();
        let token = tokens.find(|token| token.token == *password).ok_or(5)?;
        if token.client_id != application.client_id {
            return Err(136.into());
        }
        if token.principal != principal.id || token.uses_left == 0 || token.expires_at <= now {
            return Err(5.into());
        }
        let scope = parameters.get("scope");
        self::scope(scope, application)?;
        token.uses_left -= 1;
        self.begin(request, application, &principal, scope, now)
    }

    fn by_code(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        parameters: &Parameters,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        let code = parameters.get("code").ok_or(101)?;
        let redirect_uri = parameters.get("redirect_uri").ok_or(102)?;
        let found = self.v0.codes.iter().position(|known| known.text == *code);
        let found = found.ok_or(103)?;
        let known = self.v0.codes[found].clone();
        if known.client_id != application.client_id {
            return Err(105.into());
        }
        let principal = self.v0.principal(&known.user).ok_or(100)?;
        self.lives_here(request, &principal, true)?;
        // Valid once, right or wrong.
        self.v0.codes.swap_remove(found);
        if known.expires_at <= now {
            return Err(103.into());
        }
        if known.redirect_uri != *redirect_uri {
            return Err(104.into());
        }
        self.begin(request, application, &principal, Some(&known.scope), now)
    }

    fn by_otp(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        parameters: &Parameters,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        let otp = parameters.get("otp").ok_or(56)?;
        let email = channel(parameters)?;
        let mut users = self.v0.users.iter();
        let user = users
            .find(|user| user.email.as_ref() == Some(&email))
            .ok_or(55)?;
        let principal = user.principal();
        self.lives_here(request, &principal, false)?;
        let mut mailed = self.v0.one_time_passwords.iter();
        let found = mailed.position(|mailed| mailed.otp == *otp).ok_or(83)?;
        let mailed = &self.v0.one_time_passwords[found];
        let is_repeated = mailed.facts.iter().all(|(name, value)| {
            // Whether these must be repeated is documented both ways.
            let is_optional = ["name", "company", "link"].contains(&name.as_str());
            parameters
                .get(name)
                .map_or(is_optional && !self.v0.is_strict, |given| given == value)
        });
        if !is_repeated {
            return Err(84.into());
        }
        let is_theirs = mailed.client_id == application.client_id && mailed.email == email;
        if !is_theirs || mailed.expires_at <= now {
            return Err(85.into());
        }
        let scope = parameters.get("scope");
        self::scope(scope, application)?;
        self.v0.one_time_passwords.swap_remove(found);
        self.begin(request, application, &principal, scope, now)
    }

    fn by_refresh_token(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        parameters: &Parameters,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        let token = parameters.get("refresh_token").ok_or(106)?;
        let principal = self.v0.refresh_tokens.principal(token).ok_or(108)?;
        let principal = self.v0.principal(principal).ok_or(108)?;
        let geolocation = self.lives_here(request, &principal, false)?;
        let asked = parameters.get("scope");
        let granted = self.v0.refresh_tokens.scope(token);
        // Never more than was granted.
        let is_granted = |scope: &str| granted.split(' ').any(|known| known == scope);
        let exceeds = asked.is_some_and(|asked| !asked.split(' ').all(is_granted));
        let is_own = self.v0.refresh_tokens.is_of(&application.client_id, token);
        if is_own && exceeds {
            return Err(54.into());
        }
        let refreshed = self
            .v0
            .refresh_tokens
            .refresh(&application.client_id, token, now);
        let (family, refresh) = refreshed.map_err(|dead| match dead {
            Dead::Expired => 108,
            Dead::Foreign => 105,
        })?;
        let scope = asked.unwrap_or(&family.scope).clone();
        let id = &application.client_id;
        Ok(self
            .v0
            .issue(id, &principal, scope, geolocation, Some(refresh), now))
    }

    /// Begins the tokens of a company or user.
    fn begin(
        &mut self,
        request: &Request<Vec<u8>>,
        application: &Application,
        principal: &Principal,
        asked: Option<&String>,
        now: SystemTime,
    ) -> Result<Issued, Refusal> {
        if application.disabled_for.contains(&principal.id) {
            return Err(53.into());
        }
        let scope = scope(asked, application)?;
        let geolocation = self.lives_here(request, principal, true)?;
        let id = &application.client_id;
        // An application that may not refresh gets nothing to refresh with.
        let refresh = application
            .allows("refresh_token")
            .then(|| self.v0.refresh_tokens.begin(id, &principal.id, &scope, now));
        Ok(self
            .v0
            .issue(id, principal, scope, geolocation, refresh, now))
    }

    /// Returns where a company or user lives, if the data center that was asked may respond for it.
    pub(super) fn lives_here(
        &self,
        request: &Request<Vec<u8>>,
        principal: &Principal,
        may_be_global: bool,
    ) -> Result<String, Refusal> {
        let home = principal.data_center.as_deref();
        let Some(home) = home.and_then(|name| self.v0.url_of(name)) else {
            return Ok(asked_url(request, self));
        };
        let asked = self.v0.data_center(authority(request));
        let is_here =
            asked.is_none_or(|asked| asked.url == home || (may_be_global && asked.name == GLOBAL));
        if is_here {
            Ok(home.to_owned())
        } else {
            Err(Refusal::elsewhere(home))
        }
    }
}

/// Writes the response with the types that were observed in 2023, or as they are documented.
fn document(issued: &Issued, as_documented: bool) -> Value {
    let lifetime = issued.life.as_secs();
    let mut body = json!({
        "expires_in": if as_documented { json!(lifetime.to_string()) } else { json!(lifetime) },
        "scope": issued.scope,
        "token_type": "Bearer",
        "access_token": issued.access_token,
        "geolocation": issued.geolocation,
    });
    if let Some((refresh_token, expires_at)) = &issued.refresh {
        body["refresh_token"] = json!(refresh_token);
        if !as_documented {
            body["refresh_expires_in"] = json!(seconds(*expires_at));
        }
    }
    if let Some(id_token) = &issued.id_token {
        body["id_token"] = json!(id_token);
    }
    body
}
