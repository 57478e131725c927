//! The refresh: a new access token for a refresh token.

use http::Request;
use secrecy::{ExposeSecret, SecretString};

use super::{elsewhere, request, token_document};
use crate::application::Application;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField, InputProblem};
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::{AccessToken, RefreshResponse};

/// The refresh: an application shows a refresh token and gets a new access token, and perhaps a new refresh token.
///
/// It goes to the token's own data center. Its response is a [`RefreshResponse`], which [`AccessToken::apply_refresh`] takes.
/// Store the token before it is used.
///
/// A refresh token lives for six months from its last use. Where it is refused (code 108), it is dead, and a person must
/// connect the user or the company again.
///
/// # When no response came
///
/// A transport sends this once (a second time only to follow code 16, after which Concur has done nothing), because a
/// second one could kill the tokens of the first. It borrows the refresh token, which stays yours. But where the error
/// [may have reached Concur](crate::Error::may_have_reached_concur), Concur may have replaced it, and its successor is lost.
/// Concur does not document what the old one is good for then. Keep it, and try it once more after
/// [`retry_after`](crate::Error::retry_after): where that is refused with code 108, connect anew.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::Refresh;
/// # use concur_oauth::{
/// #     AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ExposeSecret, ResponseContext, TokenParts,
/// #     TokenScheme, http,
/// # };
/// # let application = Application::new(ConsumerKey::new("id")?, "secret")?;
/// # let mut parts = TokenParts::new(TokenScheme::Bearer, "old", BaseUrl::EU2);
/// # parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
/// # let mut token = AccessToken::from(parts);
///
/// let refresh = Refresh::for_token(&application, &token)?;
/// // let response = client.send(refresh)?;
/// # let context = ResponseContext::new(BaseUrl::EU2, std::time::SystemTime::UNIX_EPOCH);
/// # let response = http::Response::new(&br#"{"access_token":"new","refresh_token":"rotated"}"#[..]);
/// # let response = Refresh::parse(response, &context)?;
/// let changes = token.apply_refresh(response);
///
/// assert_eq!(token.token().expose_secret(), "new");
/// assert!(changes.has_new_refresh_token());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, Refreshing a Token*.)
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    token: &'a SecretString,
}

impl<'a> Refresh<'a> {
    /// Creates a refresh from its values: the token's own base URL, the application that the token was granted to, and the
    /// refresh token.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        refresh_token: &'a SecretString,
    ) -> Self {
        Self {
            base_url,
            application,
            token: refresh_token,
        }
    }

    /// Creates a refresh of this token, at its own base URL.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token has no refresh token.
    pub fn for_token(
        application: &'a Application,
        token: &'a AccessToken,
    ) -> Result<Self, InputError> {
        let missing = InputError::new(InputField::REFRESH_TOKEN, InputProblem::Missing);
        let refresh_token = token.refresh_token().ok_or(missing)?;
        Ok(Self::new(token.base_url(), application, refresh_token))
    }
}

impl Exchange for Refresh<'_> {
    type Output = RefreshResponse;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        input::text(InputField::REFRESH_TOKEN, self.token.expose_secret())?;
        let pairs = [("refresh_token", self.token.expose_secret())];
        request::token(
            self.base_url,
            self.application,
            "refresh_token",
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
    ) -> Result<RefreshResponse, ResponseError> {
        token_document::parse(&response, context).map(RefreshResponse::new)
    }
}
