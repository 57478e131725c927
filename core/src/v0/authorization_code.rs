//! The authorization code grant: the second half of the Web flow.

use http::Request;
use secrecy::ExposeSecret;

use super::data_centers::GLZ;
use super::{AuthorizationCode, elsewhere, request, token_document};
use crate::application::Application;
use crate::authorization::RedirectUri;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::AccessToken;

/// The authorization code grant: a code, which came with the user's browser, for a token of that user.
///
/// The redirect URI is the one that the browser was sent out with. The code is valid once, so a transport never sends this
/// twice by itself, and sends it over a connection of its own.
///
/// It goes to [`BaseUrl::GLZ`], and not to the geolocation that the callback names. That came through a browser: any user
/// of the application could aim the application's secret at a host of their own.
///
/// [`WebFlow`](super::WebFlow) has an example. (Concur's page: *Authentication, Authorization Grant*.)
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationCodeGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    redirect_uri: &'a RedirectUri,
    code: &'a AuthorizationCode,
}

impl<'a> AuthorizationCodeGrant<'a> {
    /// Creates the grant of this code.
    #[must_use]
    pub fn new(
        application: &'a Application,
        redirect_uri: &'a RedirectUri,
        code: &'a AuthorizationCode,
    ) -> Self {
        Self {
            base_url: &GLZ,
            application,
            redirect_uri,
            code,
        }
    }

    /// Sends the grant to this data center in place of [`BaseUrl::GLZ`]. Never take it from a browser's query.
    #[must_use]
    pub fn at(mut self, base_url: &'a BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }
}

impl Exchange for AuthorizationCodeGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let pairs = [
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code", self.code.secret().expose_secret()),
        ];
        request::token(
            self.base_url,
            self.application,
            "authorization_code",
            &pairs,
            &[],
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
