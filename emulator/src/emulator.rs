//! What Concur knows, and how it answers.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{Method, Request, Response, StatusCode};

use crate::document::{Document, Format};

/// The consumer key in Concur's documentation of the Native flow.
pub const SAMPLE_CONSUMER_KEY: &str = "hj7683jslks93lalkjss93";
/// The login ID in Concur's documentation of the Native flow.
pub const SAMPLE_LOGIN_ID: &str = "john_developer@hotmail.com";
/// The password in Concur's documentation of the Native flow.
pub const SAMPLE_PASSWORD: &str = "Travel&Expense$2012";

/// A token lives about a year.
const TOKEN_LIFE: Duration = Duration::from_secs(365 * 86_400);

/// Concur, without I/O: applications, users, and the tokens they were given.
#[derive(Debug, Clone)]
pub struct Emulator {
    instance_url: String,
    consumer_keys: HashSet<String>,
    users: Vec<User>,
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct User {
    login_id: String,
    password: String,
    pin: Option<(String, String)>,
}

impl User {
    /// A user with a login ID and a password, which may be empty.
    #[must_use]
    pub fn new(login_id: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            login_id: login_id.into(),
            password: password.into(),
            pin: None,
        }
    }

    /// Lets the user sign in with an e-mail address and a PIN as well.
    #[must_use]
    pub fn with_pin(mut self, email: impl Into<String>, pin: impl Into<String>) -> Self {
        self.pin = Some((email.into(), pin.into()));
        self
    }

    fn signs_in_with(&self, name: &str, secret: &str) -> bool {
        let by_pin = |(email, pin): &(String, String)| email == name && pin == secret;
        (self.login_id == name && self.password == secret) || self.pin.as_ref().is_some_and(by_pin)
    }
}

impl Default for Emulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Emulator {
    /// An emulator that knows nobody.
    #[must_use]
    pub fn new() -> Self {
        Self {
            instance_url: "https://www.concursolutions.com".to_owned(),
            consumer_keys: HashSet::new(),
            users: Vec::new(),
        }
    }

    /// An emulator that knows the application and the user of Concur's documentation.
    #[must_use]
    pub fn with_sample_account() -> Self {
        let mut emulator = Self::new();
        emulator.add_application(SAMPLE_CONSUMER_KEY);
        emulator.add_user(User::new(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD));
        emulator
    }

    /// Registers an application by its consumer key.
    pub fn add_application(&mut self, consumer_key: impl Into<String>) {
        self.consumer_keys.insert(consumer_key.into());
    }

    /// Adds a user.
    pub fn add_user(&mut self, user: User) {
        self.users.push(user);
    }

    /// What `Instance_Url` says in the tokens given from now on. A server sets it to its own URL.
    pub fn set_instance_url(&mut self, url: impl Into<String>) {
        self.instance_url = url.into();
    }

    /// Answers a request, at this time.
    pub fn respond(&mut self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        let format = request
            .headers()
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .filter(|accept| accept.contains("json"))
            .map_or(Format::Xml, |_| Format::Json);
        let known = matches!(*request.method(), Method::GET | Method::POST);
        let result = match normal_path(request.uri().path()).as_str() {
            "/net2/oauth2/accesstoken.ashx" if known => self.native(request, now),
            _ => Err((StatusCode::NOT_FOUND, "There is nothing at this address")),
        };
        match result {
            Ok(document) => document.into_response(StatusCode::OK, format),
            Err((status, message)) => {
                Document::error(message, &random_id(), now).into_response(status, format)
            }
        }
    }

    fn native(
        &self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, (StatusCode, &'static str)> {
        let header = |name| request.headers().get(name).map(http::HeaderValue::as_bytes);
        let authorization = header(AUTHORIZATION.as_str())
            .ok_or((StatusCode::UNAUTHORIZED, "No Authorization header"))?;
        let known_key = header("x-consumerkey")
            .and_then(|key| std::str::from_utf8(key).ok())
            .is_some_and(|key| self.consumer_keys.contains(key));
        if !known_key {
            return Err((StatusCode::FORBIDDEN, "Invalid consumer key"));
        }
        let known_user = basic(authorization).is_some_and(|(name, secret)| {
            let mut users = self.users.iter();
            users.any(|user| user.signs_in_with(&name, &secret))
        });
        if !known_user {
            return Err((StatusCode::FORBIDDEN, "Invalid credentials"));
        }
        Ok(Document::access_token(
            &self.instance_url,
            &random_token(),
            now.checked_add(TOKEN_LIFE).unwrap_or(now),
            &random_token(),
        ))
    }
}

/// The name and the secret in a Basic `Authorization`, divided at the first colon (RFC 7617).
fn basic(authorization: &[u8]) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim_ascii()).ok()?).ok()?;
    let (name, secret) = joined.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

