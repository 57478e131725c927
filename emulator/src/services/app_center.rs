//! The App Center's pages.

use std::fmt::Write;
use std::time::SystemTime;

use http::{Method, Request, Response, StatusCode};

use super::{find_application, signed_in};
use crate::emulator::Emulator;
use crate::http::document::escaped;
use crate::http::form::{form_encoded, redirect};
use crate::http::page::{Form, page};
use crate::http::request::parameters;
use crate::state::application::{Application, Listing};
use crate::state::connection_requests::ConnectionRequest;
use crate::state::user::User;

impl Emulator {
    /// Shows the App Center to a browser.
    pub(super) fn app_center(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Response<Vec<u8>> {
        let parameters = parameters(request);
        let has_sample = self.users.iter().any(User::is_sample);
        let key = parameters.get("client_id").map(String::as_str);
        let application = key.and_then(|key| find_application(&self.applications, key));
        let listed = application.and_then(|known| Some((known, known.app_center.clone()?)));
        let Some((application, listing)) = listed else {
            return list_page(&self.applications);
        };
        if *request.method() == Method::GET {
            return connect_page(application, &listing, &Form::fresh(has_sample));
        }
        let Some(user) = signed_in(&self.users, &parameters) else {
            return connect_page(
                application,
                &listing,
                &Form::refused(&parameters, has_sample),
            );
        };
        let (key, login_id) = (application.key.clone(), user.login_id.clone());
        match listing {
            Listing::Uri(uri) => {
                let code = self.consent(&key, &login_id, now);
                redirect(&uri, [("code", code.as_str())])
            }
            Listing::AutoConnect => {
                let page = waiting_page(application.name());
                let typed = |name: &str| {
                    parameters
                        .get(name)
                        .filter(|typed| !typed.is_empty())
                        .cloned()
                };
                let mut request = ConnectionRequest::new(key, login_id);
                request.loyalty_number = typed("loyalty_number");
                request.first_name = typed("first_name");
                request.last_name = typed("last_name");
                self.add_connection_request(request, now);
                page
            }
        }
    }
}

/// Returns the page of the listed applications, each with a link to connect to it.
fn list_page(applications: &[Application]) -> Response<Vec<u8>> {
    let mut body =
        "<h1>App Center</h1>\n<p>Applications that you can connect to:</p>\n<ul>\n".to_owned();
    let is_listed = |application: &&Application| application.app_center.is_some();
    for application in applications.iter().filter(is_listed) {
        let key = form_encoded(&application.key);
        let name = escaped(application.name());
        let _ = writeln!(
            body,
            "<li><a href=\"/appcenter?client_id={key}\">Connect to {name}</a></li>"
        );
    }
    body.push_str("</ul>\n");
    page(StatusCode::OK, "App Center", &body)
}

/// Returns the page on which a user signs in to connect to an application.
fn connect_page(
    application: &Application,
    listing: &Listing,
    form: &Form<'_>,
) -> Response<Vec<u8>> {
    let title = format!("Connect to {}", application.name());
    let membership = match listing {
        Listing::AutoConnect => form.membership(),
        Listing::Uri(_) => String::new(),
    };
    let body = format!(
        "<h1>{}</h1>\n{}<form method=\"post\">\n{}{membership}\
         <p><button>Connect</button></p>\n</form>\n",
        escaped(&title),
        form.problem(),
        form.sign_in(),
    );
    page(StatusCode::OK, &form.title(&title), &body)
}

/// Returns the page that says that the supplier comes next.
fn waiting_page(name: &str) -> Response<Vec<u8>> {
    let name = escaped(name);
    let body = format!("<h1>Request sent</h1>\n<p>{name} will connect you, or say why not.</p>\n");
    page(StatusCode::OK, "Request sent", &body)
}
