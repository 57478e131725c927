//! Applications of the newer token service.

use super::random;

/// An application of the newer token service.
#[derive(Debug, Clone)]
pub struct Application {
    pub(crate) client_id: String,
    pub(crate) name: Option<String>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) is_enabled: bool,
    /// `None` where all are allowed.
    pub(crate) grants: Option<Vec<String>>,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) disabled_for: Vec<String>,
}

/// One of an application's secrets.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) is_active: bool,
}

impl Application {
    /// Creates an application with this client ID and client secret. It may use every grant, and has the scopes
    /// `openid` and `user.read`.
    #[must_use]
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            name: None,
            secrets: vec![Secret {
                id: random::uuid(),
                value: client_secret.into(),
                is_active: true,
            }],
            is_enabled: true,
            grants: None,
            scopes: vec!["openid".to_owned(), "user.read".to_owned()],
            redirect_uris: Vec::new(),
            disabled_for: Vec::new(),
        }
    }

    /// Sets the name that users see on the consent page. The default is the client ID.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Allows these grants alone, such as `password` and `refresh_token`.
    #[must_use]
    pub fn with_grants<T: Into<String>>(mut self, grants: impl IntoIterator<Item = T>) -> Self {
        self.grants = Some(grants.into_iter().map(Into::into).collect());
        self
    }

    /// Sets its scopes.
    #[must_use]
    pub fn with_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Registers a redirect URI.
    #[must_use]
    pub fn with_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Disables the application: every grant is refused (code 59).
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.is_enabled = false;
        self
    }

    /// Disables the application for the company or user with this ID (code 53).
    #[must_use]
    pub fn disabled_for(mut self, principal_id: impl Into<String>) -> Self {
        self.disabled_for.push(principal_id.into());
        self
    }

    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.client_id)
    }

    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        let mut secrets = self.secrets.iter();
        secrets.any(|known| known.is_active && known.value == secret)
    }

    pub(crate) fn allows(&self, grant: &str) -> bool {
        let known = [
            "password",
            "client_credentials",
            "authorization_code",
            "otp",
            "refresh_token",
        ];
        match &self.grants {
            Some(grants) => grants.iter().any(|allowed| allowed == grant),
            None => known.contains(&grant),
        }
    }
}
