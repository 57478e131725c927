//! Deleting a secret.

use http::{Method, Request};

use super::path;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::v0::request;
use crate::wire::Format;

/// Deletes one of an application's secrets. It must be inactive. Sending it twice is harmless.
///
/// (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct DeleteSecret<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
    id: &'a str,
}

impl<'a> DeleteSecret<'a> {
    /// Creates the request that deletes the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`SetSecretStatus::active`](super::SetSecretStatus::active).
    pub fn new(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        input::path_segment(InputField::SECRET_ID, id)?;
        Ok(Self {
            token,
            application,
            id,
        })
    }
}

impl Exchange for DeleteSecret<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = path(self.application, Some(self.id))?;
        request::authorized(Method::DELETE, path, self.token)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Json).map_err(response::of_bearer)
    }
}
