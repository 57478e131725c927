//! The password grant: a user's login ID and password.

use http::Request;
use secrecy::{ExposeSecret, SecretString};

use super::{elsewhere, request, token_document};
use crate::application::Application;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{InputError, InputField};
use crate::response::ResponseError;
use crate::secret::{self, SecretBody};
use crate::token::AccessToken;

/// The password grant: a user's login ID and password for a token of that user.
///
/// It goes to the user's own data center. It is for a company's own users and for tests. A user that signs in by the
/// company's single sign-on alone has no password here, and is refused (code 21): use a [`WebFlow`](super::WebFlow) then.
///
/// The credentials are consumed. `Debug` does not show them. A company's request token is no password: that is a
/// [`RequestTokenGrant`](super::RequestTokenGrant).
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::{ClientId, PasswordGrant};
/// use concur_oauth::{Application, BaseUrl};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let grant = PasswordGrant::new(&BaseUrl::US2, &application, "jo@example.com", "Travel&Expense$2012")?;
/// // let token = client.send(grant)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, Password Grant*.)
#[derive(Debug)]
pub struct PasswordGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    username: SecretString,
    password: SecretString,
    scopes: &'a [Scope],
}

impl<'a> PasswordGrant<'a> {
    /// Creates the grant of the user with this login ID, or user UUID. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID or the password is empty, longer than 8 KiB, or contains a control character.
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        username: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, InputError> {
        // Both are taken before either can be refused, so that both are wiped.
        let username = secret::secret(InputField::LOGIN_ID, username);
        let password = secret::secret(InputField::PASSWORD, password);
        Ok(Self {
            base_url,
            application,
            username: username?,
            password: password?,
            scopes: &[],
        })
    }

    /// Asks for these scopes alone. By default the token has all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &'a [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}

impl Exchange for PasswordGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let pairs = [
            ("username", self.username.expose_secret()),
            ("password", self.password.expose_secret()),
            ("credtype", "password"),
        ];
        request::token(
            self.base_url,
            self.application,
            "password",
            &pairs,
            self.scopes,
        )
    }

    fn elsewhere(response: &http::Response<&[u8]>, context: &ResponseContext) -> Option<BaseUrl> {
        elsewhere::named(response, context)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<AccessToken, ResponseError> {
        token_document::parse(&response, context)
    }
}
