//! Telling Concur what became of a connection request.

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::{Outcome, Version, path};
use crate::{AccessToken, Exchange, InputError, InstanceUrl, ResponseError, request, response};

/// Reports what became of a connection request, so that its user sees it.
///
/// It is asked for with the token of an administrator, whose own instance it goes to. Sending it twice is
/// harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct ReportConnection<'a> {
    administrator: &'a AccessToken,
    version: Version,
    id: &'a str,
    outcome: Outcome,
}

impl<'a> ReportConnection<'a> {
    /// Reports this of the connection request with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the ID is empty, longer than 8 KiB, holds a control character, or is `.` or
    /// `..`, which a server would take for a step in a path.
    pub fn new(
        administrator: &'a AccessToken,
        version: Version,
        id: &'a str,
        outcome: Outcome,
    ) -> Result<Self, InputError> {
        path::check_id(id)?;
        Ok(Self {
            administrator,
            version,
            id,
            outcome,
        })
    }
}

impl Exchange for ReportConnection<'_> {
    type Output = ();

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let path = path::of_one(self.version.path(), self.id)?;
        let mut request = request::authorized(Method::PUT, instance, path, self.administrator)?;
        let xml = HeaderValue::from_static("application/xml");
        request.headers_mut().insert(CONTENT_TYPE, xml);
        let field = match self.version {
            Version::V3_0 | Version::V3_1 => "Status",
            Version::V3_2 => "status",
        };
        let code = self.outcome.code();
        let body = format!("<ConnectionRequest><{field}>{code}</{field}></ConnectionRequest>");
        *request.body_mut() = body.into_bytes();
        Ok(request)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        response::read_done(&response)
    }
}
