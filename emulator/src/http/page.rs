//! Pages for a browser: plain HTML, without a script, for keyboards and screen readers.

use std::collections::HashMap;
use std::fmt::Write;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use super::document::escaped;
use super::scope_words::words;
use crate::sample::{SAMPLE_LOGIN_ID, SAMPLE_PASSWORD};

const STYLE: &str = include_str!("style.css");

/// Returns a page of one column.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response<Vec<u8>> {
    page_of(status, title, "", body)
}

/// Returns a page with room for tables.
pub(crate) fn wide_page(title: &str, body: &str) -> Response<Vec<u8>> {
    page_of(StatusCode::OK, title, " class=\"wide\"", body)
}

fn page_of(status: StatusCode, title: &str, class: &str, body: &str) -> Response<Vec<u8>> {
    let title = escaped(title);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n\
         <body>\n<header>An emulator, for tests. This is not SAP Concur.</header>\n\
         <main{class}>\n{body}</main>\n</body>\n</html>\n"
    );
    let mut response = Response::new(page.into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // Nothing is loaded, from here or elsewhere, and no other site can show it in a frame.
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
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
    has_sample: bool,
}

impl<'a> Form<'a> {
    /// Returns an empty form, which shows the sample login where the sample user can sign in.
    pub(crate) fn fresh(has_sample: bool) -> Self {
        Self {
            typed: None,
            has_sample,
        }
    }

    /// Returns the form after a login ID and password that did not fit.
    pub(crate) fn refused(typed: &'a HashMap<String, String>, has_sample: bool) -> Self {
        Self {
            typed: Some(typed),
            has_sample,
        }
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
        let fields = login_id + &self.field("password", "Password", &password);
        if !self.has_sample {
            return fields;
        }
        let (login_id, password) = (escaped(SAMPLE_LOGIN_ID), escaped(SAMPLE_PASSWORD));
        format!(
            "<p class=\"note\">The sample user is <code>{login_id}</code>, with the password <code>{password}</code>.</p>\n{fields}"
        )
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
            "<h1>{name} asks for access</h1>\n{}<p>In your name, {name} would like to:</p>\n<ul>\n",
            form.problem()
        );
        for scope in self.scopes {
            let (words, scope) = (escaped(&words(scope)), escaped(scope));
            let _ = writeln!(body, "<li>{words} (<code>{scope}</code>)</li>");
        }
        let _ = write!(
            body,
            "</ul>\n<form method=\"post\">\n{}\
             <p><button name=\"decision\" value=\"approve\">Sign in and approve</button>\n\
             <button class=\"second\" name=\"decision\" value=\"deny\">Deny</button></p>\n</form>\n",
            form.sign_in(),
        );
        page(StatusCode::OK, &form.title("Sign in to Concur"), &body)
    }
}
