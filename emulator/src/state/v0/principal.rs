//! Companies and users.

use super::random;
use crate::sample::{SAMPLE_LOGIN_ID, SAMPLE_PASSWORD};

/// A company.
#[derive(Debug, Clone)]
pub struct Company {
    pub(crate) id: String,
    data_center: Option<String>,
}

impl Company {
    /// Creates a company with this UUID, which lives in every data center.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            data_center: None,
        }
    }

    /// Puts the company into the data center of this name: others say that it lives elsewhere. A server that
    /// does not stand for it does not start; where the company is added later, it lives everywhere.
    #[must_use]
    pub fn in_data_center(mut self, name: impl Into<String>) -> Self {
        self.data_center = Some(name.into());
        self
    }

    pub(super) fn home(&self) -> Option<&str> {
        self.data_center.as_deref()
    }

    pub(crate) fn principal(&self) -> Principal {
        Principal {
            id: self.id.clone(),
            kind: Kind::Company,
            data_center: self.data_center.clone(),
        }
    }
}

/// A user of the newer token service.
#[derive(Debug, Clone)]
pub struct User {
    pub(crate) id: String,
    pub(crate) login_id: String,
    pub(crate) password: String,
    pub(crate) email: Option<String>,
    pub(crate) refusal: Option<u32>,
    data_center: Option<String>,
}

impl User {
    /// Creates a user with a login ID and a password, a random ID, and the login ID for an e-mail address. The user lives in
    /// every data center.
    #[must_use]
    pub fn new(login_id: impl Into<String>, password: impl Into<String>) -> Self {
        let login_id = login_id.into();
        Self {
            id: random::uuid(),
            email: Some(login_id.clone()),
            login_id,
            password: password.into(),
            refusal: None,
            data_center: None,
        }
    }

    /// Sets the ID.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the e-mail address that one-time passwords are mailed to.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Puts the user into the data center of this name: others say that the user lives elsewhere.
    #[must_use]
    pub fn in_data_center(mut self, name: impl Into<String>) -> Self {
        self.data_center = Some(name.into());
        self
    }

    pub(super) fn home(&self) -> Option<&str> {
        self.data_center.as_deref()
    }

    /// Refuses the user's password with this of Concur's codes: 14 where the account is locked, 21 where the user signs in
    /// by the company's single sign-on alone, and so on.
    #[must_use]
    pub fn refused_with(mut self, code: u32) -> Self {
        self.refusal = Some(code);
        self
    }

    /// Returns whether it is the user of Concur's documentation.
    pub(crate) fn is_sample(&self) -> bool {
        self.login_id == SAMPLE_LOGIN_ID && self.password == SAMPLE_PASSWORD
    }

    pub(crate) fn principal(&self) -> Principal {
        Principal {
            id: self.id.clone(),
            kind: Kind::User,
            data_center: self.data_center.clone(),
        }
    }
}

/// What a token can be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Company,
    Application,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Company => "company",
            Self::Application => "app",
        }
    }
}

/// A company, a user, or an application.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) data_center: Option<String>,
}
