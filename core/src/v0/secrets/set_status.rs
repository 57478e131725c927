//! Activating and deactivating a secret.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request};

use super::path;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::response::{self, BodyError, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::v0::request;
use crate::wire::Format;

/// Activates or deactivates one of an application's secrets. Sending it twice is harmless.
///
/// (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct SetSecretStatus<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
    id: &'a str,
    status: &'static str,
}

impl<'a> SetSecretStatus<'a> {
    /// Creates the request that activates the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the ID is empty, longer than 8 KiB, contains a control character, or has `.` or `..` between
    /// slashes.
    pub fn active(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        Self::new(token, application, id, "active")
    }

    /// Creates the request that deactivates the secret with this ID.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`active`](Self::active).
    pub fn inactive(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
    ) -> Result<Self, InputError> {
        Self::new(token, application, id, "inactive")
    }

    fn new(
        token: &'a AccessToken,
        application: &'a ConsumerKey,
        id: &'a str,
        status: &'static str,
    ) -> Result<Self, InputError> {
        input::path_segment(InputField::SECRET_ID, id)?;
        Ok(Self {
            token,
            application,
            id,
            status,
        })
    }
}

impl Exchange for SetSecretStatus<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let path = path(self.application, Some(self.id))?;
        let mut request = request::authorized(Method::PATCH, path, self.token)?;
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"/status","value":"{}"}}]}}"#,
            self.status
        );
        *request.body_mut() = body.into_bytes().into();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        Ok(request)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        // Concur says 200 and does not say with what.
        let read = response::read_success(&response, Format::Json, read_any);
        read.or_else(empty).map_err(response::of_bearer)
    }
}

/// Reads any object that does not say that it is of an error.
fn read_any(body: &[u8]) -> Result<(), BodyError> {
    let mut is_error = false;
    response::json_fields(body, |name, value| {
        is_error |= name == "error" || (name == "code" && value.text().as_deref() != Some("0"));
    })?;
    if is_error {
        Err(BodyError::OtherDocument)
    } else {
        Ok(())
    }
}

fn empty(error: ResponseError) -> Result<(), ResponseError> {
    match error {
        ResponseError::Unreadable {
            reason: BodyError::Empty,
            ..
        } => Ok(()),
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn changed_status_is_confirmed_by_any_object_or_nothing() {
        let context = ResponseContext::new(BaseUrl::US2, SystemTime::UNIX_EPOCH);
        for (status, body, is_ok) in [
            (200, "", true),
            (204, "", true),
            (200, "{}", true),
            (200, "{\"id\":\"a\"}", true),
            (200, "{\"error\":\"a\"}", false),
            (200, "<html>", false),
            (200, "no", false),
            (400, "{\"detail\":\"invalid status\"}", false),
        ] {
            let response = http::Response::builder().status(status);
            let response = response.body(body.as_bytes()).unwrap();
            let result = SetSecretStatus::parse(response, &context);
            assert_eq!(result.is_ok(), is_ok, "{status} {body}");
        }
    }
}
