//! The client credentials grant: the application's own token.

use http::Request;

use super::{elsewhere, request, token_document};
use crate::application::Application;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::AccessToken;

/// The client credentials grant: the application's ID and secret for a token of the application itself.
///
/// The token is for few of Concur's APIs (event subscriptions, travel receipts, the application's secrets, moving over from
/// `net2`), and valid only in the data center that granted it: ask each that you call. It comes without a refresh token and
/// without an ID token. Ask again when it ends.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::{ClientCredentialsGrant, ClientId};
/// use concur_oauth::{Application, BaseUrl};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let grant = ClientCredentialsGrant::new(&BaseUrl::EU2, &application);
/// // let token = client.send(grant)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, Client Credentials Grant*.)
#[derive(Debug, Clone, Copy)]
pub struct ClientCredentialsGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    scopes: &'a [Scope],
}

impl<'a> ClientCredentialsGrant<'a> {
    /// Creates the grant of this application, in this data center.
    #[must_use]
    pub fn new(base_url: &'a BaseUrl, application: &'a Application) -> Self {
        Self {
            base_url,
            application,
            scopes: &[],
        }
    }

    /// Asks for these scopes alone. By default the token has all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &'a [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}

impl Exchange for ClientCredentialsGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        request::token(
            self.base_url,
            self.application,
            "client_credentials",
            &[],
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
