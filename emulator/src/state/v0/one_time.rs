//! What is exchanged for tokens: request tokens, authorization codes and one-time passwords.

use std::time::{Duration, SystemTime};

use super::random;

/// A request token of a company or user.
#[derive(Debug, Clone)]
pub(crate) struct RequestToken {
    pub(crate) token: String,
    pub(crate) client_id: String,
    pub(crate) principal: String,
    pub(crate) uses_left: u8,
    pub(crate) expires_at: SystemTime,
}

impl RequestToken {
    /// Returns the text of a new one.
    pub(crate) fn random() -> String {
        format!("at-{}", random::lower(30))
    }

    pub(crate) fn new(token: String, client_id: &str, principal: &str, now: SystemTime) -> Self {
        Self {
            token,
            client_id: client_id.to_owned(),
            principal: principal.to_owned(),
            // Concur's pages differ in how often: this is the largest number that one names.
            uses_left: 5,
            expires_at: later(now, Duration::from_secs(86_400)),
        }
    }
}

/// An authorization code of a user.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) text: String,
    pub(crate) client_id: String,
    pub(crate) user: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) expires_at: SystemTime,
}

impl Code {
    pub(crate) fn new(
        client_id: &str,
        user: &str,
        redirect_uri: &str,
        scope: &str,
        now: SystemTime,
    ) -> Self {
        Self {
            text: random::uuid(),
            client_id: client_id.to_owned(),
            user: user.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scope: scope.to_owned(),
            expires_at: later(now, Duration::from_secs(300)),
        }
    }
}

/// A one-time password that was mailed to a user.
#[derive(Debug, Clone)]
pub(crate) struct OneTimePassword {
    pub(crate) otp: String,
    pub(crate) client_id: String,
    pub(crate) email: String,
    /// What the application sent besides: names and values.
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) expires_at: SystemTime,
}

impl OneTimePassword {
    pub(crate) fn new(
        client_id: &str,
        email: &str,
        facts: Vec<(String, String)>,
        now: SystemTime,
    ) -> Self {
        Self {
            otp: format!("dd-{}", random::lower(30)),
            client_id: client_id.to_owned(),
            email: email.to_owned(),
            facts,
            expires_at: later(now, Duration::from_secs(900)),
        }
    }
}

fn later(now: SystemTime, life: Duration) -> SystemTime {
    now.checked_add(life).unwrap_or(now)
}
