//! Creating a connection request.

use std::fmt;

use http::Method;

use super::Version;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::request;
use crate::response::{self, BodyError, ResponseError};
use crate::secret::{SecretBody, path_with_query};
use crate::token::AccessToken;
use crate::wire::Format;
use crate::wire::xml::{self, FieldText, Part};

/// Creates a connection request for a user, and returns its ID.
///
/// It is authorized by an administrator's token, to whose base URL it goes, and uses v3.0 of the service, which
/// documents it. (The URI beside the ID in the response is made of the same ID, and is left out.) Sent twice, it
/// may create two, so no transport does that. `Debug` does not show the login ID.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Clone, Copy)]
pub struct CreateConnectionRequest<'a> {
    administrator: &'a AccessToken,
    login_id: &'a str,
}

impl<'a> CreateConnectionRequest<'a> {
    /// Creates one for the user with this login ID, authorized by `administrator`'s token.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID is empty, longer than 8 KiB, or contains a control character.
    pub fn new(administrator: &'a AccessToken, login_id: &'a str) -> Result<Self, InputError> {
        input::text(InputField::LOGIN_ID, login_id)?;
        Ok(Self {
            administrator,
            login_id,
        })
    }
}

impl fmt::Debug for CreateConnectionRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateConnectionRequest")
            .finish_non_exhaustive()
    }
}

impl Exchange for CreateConnectionRequest<'_> {
    type Output = String;

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let pairs = [("user", self.login_id)];
        let path = path_with_query(Version::V3_0.path(), &pairs, InputField::LOGIN_ID)?;
        request::authorized(Method::POST, path, self.administrator, Format::Xml)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<String, ResponseError> {
        response::read_success(&response, Format::Xml, read_id)
    }
}

/// Reads the ID. Concur documents the fields of the response, and not the name of its root.
fn read_id(body: &[u8]) -> Result<String, BodyError> {
    let mut id = FieldText::default();
    let mut root = "";
    xml::read_fields(body, |part| match part {
        Part::Root(name) => root = name,
        Part::Field(name, value) if name.eq_ignore_ascii_case("ID") => id.add(value),
        Part::Field(..) => {}
    })?;
    // An error document has an ID too, the error's.
    if ["Error", "html"]
        .iter()
        .any(|other| root.eq_ignore_ascii_case(other))
    {
        return Err(response::other_document(root));
    }
    id.text().map(str::to_owned).ok_or(BodyError::NoId)
}
