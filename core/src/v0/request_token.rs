//! The request token grant: what Concur calls a password grant with `credtype=authtoken`.

use std::time::Duration;

use http::Request;
use secrecy::ExposeSecret;

use super::data_centers::GLZ;
use super::{elsewhere, request, token_document};
use crate::application::Application;
use crate::authorization::{RequestToken, Scope};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::AccessToken;

/// The request token grant: a request token for a token of the company or the user that it was made for.
///
/// The request token comes with an ID: the company's UUID, where an administrator made a *company request token*; the ID of
/// the [App Center landing](super::parse_app_center_landing); or the user's ID of a connection request. It is valid for 24
/// hours and a few times, and only for the application that it was made for.
///
/// It goes to [`BaseUrl::GLZ`], which finds the data center. A request token can be spent, so a transport never sends this
/// twice by itself, and sends it over a connection of its own.
///
/// On the wire this is a `password` grant with `credtype=authtoken`, which this type always sends: without it the request
/// token is taken for a password and refused (code 5).
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::{ClientId, RequestTokenGrant};
/// use concur_oauth::{Application, RequestToken};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let company = "2a09b1ba-125f-4e4c-a8ef-f48a018583cc";
/// let token = RequestToken::new("at-25w7be91z8s8zgzg2lj8xle36xhj5p")?;
/// let grant = RequestTokenGrant::new(&application, company, &token)?;
/// // let token = client.send(grant)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's pages: *Authentication, Company Level Authentication* and *Company Request Token tool*.)
#[derive(Debug, Clone, Copy)]
pub struct RequestTokenGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    principal: &'a str,
    token: &'a RequestToken,
    scopes: &'a [Scope],
}

impl InputField {
    /// The ID of the company or the user that a request token was made for.
    pub const PRINCIPAL_ID: Self = Self("company UUID or user ID");
}

impl<'a> RequestTokenGrant<'a> {
    /// How long a request token of `v0` is valid: 24 hours. (Concur's page: *Company Request Token tool*.)
    pub const LIFETIME: Duration = Duration::from_secs(86_400);

    /// Creates the grant of the company or the user with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the ID is empty, longer than 8 KiB, or contains a control character.
    pub fn new(
        application: &'a Application,
        principal: &'a str,
        token: &'a RequestToken,
    ) -> Result<Self, InputError> {
        input::text(InputField::PRINCIPAL_ID, principal)?;
        Ok(Self {
            base_url: &GLZ,
            application,
            principal,
            token,
            scopes: &[],
        })
    }

    /// Sends the grant to this data center in place of [`BaseUrl::GLZ`]. Never take it from a browser's query.
    #[must_use]
    pub fn at(mut self, base_url: &'a BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// Asks for these scopes alone. By default the token has all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &'a [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}

impl Exchange for RequestTokenGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let pairs = [
            ("username", self.principal),
            ("password", self.token.secret().expose_secret()),
            ("credtype", "authtoken"),
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
