//! Fetching one connection request.

use http::Method;

use super::{ConnectionRequest, ConnectionRequestId, Version, document};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::request;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

/// Fetches one connection request.
///
/// It is authorized by an administrator's token, to whose base URL it goes, and uses v3.0 of the service, which
/// documents it. Sending it twice is harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct GetConnectionRequest<'a> {
    administrator: &'a AccessToken,
    id: &'a ConnectionRequestId,
}

impl<'a> GetConnectionRequest<'a> {
    /// Fetches the connection request with this ID, authorized by `administrator`'s token.
    #[must_use]
    pub fn new(administrator: &'a AccessToken, id: &'a ConnectionRequestId) -> Self {
        Self { administrator, id }
    }
}

impl Exchange for GetConnectionRequest<'_> {
    type Output = ConnectionRequest;

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let path = self.id.path(Version::V3_0)?;
        request::authorized(Method::GET, path, self.administrator, Format::Xml)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<ConnectionRequest, ResponseError> {
        response::read_success(&response, Format::Xml, document::read_one)
    }
}
