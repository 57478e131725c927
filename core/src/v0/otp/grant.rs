//! Exchanging a one-time password.

use http::Request;
use secrecy::ExposeSecret;

use super::{OneTimePassword, OtpDetails};
use crate::application::Application;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::v0::{elsewhere, request, token_document};

/// The one-time password grant: a one-time password for a token of the user that it was mailed to.
///
/// It goes to the user's own data center, with the details that the mail was sent with. The password is valid once, so a
/// transport never sends this twice by itself, and sends it over a connection of its own.
///
/// [`OtpDetails`] has an example. (Concur's page: *Authentication, One-Time Password Grant*.)
#[derive(Debug, Clone, Copy)]
pub struct OtpGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    details: &'a OtpDetails,
    otp: &'a OneTimePassword,
    scopes: &'a [Scope],
}

impl<'a> OtpGrant<'a> {
    /// Creates the grant of this one-time password.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        details: &'a OtpDetails,
        otp: &'a OneTimePassword,
    ) -> Self {
        Self {
            base_url,
            application,
            details,
            otp,
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

impl Exchange for OtpGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let otp = [("otp", self.otp.secret().expose_secret())];
        let pairs: Vec<_> = otp.into_iter().chain(self.details.pairs()).collect();
        request::token(self.base_url, self.application, "otp", &pairs, self.scopes)
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