/// Concur's servers ignore the case of a path and doubled slashes in it.
fn normal_path(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        normal.push('/');
        normal.push_str(&segment.to_ascii_lowercase());
    }
    normal
}

/// Twenty random bytes in Base64, as Concur's tokens look: they hold `+`, `/` and `=`.
fn random_token() -> String {
    let mut bytes = [0; 24];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&random().to_le_bytes());
    }
    STANDARD.encode(&bytes[..20])
}

fn random_id() -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Good enough for tests: every `RandomState` has other keys.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let mut emulator = Emulator::with_sample_account();
        emulator.add_user(User::new("jo@example.com", "").with_pin("jo@mail.example", "0042"));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_474_810_610);
        let response = emulator.respond(&request.body(Vec::new()).unwrap(), now);
        let body = String::from_utf8(response.body().clone()).unwrap();
        (response.status(), body)
    }

    fn native(key: &str, user: &str, path: &str, accept: &str) -> (StatusCode, String) {
        let basic = format!("Basic {}", STANDARD.encode(user));
        let fields = [
            ("authorization", basic.as_str()),
            ("x-consumerkey", key),
            ("accept", accept),
        ];
        ask("GET", path, &fields)
    }

    const PATH: &str = "/net2/oauth2/accesstoken.ashx";
    const USER: &str = "john_developer@hotmail.com:Travel&Expense$2012";

    #[test]
    fn the_documented_account_gets_a_token_for_a_year() {
        let (status, body) = native(SAMPLE_CONSUMER_KEY, USER, PATH, "application/xml");
        assert_eq!(status, 200);
        let body = body.replace("\r\n", "\n");
        assert!(body.starts_with("<Access_Token>\n  <Instance_Url>https://www.concursolutions.com/</Instance_Url>\n  <Token>"), "{body}");
        assert!(body.contains("\n  <Expiration_date>9/25/2017 1:36:50 PM</Expiration_date>\n"));
        assert!(
            body.ends_with("</Refresh_Token>\n</Access_Token>\n"),
            "{body}"
        );
    }

    #[test]
    fn any_path_that_clients_are_seen_to_send() {
        for path in [
            "//net2/oauth2/accesstoken.ashx",
            "/NET2/OAuth2/AccessToken.ASHX",
        ] {
            assert_eq!(native(SAMPLE_CONSUMER_KEY, USER, path, "*/*").0, 200);
        }
        assert_eq!(ask("GET", "/", &[]).0, 404);
        assert_eq!(ask("PUT", PATH, &[]).0, 404);
    }

    #[test]
    fn json_on_request() {
        let (_, body) = native(SAMPLE_CONSUMER_KEY, USER, PATH, "application/json");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body["Access_Token"]["Expiration_date"],
            "9/25/2017 1:36:50 PM"
        );
        let (status, body) = native("other", USER, PATH, "application/json");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 403);
        assert_eq!(body["Error"]["Message"], "Invalid consumer key");
    }

    #[test]
    fn a_pin_and_no_password() {
        for user in ["jo@example.com:", "jo@mail.example:0042"] {
            assert_eq!(native(SAMPLE_CONSUMER_KEY, user, PATH, "*/*").0, 200);
        }
        assert_eq!(
            native(SAMPLE_CONSUMER_KEY, "jo@example.com", PATH, "*/*").0,
            403
        );
    }

    #[test]
    fn refusals_come_with_the_error_document() {
        for (fields, status, message) in [
            (&[][..], 401, "No Authorization header"),
            (&[("authorization", "Basic x")], 403, "Invalid consumer key"),
            (
                &[
                    ("authorization", "Bearer x"),
                    ("x-consumerkey", SAMPLE_CONSUMER_KEY),
                ],
                403,
                "Invalid credentials",
            ),
        ] {
            let (got, body) = ask("POST", PATH, fields);
            assert_eq!(got, status);
            assert!(
                body.contains(&format!("<Message>{message}</Message>")),
                "{body}"
            );
            assert!(body.contains("<Server-Time>2016-09-25T13:36:50</Server-Time>"));
        }
        let (status, body) = native(SAMPLE_CONSUMER_KEY, "jo:wrong", PATH, "application/xml");
        assert_eq!(status, 403);
        assert!(body.contains("Invalid credentials"), "{body}");
    }
}
