//! Who and what Concur knows.

/// The consumer key in Concur's documentation of the Native flow.
pub const SAMPLE_CONSUMER_KEY: &str = "hj7683jslks93lalkjss93";
/// The consumer secret that the emulator gives the sample application: Concur documents none for it.
pub const SAMPLE_CONSUMER_SECRET: &str = "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z";
/// The login ID in Concur's documentation of the Native flow.
pub const SAMPLE_LOGIN_ID: &str = "john_developer@hotmail.com";
/// The password in Concur's documentation of the Native flow.
pub const SAMPLE_PASSWORD: &str = "Travel&Expense$2012";

/// The login ID of a Web Services Administrator, whose password is [`SAMPLE_PASSWORD`] too.
pub const SAMPLE_ADMINISTRATOR_LOGIN_ID: &str = "administrator@example.com";

/// A registered application.
#[derive(Debug, Clone)]
pub struct Application {
    pub(crate) key: String,
    pub(crate) secret: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) app_center: Option<Listing>,
}

/// What pressing Connect does in the App Center.
#[derive(Debug, Clone)]
pub(crate) enum Listing {
    /// Sends the browser to this URI, with a request token.
    Uri(String),
    /// Makes a connection request, which waits for the supplier.
    AutoConnect,
}

impl Application {
    /// An application with this consumer key, and no secret: it can use the Native flow alone.
    #[must_use]
    pub fn new(consumer_key: impl Into<String>) -> Self {
        Self {
            key: consumer_key.into(),
            secret: None,
            name: None,
            app_center: None,
        }
    }

    /// Gives it a consumer secret, for the code exchange and the refresh.
    #[must_use]
    pub fn with_secret(mut self, consumer_secret: impl Into<String>) -> Self {
        self.secret = Some(consumer_secret.into());
        self
    }

    /// Gives it a name, which users see where they consent. By default they see its key.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lists it in the App Center: whoever connects there is sent to this URI with a request token.
    #[must_use]
    pub fn with_app_center_uri(mut self, uri: impl Into<String>) -> Self {
        self.app_center = Some(Listing::Uri(uri.into()));
        self
    }

    /// Lists it in the App Center as a TripLink supplier's: whoever connects there makes a connection request.
    #[must_use]
    pub fn with_auto_connect(mut self) -> Self {
        self.app_center = Some(Listing::AutoConnect);
        self
    }

    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.key)
    }
}

impl<T: Into<String>> From<T> for Application {
    /// By its consumer key.
    fn from(consumer_key: T) -> Self {
        Self::new(consumer_key)
    }
}

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct User {
    pub(crate) login_id: String,
    password: String,
    pin: Option<(String, String)>,
    pub(crate) administrator: bool,
}

impl User {
    /// A user with a login ID and a password, which may be empty.
    #[must_use]
    pub fn new(login_id: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            login_id: login_id.into(),
            password: password.into(),
            pin: None,
            administrator: false,
        }
    }

    /// Lets the user sign in with an e-mail address and a PIN as well.
    #[must_use]
    pub fn with_pin(mut self, email: impl Into<String>, pin: impl Into<String>) -> Self {
        self.pin = Some((email.into(), pin.into()));
        self
    }

    /// Makes the user a Web Services Administrator, who may revoke tokens and sees connection requests.
    #[must_use]
    pub fn administrator(mut self) -> Self {
        self.administrator = true;
        self
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    pub(crate) fn signs_in_with(&self, name: &str, secret: &str) -> bool {
        let by_pin = |(email, pin): &(String, String)| email == name && pin == secret;
        (self.login_id == name && self.password == secret) || self.pin.as_ref().is_some_and(by_pin)
    }
}
