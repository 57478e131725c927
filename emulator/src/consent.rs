//! The page where a user signs in, sees what an application asks for, and approves or denies.

use std::collections::HashMap;
use std::fmt::Write;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode, Uri};

use crate::account::{Application, Listing};
use crate::document::escaped;

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
        let absolute = redirect_uri
            .parse::<Uri>()
            .is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
        match application {
            None => Err("The application is not known."),
            Some(_) if scopes.is_empty() => Err("The application asks for nothing."),
            Some(_) if !absolute => Err("The application does not say where to go back to."),
            Some(application) => Ok(Self {
                application,
                scopes,
                redirect_uri,
                state: get("state"),
            }),
        }
    }

    /// The page, with a word about what went wrong the last time.
    pub(crate) fn page(&self, problem: Option<&str>) -> Response<Vec<u8>> {
        let name = escaped(self.application.name());
        let mut body = format!("<h1>{name} asks for access</h1>\n");
        if let Some(problem) = problem {
            let _ = writeln!(body, "<p role=\"alert\">{}</p>", escaped(problem));
        }
        let _ = writeln!(body, "<p>{name} would like to use, in your name:</p>\n<ul>");
        for scope in &self.scopes {
            let _ = writeln!(body, "<li>{}</li>", escaped(scope));
        }
        let _ = write!(
            body,
            "</ul>\n<form method=\"post\">\n{SIGN_IN}\
             <p><button name=\"decision\" value=\"approve\">Sign in and approve</button>\n\
             <button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>\n",
        );
        page(StatusCode::OK, "Sign in to Concur", &body)
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

/// The App Center: the applications that are listed there, and a button to connect to each.
pub(crate) fn app_center(applications: &[Application], problem: Option<&str>) -> Response<Vec<u8>> {
    let mut body = "<h1>App Center</h1>\n".to_owned();
    if let Some(problem) = problem {
        let _ = writeln!(body, "<p role=\"alert\">{}</p>", escaped(problem));
    }
    let _ = write!(body, "<form method=\"post\">\n{SIGN_IN}");
    let listed = applications
        .iter()
        .filter(|listed| listed.app_center.is_some());
    let is_supplier =
        |listed: &&Application| matches!(listed.app_center, Some(Listing::AutoConnect));
    if listed.clone().any(|listed| is_supplier(&listed)) {
        body.push_str(MEMBERSHIP);
    }
    for application in listed {
        let (key, name) = (escaped(&application.key), escaped(application.name()));
        let _ = writeln!(
            body,
            "<p><button name=\"client_id\" value=\"{key}\">Connect to {name}</button></p>"
        );
    }
    body.push_str("</form>\n");
    page(StatusCode::OK, "App Center", &body)
}

/// The part of a form where somebody says who they are.
const SIGN_IN: &str = "<p><label for=\"login_id\">Login ID</label><br>\n\
    <input id=\"login_id\" name=\"login_id\" autocomplete=\"username\" autofocus></p>\n\
    <p><label for=\"password\">Password</label><br>\n\
    <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\"></p>\n";

/// The part where somebody says who they are at a TripLink supplier.
const MEMBERSHIP: &str = "<fieldset>\n<legend>For travel suppliers: who you are there</legend>\n\
    <p><label for=\"first_name\">First name</label><br>\n\
    <input id=\"first_name\" name=\"first_name\" autocomplete=\"given-name\"></p>\n\
    <p><label for=\"last_name\">Last name</label><br>\n\
    <input id=\"last_name\" name=\"last_name\" autocomplete=\"family-name\"></p>\n\
    <p><label for=\"loyalty_number\">Loyalty number</label><br>\n\
    <input id=\"loyalty_number\" name=\"loyalty_number\"></p>\n</fieldset>\n";

/// A page that says that the supplier comes next.
pub(crate) fn waiting(name: &str) -> Response<Vec<u8>> {
    let name = escaped(name);
    let body = format!("<h1>Request sent</h1>\n<p>{name} will connect you, or say why not.</p>\n");
    page(StatusCode::OK, "Request sent", &body)
}

/// A page that says why there is nothing to consent to.
pub(crate) fn nothing(why: &str) -> Response<Vec<u8>> {
    let body = format!(
        "<h1>This link does not work</h1>\n<p>{}</p>\n",
        escaped(why)
    );
    page(StatusCode::BAD_REQUEST, "This link does not work", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response<Vec<u8>> {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n</head>\n\
         <body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(page.into_bytes());
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// As forms are encoded: Concur writes `User+denied+access`.
fn form_encoded(text: &str) -> String {
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
