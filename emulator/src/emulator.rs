//! The emulator, as a value.

use std::time::{Duration, SystemTime};

use http::Request;
use http::header::{CONTENT_TYPE, LOCATION};

use crate::http::form::encode_form;
use crate::sample::{
    SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID,
    SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD,
    SAMPLE_REDIRECT_URI,
};
use crate::state::application::Application;
use crate::state::connection_requests::{ConnectionRequest, ConnectionRequests};
use crate::state::grants::Grants;
use crate::state::random;
use crate::state::user::User;
use crate::state::v0::{self, Service};

/// Concur, without I/O: applications, users, and the tokens they were given.
#[derive(Debug, Clone)]
pub struct Emulator {
    pub(crate) instance_url: String,
    pub(crate) applications: Vec<Application>,
    pub(crate) users: Vec<User>,
    pub(crate) grants: Grants,
    pub(crate) connections: ConnectionRequests,
    pub(crate) v0: Service,
}

impl Default for Emulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Emulator {
    /// Creates an emulator without applications and users.
    #[must_use]
    pub fn new() -> Self {
        Self {
            instance_url: "https://www.concursolutions.com".to_owned(),
            applications: Vec::new(),
            users: Vec::new(),
            grants: Grants::default(),
            connections: ConnectionRequests::default(),
            v0: Service::default(),
        }
    }

    /// Creates an emulator with the application and the user of Concur's documentation, and an administrator.
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
        let application = v0::Application::new(SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET)
            .with_name("Sample Application")
            .with_redirect_uri(SAMPLE_REDIRECT_URI);
        emulator.v0.add_application(application);
        emulator.v0.add_company(v0::Company::new(SAMPLE_COMPANY_ID));
        for login_id in [SAMPLE_LOGIN_ID, SAMPLE_ADMINISTRATOR_LOGIN_ID] {
            emulator
                .v0
                .add_user(v0::User::new(login_id, SAMPLE_PASSWORD));
        }
        emulator
    }

    /// Returns the newer token service, under `/oauth2/v0`: its applications, companies and users, apart from those of
    /// the older service.
    pub fn v0(&mut self) -> &mut Service {
        &mut self.v0
    }

    /// Registers an application: by its consumer key alone, or with its secret.
    pub fn add_application(&mut self, application: impl Into<Application>) {
        self.applications.push(application.into());
    }

    /// Adds a user.
    pub fn add_user(&mut self, user: User) {
        self.users.push(user);
    }

    /// Sets the `Instance_Url` of the tokens issued from now on. A server sets it to its own URL.
    pub fn set_instance_url(&mut self, url: impl Into<String>) {
        self.instance_url = url.into();
    }

    /// Sets how long the access tokens of the older service that are issued from now on are valid: a year by default. The
    /// newer service has [`set_token_life`](Service::set_token_life) of its own.
    pub fn set_token_life(&mut self, life: Duration) {
        self.grants.token_life = life;
    }

    /// Records a user's consent to an application, and returns a request token that is valid for 15 minutes. The
    /// application and the user need not exist.
    pub fn consent(&mut self, consumer_key: &str, login_id: &str, now: SystemTime) -> String {
        let code = random::token();
        self.add_request_token(&code, consumer_key, login_id, now);
        code
    }

    /// Opens the authorization URL of a Web flow of either service as this user's browser would, signs in and approves. Returns the URL
    /// that the browser is sent to, with a request token; `None` where the page says that the link does not work, or
    /// the user does not exist.
    pub fn approve(&mut self, login_url: &str, login_id: &str, now: SystemTime) -> Option<String> {
        let of_v0 = login_url.contains("/oauth2/v0/");
        let user = self.users.iter().find(|user| user.login_id == login_id);
        let user_of_v0 = self.v0.users.iter().find(|user| user.login_id == login_id);
        let password = if of_v0 {
            &*user_of_v0?.password
        } else {
            user?.password()
        };
        let form = encode_form([
            ("decision", "approve"),
            ("login_id", login_id),
            ("password", password),
        ]);
        self.decide(login_url, form, now)
    }

    /// Opens the authorization URL of a Web flow as a user's browser would, and denies access.
    pub fn deny(&mut self, login_url: &str, now: SystemTime) -> Option<String> {
        self.decide(login_url, encode_form([("decision", "deny")]), now)
    }

    fn decide(&mut self, login_url: &str, form: String, now: SystemTime) -> Option<String> {
        let request = Request::post(login_url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into_bytes());
        let response = self.respond(&request.ok()?, now);
        let location = response.headers().get(LOCATION)?;
        location.to_str().ok().map(str::to_owned)
    }

    /// Records a user's consent like [`consent`](Self::consent), with a request token of the caller's choice.
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

    /// Issues an access token and a refresh token of the caller's choice, from a user to an application. The access token is
    /// valid for a year by default.
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

    /// Adds a pending connection request, whose request token is valid for 15 minutes. Returns its ID. The user need
    /// not exist.
    ///
    /// Where both its application and its user are of the newer service, its request token is too, and is valid for 24
    /// hours.
    pub fn add_connection_request(
        &mut self,
        mut request: ConnectionRequest,
        now: SystemTime,
    ) -> String {
        if !request.code.is_empty() {
            let code = request.code.clone();
            match self.v0.principal(&request.login_id) {
                Some(user) if self.v0.application(&request.key).is_some() => {
                    self.v0.add_request_token(code, &request.key, &user.id, now);
                    request.user_id = Some(user.id);
                }
                _ => self.add_request_token(code, &request.key, &request.login_id, now),
            }
        }
        self.connections.add(request, now)
    }

    /// Returns the code, such as `CRSUC`, that was reported last for the connection request with this ID; `None`
    /// where none was, or there is no such request.
    #[must_use]
    pub fn reported(&self, id: &str) -> Option<&str> {
        self.connections.reported(id)
    }

    /// Returns the login ID of the user that this access token belongs to, if it is valid at this time.
    #[must_use]
    pub fn holder(&self, access_token: &str, now: SystemTime) -> Option<&str> {
        let holder = self.grants.holder(access_token, now).ok()?;
        Some(&holder.login_id)
    }

    /// Returns whether an application has an access token of this user that is valid at this time.
    #[must_use]
    pub fn is_connected(&self, consumer_key: &str, login_id: &str, now: SystemTime) -> bool {
        self.grants.has_good(consumer_key, login_id, now)
    }

    pub(crate) fn knows(&self, consumer_key: &str) -> bool {
        self.applications
            .iter()
            .any(|application| application.key == consumer_key)
    }

    pub(crate) fn has_user(&self, login_id: &str) -> bool {
        self.users.iter().any(|user| user.login_id == login_id)
    }
}
