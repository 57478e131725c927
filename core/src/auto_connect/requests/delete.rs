//! Deleting one connection request.

use http::Method;

use super::{ConnectionRequestId, Version};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::request;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

/// Deletes one connection request.
///
/// It is authorized by an administrator's token, to whose base URL it goes, and uses v3.0 of the service, which
/// documents it. Sending it twice is harmless: the second time, Concur says that there is none.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct DeleteConnectionRequest<'a> {
    administrator: &'a AccessToken,
    id: &'a ConnectionRequestId,
}

impl<'a> DeleteConnectionRequest<'a> {
    /// Deletes the connection request with this ID, authorized by `administrator`'s token.
    #[must_use]
    pub fn new(administrator: &'a AccessToken, id: &'a ConnectionRequestId) -> Self {
        Self { administrator, id }
    }
}

impl Exchange for DeleteConnectionRequest<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let path = self.id.path(Version::V3_0)?;
        request::authorized(Method::DELETE, path, self.administrator, Format::Xml)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Xml)
    }
}
