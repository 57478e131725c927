//! Revoking connections.

use http::uri::PathAndQuery;
use http::{Method, Request};

use super::request;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

/// Revokes all connections of one user or company to the application: every refresh token, those of the application's other
/// installations included.
///
/// It is authorized by an access token of that user or company. `v0` has no call that revokes one token, and none for an
/// administrator to revoke another user's. Whether access tokens end with it is not documented: take them to be valid until
/// they expire, at most an hour. Sending it twice is harmless.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # use concur_oauth::{AccessToken, BaseUrl, TokenParts, TokenScheme};
/// # let token = AccessToken::from(TokenParts::new(TokenScheme::Bearer, "eyJ0eXAi", BaseUrl::US2));
/// use concur_oauth::v0::RevokeConnections;
///
/// let revoke = RevokeConnections::new(&token);
/// // client.send(revoke)?;
/// ```
///
/// (Concur's page: *Authentication, Revoking a Token*.)
#[derive(Debug, Clone, Copy)]
pub struct RevokeConnections<'a> {
    token: &'a AccessToken,
}

impl<'a> RevokeConnections<'a> {
    /// Revokes the connections of the user or company that this token is for.
    #[must_use]
    pub fn new(token: &'a AccessToken) -> Self {
        Self { token }
    }
}

impl Exchange for RevokeConnections<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = PathAndQuery::from_static("/app-mgmt/v0/connections");
        request::authorized(Method::DELETE, path, self.token)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Json).map_err(response::of_bearer)
    }
}
