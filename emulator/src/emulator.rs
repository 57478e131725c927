//! What Concur knows, and how it answers.

mod connections;

use std::collections::HashMap;
use std::time::SystemTime;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{Method, Request, Response, StatusCode};

use crate::account::{
    Application, Listing, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY,
    SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, User,
};
use crate::app_center;
use crate::connections::{ConnectionRequest, Connections};
use crate::consent::{self, Consent};
use crate::document::{Document, Format};
use crate::grants::{Grant, Grants};
use crate::incoming::{basic, normal_path, oauth, parameters};
use crate::page::{self, Form};
use crate::random;
use connections::Route;

/// Concur, without I/O: applications, users, and the tokens they were given.
#[derive(Debug, Clone)]
pub struct Emulator {
    instance_url: String,
    applications: Vec<Application>,
    users: Vec<User>,
    grants: Grants,
    connections: Connections,
}

/// A status and Concur's words.
type ErrorResponse = (StatusCode, &'static str);

const NOTHING: ErrorResponse = (StatusCode::NOT_FOUND, "There is nothing at this address");

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
            applications: Vec::new(),
            users: Vec::new(),
            grants: Grants::default(),
            connections: Connections::default(),
        }
    }

    /// An emulator that knows the application and the user of Concur's documentation, and an administrator.
    #[must_use]
    pub fn with_sample_account() -> Self {
        let mut emulator = Self::new();
        let application = Application::new(SAMPLE_CONSUMER_KEY)
            .with_secret(SAMPLE_CONSUMER_SECRET)
            .with_name("Sample Application")
            .with_auto_connect();
        emulator.add_application(application);
        emulator.add_user(User::new(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD));
        let administrator = User::new(SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_PASSWORD);
        emulator.add_user(administrator.administrator());
        emulator
    }

    /// Registers an application: by its consumer key alone, or with its secret.
    pub fn add_application(&mut self, application: impl Into<Application>) {
        self.applications.push(application.into());
    }

    /// Adds a user.
    pub fn add_user(&mut self, user: User) {
        self.users.push(user);
    }

    /// What `Instance_Url` says in the tokens given from now on. A server sets it to its own URL.
    pub fn set_instance_url(&mut self, url: impl Into<String>) {
        self.instance_url = url.into();
    }

    /// Has a user consent to an application, and returns the request token that it may spend within 15
    /// minutes. It asks nobody whether they exist.
    pub fn consent(&mut self, consumer_key: &str, login_id: &str, now: SystemTime) -> String {
        let code = random::token();
        self.add_request_token(&code, consumer_key, login_id, now);
        code
    }

    /// Goes to the URL of a Web flow as this user's browser would, signs in and approves. Returns where the browser is
    /// sent back to, with a request token; `None` where the page says that the link does not work, or the user does
    /// not exist.
    pub fn approve(&mut self, login_url: &str, login_id: &str, now: SystemTime) -> Option<String> {
        let mut users = self.users.iter();
        let user = users.find(|user| user.login_id == login_id)?;
        let form = consent::form([
            ("decision", "approve"),
            ("login_id", login_id),
            ("password", user.password()),
        ]);
        self.decide(login_url, form, now)
    }

    /// The same, but the user denies.
    pub fn deny(&mut self, login_url: &str, now: SystemTime) -> Option<String> {
        self.decide(login_url, consent::form([("decision", "deny")]), now)
    }

    fn decide(&mut self, login_url: &str, form: String, now: SystemTime) -> Option<String> {
        let request = Request::post(login_url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes());
        let response = self.respond(&request.ok()?, now);
        let location = response.headers().get(LOCATION)?;
        location.to_str().ok().map(str::to_owned)
    }

    /// The same as [`consent`](Self::consent), with a request token of the caller's choice.
    pub fn add_request_token(
        &mut self,
        request_token: impl Into<String>,
        consumer_key: &str,
        login_id: &str,
        now: SystemTime,
    ) {
        let code = request_token.into();
        self.grants.consent(code, consumer_key, login_id, now);
    }

    /// Gives a user's access token and refresh token, of the caller's choice, to an application. They are
    /// good for a year.
    pub fn add_tokens(
        &mut self,
        access_token: impl Into<String>,
        refresh_token: impl Into<String>,
        consumer_key: &str,
        login_id: &str,
        now: SystemTime,
    ) {
        let tokens = [access_token.into(), refresh_token.into()];
        self.grants.add(tokens, consumer_key, login_id, now);
    }

    /// Adds a connection request, which is pending, and whose request token is good for 15 minutes. Returns
    /// its ID. It asks nobody whether the user exists.
    pub fn add_connection_request(
        &mut self,
        request: ConnectionRequest,
        now: SystemTime,
    ) -> String {
        if !request.code.is_empty() {
            let code = request.code.clone();
            self.add_request_token(code, &request.key, &request.login_id, now);
        }
        self.connections.add(request, now)
    }

    /// The code, such as `CRSUC`, that was reported last of the connection request with this ID; `None`
    /// where none was, or there is no such request.
    #[must_use]
    pub fn reported(&self, id: &str) -> Option<&str> {
        self.connections.reported(id)
    }

    /// Whose access token this is, by login ID, if it is good at this time.
    #[must_use]
    pub fn holder(&self, access_token: &str, now: SystemTime) -> Option<&str> {
        let holder = self.grants.holder(access_token, now).ok()?;
        Some(&holder.login_id)
    }

    /// Whether a user has given an application an access token that is good at this time.
    #[must_use]
    pub fn is_connected(&self, consumer_key: &str, login_id: &str, now: SystemTime) -> bool {
        self.grants.has_good(consumer_key, login_id, now)
    }

    pub(crate) fn knows(&self, consumer_key: &str) -> bool {
        find(&self.applications, consumer_key).is_some()
    }

    pub(crate) fn has_user(&self, login_id: &str) -> bool {
        self.users.iter().any(|user| user.login_id == login_id)
    }

    /// Answers a request, at this time.
    pub fn respond(&mut self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        let format = request
            .headers()
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .filter(|accept| accept.contains("json"))
            .map_or(Format::Xml, |_| Format::Json);
        let (get, post) = (
            *request.method() == Method::GET,
            *request.method() == Method::POST,
        );
        let path = normal_path(request.uri().path());
        if path == "/net2/oauth2/login.aspx" && (get || post) {
            return self.login(request, now);
        }
        if path == "/appcenter" && (get || post) {
            return self.app_center(request, now);
        }
        // Concur documents that it takes none.
        let chunked = request.headers().contains_key(TRANSFER_ENCODING);
        let result = match path.as_str() {
            _ if chunked => Err((
                StatusCode::BAD_REQUEST,
                "A chunked request body is not accepted",
            )),
            "/net2/oauth2/accesstoken.ashx" if get || post => self.native(request, now).map(Some),
            "/net2/oauth2/getaccesstoken.ashx" if get || post => {
                self.get_access_token(request, now).map(Some)
            }
            "/net2/oauth2/revoketoken.ashx" if post => {
                self.revoke_token(request, now).map(|()| None)
            }
            other => match Route::of(other) {
                Some(route) => self.connection_requests(&route, request, now),
                None => Err(NOTHING),
            },
        };
        match result {
            Ok(Some(document)) => document.into_response(StatusCode::OK, format),
            Ok(None) => Response::new(Vec::new()),
            Err((status, message)) => {
                Document::error(message, &random::id(), now).into_response(status, format)
            }
        }
    }

    fn native(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, ErrorResponse> {
        let authorization = authorization(request)?;
        let key = request.headers().get("x-consumerkey");
        let key = key.and_then(|key| std::str::from_utf8(key.as_bytes()).ok());
        let key = key
            .filter(|key| find(&self.applications, key).is_some())
            .ok_or((StatusCode::FORBIDDEN, "Invalid consumer key"))?;
        let user = basic(authorization).and_then(|(name, secret)| {
            let mut users = self.users.iter();
            users.find(|user| user.signs_in_with(&name, &secret))
        });
        let user = user.ok_or((StatusCode::FORBIDDEN, "Invalid credentials"))?;
        let grant = self.grants.issue(key, &user.login_id, now);
        Ok(document(
            &self.instance_url,
            grant,
            Some(&grant.refresh_token),
        ))
    }

    /// The Web flow's pages, for a browser.
    fn login(&mut self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        let parameters = parameters(request);
        let consent = match Consent::read(&parameters, &self.applications) {
            Ok(consent) => consent,
            Err(why) => return page::nothing(why),
        };
        let get = |name: &str| parameters.get(name).map(String::as_str);
        match get("decision") {
            // What was typed stands in no address.
            _ if *request.method() == Method::GET => return consent.page(&Form::fresh()),
            Some("approve") => {}
            Some("deny") => return consent.denied(),
            _ => return consent.page(&Form::fresh()),
        }
        let Some(user) = signed_in(&self.users, &parameters) else {
            return consent.page(&Form::refused(&parameters));
        };
        let code = random::token();
        let response = consent.approved(&code);
        let key = &consent.application.key;
        self.grants.consent(code, key, &user.login_id, now);
        response
    }

    /// The App Center, for a browser.
    fn app_center(&mut self, request: &Request<Vec<u8>>, now: SystemTime) -> Response<Vec<u8>> {
        let parameters = parameters(request);
        let key = parameters.get("client_id").map(String::as_str);
        let application = key.and_then(|key| find(&self.applications, key));
        let listed = application.and_then(|known| Some((known, known.app_center.clone()?)));
        let Some((application, listing)) = listed else {
            return app_center::listed(&self.applications);
        };
        if *request.method() == Method::GET {
            return app_center::connect(application, &listing, &Form::fresh());
        }
        let Some(user) = signed_in(&self.users, &parameters) else {
            return app_center::connect(application, &listing, &Form::refused(&parameters));
        };
        let (key, login_id) = (application.key.clone(), user.login_id.clone());
        match listing {
            Listing::Uri(uri) => {
                let code = self.consent(&key, &login_id, now);
                consent::redirect(&uri, [("code", code.as_str())])
            }
            Listing::AutoConnect => {
                let page = app_center::waiting(application.name());
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

    /// The code exchange and the refresh, which share an address.
    fn get_access_token(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<Document, ErrorResponse> {
        let parameters = parameters(request);
        let get = |name: &str| parameters.get(name).map(String::as_str);
        let missing = (StatusCode::BAD_REQUEST, "A required field is missing");
        let (key, secret) = (get("client_id"), get("client_secret"));
        let (key, secret) = key.zip(secret).ok_or(missing)?;
        let known = find(&self.applications, key).and_then(|known| known.secret.as_deref());
        if known != Some(secret) {
            return Err((
                StatusCode::FORBIDDEN,
                "Invalid consumer key or consumer secret",
            ));
        }
        match (get("code"), get("refresh_token")) {
            (Some(code), None) => {
                let login_id = self.grants.spend(key, code, now).map_err(forbidden)?;
                let grant = self.grants.issue(key, &login_id, now);
                Ok(document(
                    &self.instance_url,
                    grant,
                    Some(&grant.refresh_token),
                ))
            }
            (None, Some(refresh_token)) => {
                let grant = self.grants.refresh(key, refresh_token, now);
                // Concur documents no refresh token in this answer.
                Ok(document(
                    &self.instance_url,
                    grant.map_err(forbidden)?,
                    None,
                ))
            }
            _ => Err(missing),
        }
    }

    fn revoke_token(
        &mut self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<(), ErrorResponse> {
        self.administrator(request, now)?;
        let parameters = parameters(request);
        let get = |name: &str| parameters.get(name).map(String::as_str);
        // One SDK is seen to call the key by its OAuth name.
        let key = get("consumerKey").or(get("client_id"));
        let revoked = match (get("token"), key, get("user")) {
            (Some(token), None, None) => self.grants.revoke(token),
            (None, Some(key), Some(user)) => self.grants.revoke_user(key, user),
            _ => return Err((StatusCode::BAD_REQUEST, "A required field is missing")),
        };
        if revoked {
            Ok(())
        } else {
            Err((StatusCode::NOT_FOUND, "There is no such token"))
        }
    }

    /// Refuses a request that is not by leave of an administrator.
    fn administrator(
        &self,
        request: &Request<Vec<u8>>,
        now: SystemTime,
    ) -> Result<&Grant, ErrorResponse> {
        let token = oauth(authorization(request)?).ok_or(forbidden("Invalid token"))?;
        let holder = self.grants.holder(token, now).map_err(forbidden)?;
        let mut users = self.users.iter();
        if users.any(|user| user.login_id == holder.login_id && user.administrator) {
            Ok(holder)
        } else {
            Err(forbidden("Only a Web Services Administrator may do this"))
        }
    }
}

fn find<'a>(applications: &'a [Application], key: &str) -> Option<&'a Application> {
    applications.iter().find(|known| known.key == key)
}

/// The user whose login ID and password stand in a form.
fn signed_in<'a>(users: &'a [User], parameters: &HashMap<String, String>) -> Option<&'a User> {
    let get = |name: &str| parameters.get(name).map_or("", String::as_str);
    let (name, secret) = (get("login_id"), get("password"));
    users.iter().find(|user| user.signs_in_with(name, secret))
}

fn document(instance_url: &str, grant: &Grant, refresh_token: Option<&str>) -> Document {
    Document::access_token(
        instance_url,
        &grant.access_token,
        grant.expires_at,
        refresh_token,
    )
}

fn authorization(request: &Request<Vec<u8>>) -> Result<&[u8], ErrorResponse> {
    let header = request.headers().get(AUTHORIZATION);
    let value = header.map(http::HeaderValue::as_bytes);
    value.ok_or((StatusCode::UNAUTHORIZED, "No Authorization header"))
}

fn forbidden(why: &'static str) -> ErrorResponse {
    (StatusCode::FORBIDDEN, why)
}

#[cfg(test)]
mod tests;
