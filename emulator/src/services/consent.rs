//! The page on which a user signs in, sees what an application asks for, and approves or denies.

use std::collections::HashMap;
use std::time::SystemTime;

use http::{Method, Request, Response};

use super::signed_in;
use crate::emulator::Emulator;
use crate::http::form::redirect;
use crate::http::page::{self, Form};
use crate::http::request::{is_absolute, parameters};
use crate::state::application::Application;
use crate::state::random;
use crate::state::user::User;

impl Emulator {
    /// Shows the pages of the Web flow to a browser.
    pub(super) fn login(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let parameters = parameters(request);
        let has_sample = self.users.iter().any(User::is_sample);
        let consent = match Consent::read(&parameters, &self.applications) {
            Ok(consent) => consent,
            Err(why) => return page::nothing(why),
        };
        let get = |name: &str| parameters.get(name).map(String::as_str);
        match get("decision") {
            // A form is never sent in a URL.
            _ if *request.method() == Method::GET => return consent.page(&Form::fresh(has_sample)),
            Some("approve") => {}
            Some("deny") => return consent.denied(),
            _ => return consent.page(&Form::fresh(has_sample)),
        }
        let Some(user) = signed_in(&self.users, &parameters) else {
            return consent.page(&Form::refused(&parameters, has_sample));
        };
        let code = random::code();
        let response = consent.approved(&code);
        let key = &consent.application.key;
        self.grants.consent(code, key, &user.login_id, now);
        response
    }
}

/// What an application asks of a user.
struct Consent<'a> {
    application: &'a Application,
    scopes: Vec<&'a str>,
    redirect_uri: &'a str,
    state: Option<&'a str>,
}

impl<'a> Consent<'a> {
    /// Reads it from a request's parameters, or returns what is wrong with them.
    fn read(
        parameters: &'a HashMap<String, String>,
        applications: &'a [Application],
    ) -> Result<Self, &'static str> {
        let get = |name: &str| parameters.get(name).map(String::as_str);
        let key = get("client_id").unwrap_or_default();
        let application = applications.iter().find(|known| known.key == key);
        let scopes: Vec<_> = get("scope")
            .unwrap_or_default()
            .split(',')
            .filter(|scope| !scope.is_empty())
            .collect();
        let redirect_uri = get("redirect_uri").unwrap_or_default();
        match application {
            None => Err("The application is not known."),
            Some(_) if scopes.is_empty() => Err("The application asks for nothing."),
            Some(_) if !is_absolute(redirect_uri) => {
                Err("The application does not say where to go back to.")
            }
            Some(application) => Ok(Self {
                application,
                scopes,
                redirect_uri,
                state: get("state"),
            }),
        }
    }

    /// Returns the page.
    fn page(&self, form: &Form<'_>) -> Response<Vec<u8>> {
        let page = page::Consent {
            name: self.application.name(),
            scopes: &self.scopes,
        };
        page.page(form)
    }

    /// Sends the user back, approved with a request token.
    fn approved(&self, code: &str) -> Response<Vec<u8>> {
        self.back(&[("code", code)])
    }

    /// Sends the user back, denied.
    fn denied(&self) -> Response<Vec<u8>> {
        self.back(&[
            ("error", "access_denied"),
            ("error_description", "User denied access"),
        ])
    }

    fn back(&self, parameters: &[(&str, &str)]) -> Response<Vec<u8>> {
        let state = self.state.map(|state| ("state", state));
        redirect(self.redirect_uri, parameters.iter().copied().chain(state))
    }
}
