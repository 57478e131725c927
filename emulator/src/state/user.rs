//! Users.

use crate::sample::{SAMPLE_LOGIN_ID, SAMPLE_PASSWORD};

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    pub(crate) login_id: String,
    password: String,
    pin: Option<(String, String)>,
    pub(crate) administrator: bool,
}

impl User {
    /// Creates a user with a login ID and a password, which may be empty.
    #[must_use]
    pub fn new(login_id: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            login_id: login_id.into(),
            password: password.into(),
            pin: None,
            administrator: false,
        }
    }

    /// Allows the user to sign in with an e-mail address and a PIN as well.
    #[must_use]
    pub fn with_pin(mut self, email: impl Into<String>, pin: impl Into<String>) -> Self {
        self.pin = Some((email.into(), pin.into()));
        self
    }

    /// Makes the user a Web Services Administrator, whose token revokes tokens and lists connection requests.
    #[must_use]
    pub fn administrator(mut self) -> Self {
        self.administrator = true;
        self
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Returns whether it is the user of Concur's documentation.
    pub(crate) fn is_sample(&self) -> bool {
        self.signs_in_with(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)
    }

    pub(crate) fn signs_in_with(&self, name: &str, secret: &str) -> bool {
        let by_pin = |(email, pin): &(String, String)| email == name && pin == secret;
        (self.login_id == name && self.password == secret) || self.pin.as_ref().is_some_and(by_pin)
    }
}
