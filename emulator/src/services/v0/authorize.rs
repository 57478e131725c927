//! `/oauth2/v0/authorize`: the page on which a user signs in, sees what an application asks for, and approves or denies.

use std::time::SystemTime;

use http::{Method, Request, Response};

use super::{Parameters, scope};
use crate::emulator::Emulator;
use crate::http::form::redirect;
use crate::http::page::{self, Consent, Form};
use crate::http::request::parameters;
use crate::state::v0::{Application, Code, Service, User};

impl Emulator {
    pub(super) fn authorize(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let parameters = parameters(request);
        let has_sample = self.v0.users.iter().any(User::is_sample);
        let asked = match Asked::read(&parameters, &self.v0) {
            Ok(asked) => asked,
            Err(why) => return page::nothing(&why),
        };
        if !asked.application.is_enabled {
            // Concur's page shows both names, and no values.
            return asked.back(&[("error_code", ""), ("error_description", "")]);
        }
        let scopes: Vec<_> = asked
            .scope
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .collect();
        let consent = Consent {
            name: asked.application.name(),
            scopes: &scopes,
        };
        let get = |name: &str| parameters.get(name).map_or("", String::as_str);
        match get("decision") {
            // A form is never sent in a URL.
            _ if *request.method() == Method::GET => return consent.page(&Form::fresh(has_sample)),
            "approve" => {}
            "deny" => return asked.denied(),
            _ => return consent.page(&Form::fresh(has_sample)),
        }
        let (login_id, password) = (get("login_id"), get("password"));
        let mut users = self.v0.users.iter();
        let user = users.find(|user| user.login_id == login_id && user.password == password);
        let Some(user) = user else {
            return consent.page(&Form::refused(&parameters, has_sample));
        };
        let home = user.principal().data_center;
        let home = home.and_then(|name| self.v0.url_of(&name).map(str::to_owned));
        let geolocation = home.unwrap_or_else(|| super::asked_url(request, self));
        let id = &asked.application.client_id;
        let code = Code::new(id, &user.id, asked.redirect_uri, &asked.scope, now);
        let response = asked.back(&[("geolocation", &geolocation), ("code", &code.text)]);
        self.v0.codes.push(code);
        response
    }
}

/// What an application asks of a user.
struct Asked<'a> {
    application: &'a Application,
    scope: String,
    redirect_uri: &'a str,
    state: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Reads it from a request's parameters, or returns what is wrong with them.
    fn read(parameters: &'a Parameters, service: &'a Service) -> Result<Self, String> {
        let get = |name: &str| parameters.get(name).map_or("", String::as_str);
        let application = service
            .application(get("client_id"))
            .ok_or("The application is not known.")?;
        let redirect_uri = get("redirect_uri");
        if !application
            .redirect_uris
            .iter()
            .any(|known| known == redirect_uri)
        {
            return Err("The redirect URI is not registered for the application.".to_owned());
        }
        if get("response_type") != "code" {
            return Err("The response type is not code.".to_owned());
        }
        let scope = scope(parameters.get("scope"), application)
            .map_err(|refusal| format!("Error {}: {}.", refusal.code, refusal.words().1))?;
        Ok(Self {
            application,
            scope,
            redirect_uri,
            state: parameters.get("state").map(String::as_str),
        })
    }

    fn denied(&self) -> Response<Vec<u8>> {
        self.back(&[
            ("error_code", "user_denied"),
            ("error_description", "The user denied your request."),
        ])
    }

    fn back(&self, parameters: &[(&str, &str)]) -> Response<Vec<u8>> {
        let state = self.state.map(|state| ("state", state));
        redirect(self.redirect_uri, parameters.iter().copied().chain(state))
    }
}
