//! The App Center's pages.

use std::fmt::Write;

use http::{Response, StatusCode};

use crate::account::{Application, Listing};
use crate::consent::form_encoded;
use crate::document::escaped;
use crate::page::{Form, page};

/// The applications that are listed, each with a link to connect to it.
pub(crate) fn listed(applications: &[Application]) -> Response<Vec<u8>> {
    let mut body = "<h1>App Center</h1>\n<ul>\n".to_owned();
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

/// Where a user signs in to connect to one.
pub(crate) fn connect(
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

/// Says that the supplier comes next.
pub(crate) fn waiting(name: &str) -> Response<Vec<u8>> {
    let name = escaped(name);
    let body = format!("<h1>Request sent</h1>\n<p>{name} will connect you, or say why not.</p>\n");
    page(StatusCode::OK, "Request sent", &body)
}
