//! The page where a user signs in, sees what an application asks for, and approves or denies.

use std::collections::HashMap;
use std::fmt::Write;

use http::header::LOCATION;
use http::{HeaderValue, Response, StatusCode};

use crate::account::Application;
use crate::document::escaped;
use crate::incoming::is_absolute;
use crate::page::{Form, page};

/// What the application asks of the user.
pub(crate) struct Consent<'a> {
    pub(crate) application: &'a Application,
    scopes: Vec<&'a str>,
    redirect_uri: &'a str,
    state: Option<&'a str>,
}

impl<'a> Consent<'a> {
    /// Reads it from a request's parameters; or says what is wrong with them.
    pub(crate) fn read(
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

    /// The page.
    pub(crate) fn page(&self, form: &Form<'_>) -> Response<Vec<u8>> {
        let name = escaped(self.application.name());
        let mut body = format!(
            "<h1>{name} asks for access</h1>\n{}<p>{name} would like to use, in your name:</p>\n<ul>\n",
            form.problem()
        );
        for scope in &self.scopes {
            let _ = writeln!(body, "<li>{}</li>", escaped(scope));
        }
        let _ = write!(
            body,
            "</ul>\n<form method=\"post\">\n{}\
             <p><button name=\"decision\" value=\"approve\">Sign in and approve</button>\n\
             <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>\n",
            form.sign_in(),
        );
        page(StatusCode::OK, &form.title("Sign in to Concur"), &body)
    }

    /// Sends the user back, approved with a request token.
    pub(crate) fn approved(&self, code: &str) -> Response<Vec<u8>> {
        self.back(&[("code", code)])
    }

    /// Sends the user back, denied.
    pub(crate) fn denied(&self) -> Response<Vec<u8>> {
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

/// Sends a browser to a URI, with more in its query.
pub(crate) fn redirect<'a>(
    uri: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Response<Vec<u8>> {
    let mut location = uri.to_owned();
    for (name, value) in parameters {
        location.push(if location.contains('?') { '&' } else { '?' });
        let _ = write!(location, "{name}={}", form_encoded(value));
    }
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::FOUND;
    let location =
        HeaderValue::try_from(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

/// A form as a browser sends it.
pub(crate) fn form<const N: usize>(fields: [(&str, &str); N]) -> String {
    let fields = fields.map(|(name, value)| format!("{name}={}", form_encoded(value)));
    fields.join("&")
}

/// As forms are encoded: Concur writes `User+denied+access`.
pub(crate) fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'.' | b'_' | b'*' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
