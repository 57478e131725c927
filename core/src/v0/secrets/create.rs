//! Making a new secret.

use http::{Method, Request};
use secrecy::SecretString;

use super::path;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::v0::request;
use crate::wire::json::JsonField;

/// Makes a new secret of an application, authorized by a token of the application itself.
///
/// A transport never sends this twice by itself. (Concur's page: *Rotating Application Secrets*, a prerelease.)
#[derive(Debug, Clone, Copy)]
pub struct CreateSecret<'a> {
    token: &'a AccessToken,
    application: &'a ConsumerKey,
}

impl<'a> CreateSecret<'a> {
    /// Creates the request for a new secret of the application with this client ID.
    #[must_use]
    pub fn new(token: &'a AccessToken, application: &'a ConsumerKey) -> Self {
        Self { token, application }
    }
}

impl Exchange for CreateSecret<'_> {
    type Output = CreatedSecret;

    fn base_url(&self) -> &BaseUrl {
        self.token.base_url()
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        request::authorized(Method::POST, path(self.application, None)?, self.token)
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<CreatedSecret, ResponseError> {
        created(&response).map_err(response::of_bearer)
    }
}

/// The document of a new secret. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct CreatedSecret {
    document: SecretString,
    id: Option<Box<str>>,
}

impl CreatedSecret {
    /// Returns the body of Concur's response as it came. It holds the secret, which Concur shows once and does not publish the
    /// form of. So nothing of it is left out, and whatever came with a success status is taken, but for a web page.
    #[must_use]
    pub fn document(&self) -> &SecretString {
        &self.document
    }

    /// Returns the ID of the new secret, where the document has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

/// Reads the response to a request for a new secret. A secret that was made and is not understood must not be lost.
fn created(response: &http::Response<&[u8]>) -> Result<CreatedSecret, ResponseError> {
    let read = |body: &[u8]| {
        let mut id = JsonField::default();
        // What is no object has no ID.
        let _ = response::json_fields(body, |name, value| {
            if name == "id" {
                id.add(value);
            }
        });
        Ok(CreatedSecret {
            document: SecretString::from(String::from_utf8_lossy(body).as_ref()),
            id: id.text().map(|id| id.to_owned().into()),
        })
    };
    response::read_any_success(response, read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::time::SystemTime;

    #[test]
    fn whatever_a_new_secret_comes_in_is_kept_whole_and_not_shown() {
        let context = ResponseContext::new(BaseUrl::US2, SystemTime::UNIX_EPOCH);
        let parse = |status: u16, body: &str| {
            let response = http::Response::builder().status(status);
            CreateSecret::parse(response.body(body.as_bytes()).unwrap(), &context)
        };
        for (body, id) in [
            (r#"{"id":"3c955ea9","unknown":"hidden"}"#, Some("3c955ea9")),
            (
                r#"{"id":"3c955ea9","secret":"hidden","code":0,"error":null}"#,
                Some("3c955ea9"),
            ),
            (r#"[{"id":"a","secret":"hidden"}]"#, None),
            ("\"hidden\"", None),
            ("hidden", None),
        ] {
            let created = parse(200, body).unwrap();
            assert_eq!(created.document().expose_secret(), body);
            assert_eq!(created.id(), id);
            assert!(!format!("{created:?}").contains("hidden"));
        }
        for (status, body) in [(200, ""), (200, "<html>"), (400, "{}"), (302, "a")] {
            assert!(parse(status, body).is_err(), "{status} {body}");
        }
    }
}
