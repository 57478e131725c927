//! Pages for a browser: plain HTML, without a script, for keyboards and screen readers.

use std::collections::HashMap;
use std::fmt::Write;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::document::escaped;

pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response<Vec<u8>> {
    let title = escaped(title);
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

/// Returns a page that says why a link does not work.
pub(crate) fn nothing(why: &str) -> Response<Vec<u8>> {
    let title = "This link does not work";
    let body = format!("<h1>{title}</h1>\n<p>{}</p>\n", escaped(why));
    page(StatusCode::BAD_REQUEST, title, &body)
}

/// A form to sign in with: empty, or with what was typed and a message. The password is not kept.
pub(crate) struct Form<'a> {
    typed: Option<&'a HashMap<String, String>>,
}

impl<'a> Form<'a> {
    pub(crate) fn fresh() -> Self {
        Self { typed: None }
    }

    /// Returns the form after a login ID and password that did not fit.
    pub(crate) fn refused(typed: &'a HashMap<String, String>) -> Self {
        Self { typed: Some(typed) }
    }

    /// Returns the title of its page. A screen reader reads it first, so it says that there was an error.
    pub(crate) fn title(&self, title: &str) -> String {
        let error = if self.typed.is_some() { "Error: " } else { "" };
        format!("{error}{title}")
    }

    /// Returns the message, if there was an error.
    pub(crate) fn problem(&self) -> &'static str {
        match self.typed {
            None => "",
            Some(_) => {
                "<p id=\"problem\" role=\"alert\">Login ID and password do not fit. Try again.</p>\n"
            }
        }
    }

    /// Returns the fields of login ID and password.
    pub(crate) fn sign_in(&self) -> String {
        let wrong = match self.typed {
            None => "",
            Some(_) => " aria-invalid=\"true\" aria-describedby=\"problem\"",
        };
        let login_id = self.field(
            "login_id",
            "Login ID",
            &format!("autocomplete=\"username\"{wrong}"),
        );
        let password = format!("type=\"password\" autocomplete=\"current-password\"{wrong}");
        login_id + &self.field("password", "Password", &password)
    }

    /// Returns the fields of a membership at a TripLink supplier.
    pub(crate) fn membership(&self) -> String {
        let fields = [
            ("first_name", "First name", "autocomplete=\"given-name\""),
            ("last_name", "Last name", "autocomplete=\"family-name\""),
            ("loyalty_number", "Loyalty number", "autocomplete=\"off\""),
        ];
        let fields = fields.map(|(name, label, more)| self.field(name, label, more));
        let legend = "<legend>Who you are at this supplier</legend>";
        format!("<fieldset>\n{legend}\n{}</fieldset>\n", fields.concat())
    }

    fn field(&self, name: &str, label: &str, more: &str) -> String {
        let typed = self.typed.and_then(|typed| typed.get(name));
        let value = match typed {
            Some(typed) if name != "password" => format!(" value=\"{}\"", escaped(typed)),
            _ => String::new(),
        };
        format!(
            "<p><label for=\"{name}\">{label}</label><br>\n\
             <input id=\"{name}\" name=\"{name}\"{value} {more}></p>\n"
        )
    }
}

/// What a consent page shows: the application's name, and what it asks for.
pub(crate) struct Consent<'a> {
    pub(crate) name: &'a str,
    pub(crate) scopes: &'a [&'a str],
}

impl Consent<'_> {
    /// Returns the page.
    pub(crate) fn page(&self, form: &Form<'_>) -> Response<Vec<u8>> {
        let name = escaped(self.name);
        let mut body = format!(
            "<h1>{name} asks for access</h1>\n{}<p>{name} would like to use, in your name:</p>\n<ul>\n",
            form.problem()
        );
        for scope in self.scopes {
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
}
