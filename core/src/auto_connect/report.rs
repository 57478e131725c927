//! Telling Concur what became of a connection request.

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::{Outcome, Version, path};
use crate::input::{self, Field, InputError, Problem};
use crate::{AccessToken, Exchange, InstanceUrl, ResponseError, request, response};

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
    message: Option<&'a str>,
}

impl<'a> ReportConnection<'a> {
    /// Reports this of the connection request with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the ID is empty, longer than 8 KiB, holds a control character, or has `.` or `..`
    /// between slashes, which a server could take for a step in a path.
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
            message: None,
        })
    }

    /// Adds words for people. Concur documents them in one place, and not what becomes of them; by default none
    /// are sent.
    ///
    /// # Errors
    ///
    /// [`InputError`] where they are empty, longer than 8 KiB, or hold a control character or another that XML
    /// cannot carry.
    pub fn with_message(mut self, message: &'a str) -> Result<Self, InputError> {
        input::not_empty(Field::Message, message)?;
        input::no_control(Field::Message, message)?;
        if message.contains(['\u{fffe}', '\u{ffff}']) {
            let what = Problem::Forbidden("a character that XML cannot carry");
            return Err(InputError::new(Field::Message, what));
        }
        self.message = Some(message);
        Ok(self)
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
        let [status, words] = match self.version {
            Version::V3_0 | Version::V3_1 => ["Status", "Message"],
            Version::V3_2 => ["status", "message"],
        };
        let code = self.outcome.code();
        let message = self.message.map_or(String::new(), |message| {
            format!("<{words}>{}</{words}>", escaped(message))
        });
        let body =
            format!("<ConnectionRequest><{status}>{code}</{status}>{message}</ConnectionRequest>");
        *request.body_mut() = body.into_bytes();
        Ok(request)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        response::read_done(&response)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
