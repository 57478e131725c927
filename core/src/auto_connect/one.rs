//! A single connection request: fetched, created and deleted, as v3.0 documents it.

use std::fmt;

use http::Method;

use super::{ConnectionRequest, Version, document, path};
use crate::field::{self, Found};
use crate::input::{self, Field, InputError};
use crate::response::{self, Unreadable};
use crate::xml::{self, Part};
use crate::{AccessToken, Exchange, InstanceUrl, ResponseError, request};

/// The version that documents these.
const VERSION: Version = Version::V3_0;

/// Fetches one connection request. Sending it twice is harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct GetConnectionRequest<'a> {
    administrator: &'a AccessToken,
    id: &'a str,
}

impl<'a> GetConnectionRequest<'a> {
    /// Fetches the connection request with this ID, by leave of this administrator.
    ///
    /// # Errors
    ///
    /// [`InputError`] as for [`ReportConnection::new`](super::ReportConnection::new).
    pub fn new(administrator: &'a AccessToken, id: &'a str) -> Result<Self, InputError> {
        path::check_id(id)?;
        Ok(Self { administrator, id })
    }
}

impl Exchange for GetConnectionRequest<'_> {
    type Output = ConnectionRequest;

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let path = path::of_one(VERSION.path(), self.id)?;
        request::authorized(Method::GET, instance, path, self.administrator)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &InstanceUrl,
    ) -> Result<ConnectionRequest, ResponseError> {
        response::read_success(&response, document::read_one)
    }
}

/// Deletes one connection request. Sending it twice is harmless: the second time, Concur says that there is
/// none.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct DeleteConnectionRequest<'a> {
    administrator: &'a AccessToken,
    id: &'a str,
}

impl<'a> DeleteConnectionRequest<'a> {
    /// Deletes the connection request with this ID, by leave of this administrator.
    ///
    /// # Errors
    ///
    /// [`InputError`] as for [`ReportConnection::new`](super::ReportConnection::new).
    pub fn new(administrator: &'a AccessToken, id: &'a str) -> Result<Self, InputError> {
        path::check_id(id)?;
        Ok(Self { administrator, id })
    }
}

impl Exchange for DeleteConnectionRequest<'_> {
    type Output = ();

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let path = path::of_one(VERSION.path(), self.id)?;
        request::authorized(Method::DELETE, instance, path, self.administrator)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        response::read_done(&response)
    }
}

/// Creates a connection request in a user's name, and brings its ID. (The URI beside it in the answer is made of
/// the same ID, and is left out.) Sent twice, it may create two: no transport does so. `Debug` does not show the
/// login ID.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Clone, Copy)]
pub struct CreateConnectionRequest<'a> {
    administrator: &'a AccessToken,
    login_id: &'a str,
}

impl<'a> CreateConnectionRequest<'a> {
    /// Creates one for the user with this login ID, by leave of this administrator.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID is empty, longer than 8 KiB, or holds a control character.
    pub fn new(administrator: &'a AccessToken, login_id: &'a str) -> Result<Self, InputError> {
        input::not_empty(Field::LoginId, login_id)?;
        input::no_control(Field::LoginId, login_id)?;
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

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let path = request::path_with(VERSION.path(), &[("user", self.login_id)], Field::LoginId)?;
        request::authorized(Method::POST, instance, path, self.administrator)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<String, ResponseError> {
        response::read_success(&response, read_id)
    }
}

/// Concur documents what stands in the answer, and not what its root is called.
fn read_id(body: &[u8]) -> Result<String, Unreadable> {
    let mut id: Found<_> = Ok(None);
    let mut root = "";
    xml::read_fields(body, |part| match part {
        Part::Root(name) => root = name,
        Part::Field(name, value) if name.eq_ignore_ascii_case("ID") => field::meet(&mut id, value),
        Part::Field(..) => {}
    })?;
    // An error document has an ID too, the error's.
    if ["Error", "html"]
        .iter()
        .any(|other| root.eq_ignore_ascii_case(other))
    {
        return Err(response::other_document(root));
    }
    let id = field::read(&id, |text| Ok(text.to_owned()));
    id.ok().flatten().ok_or(Unreadable::NoId)
}
