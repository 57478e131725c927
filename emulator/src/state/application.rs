//! Applications.

/// A registered application.
#[derive(Debug, Clone)]
pub struct Application {
    pub(crate) key: String,
    pub(crate) secret: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) app_center: Option<Listing>,
}

/// What the button Connect does in the App Center.
#[derive(Debug, Clone)]
pub(crate) enum Listing {
    /// Sends the browser to this URI, with a request token.
    Uri(String),
    /// Makes a connection request, which waits for the supplier.
    AutoConnect,
}

impl Application {
    /// Creates an application with this consumer key and no secret: it can use the Native flow alone.
    #[must_use]
    pub fn new(consumer_key: impl Into<String>) -> Self {
        Self {
            key: consumer_key.into(),
            secret: None,
            name: None,
            app_center: None,
        }
    }

    /// Sets the consumer secret, for the code exchange and the refresh.
    #[must_use]
    pub fn with_secret(mut self, consumer_secret: impl Into<String>) -> Self {
        self.secret = Some(consumer_secret.into());
        self
    }

    /// Sets the name that users see on the consent page. The default is the key.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lists it in the App Center: a user that connects there is sent to this URI with a request token.
    #[must_use]
    pub fn with_app_center_uri(mut self, uri: impl Into<String>) -> Self {
        self.app_center = Some(Listing::Uri(uri.into()));
        self
    }

    /// Lists it in the App Center as a TripLink supplier's: a user that connects there makes a connection request.
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
    /// Creates an application with this consumer key and no secret.
    fn from(consumer_key: T) -> Self {
        Self::new(consumer_key)
    }
}
