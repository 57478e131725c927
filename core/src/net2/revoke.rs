//! Revoking access tokens.

use std::fmt;

use http::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField};
use crate::request;
use crate::response::{self, ResponseError};
use crate::secret::{SecretBody, path_with_query};
use crate::token::AccessToken;
use crate::wire::Format;

const PATH: &str = "/net2/oauth2/revoketoken.ashx";

/// Revokes one access token, authorized by an administrator's token.
///
/// The administrator is a user that is a Web Services Administrator or has *Can Administer*: Concur refuses
/// everyone else. The request goes to the [base URL](AccessToken::base_url) of the administrator's token.
/// Sending it twice is harmless.
///
/// (Concur's page: *Authentication, Revoking Access Tokens*.)
#[derive(Debug, Clone, Copy)]
pub struct RevokeToken<'a> {
    administrator: &'a AccessToken,
    token: &'a SecretString,
}

impl<'a> RevokeToken<'a> {
    /// Revokes `token`, authorized by `administrator`'s token.
    #[must_use]
    pub fn new(administrator: &'a AccessToken, token: &'a SecretString) -> Self {
        Self {
            administrator,
            token,
        }
    }
}

impl Exchange for RevokeToken<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let pairs = [("token", self.token.expose_secret())];
        let path = path_with_query(PATH, &pairs, InputField::ACCESS_TOKEN)?;
        request::authorized(Method::POST, path, self.administrator, Format::Xml)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Xml)
    }
}

/// Revokes all access tokens that a user has granted to an application, authorized by an administrator's token.
///
/// The administrator is the same as for [`RevokeToken`]. Sending it twice is harmless. `Debug` does not show the
/// login ID.
///
/// (Concur's page: *Authentication, Revoking Access Tokens*.)
#[derive(Clone, Copy)]
pub struct RevokeUser<'a> {
    administrator: &'a AccessToken,
    key: &'a ConsumerKey,
    login_id: &'a str,
}

impl<'a> RevokeUser<'a> {
    /// Revokes the tokens of the user with this login ID, authorized by `administrator`'s token.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID is empty, longer than 8 KiB, or contains a control character.
    pub fn new(
        administrator: &'a AccessToken,
        key: &'a ConsumerKey,
        login_id: &'a str,
    ) -> Result<Self, InputError> {
        input::text(InputField::LOGIN_ID, login_id)?;
        Ok(Self {
            administrator,
            key,
            login_id,
        })
    }
}

impl fmt::Debug for RevokeUser<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevokeUser").finish_non_exhaustive()
    }
}

impl Exchange for RevokeUser<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let pairs = [("consumerKey", self.key.as_str()), ("user", self.login_id)];
        let path = path_with_query(PATH, &pairs, InputField::LOGIN_ID)?;
        request::authorized(Method::POST, path, self.administrator, Format::Xml)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Xml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{TokenParts, TokenScheme};

    fn administrator() -> AccessToken {
        TokenParts::new(TokenScheme::OAuth, "admin", BaseUrl::US_PRODUCTION).into()
    }

    fn context() -> ResponseContext {
        ResponseContext::new(BaseUrl::US_PRODUCTION, std::time::SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn requests_are_what_concur_documents() {
        let (administrator, token) = (administrator(), SecretString::from("a+b/c="));
        let revoke = RevokeToken::new(&administrator, &token);
        assert!(revoke.is_resendable());
        let request = revoke.into_request().unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(
            request.uri().to_string(),
            "https://www.concursolutions.com/net2/oauth2/revoketoken.ashx?token=a%2Bb%2Fc%3D"
        );
        assert_eq!(request.headers()["authorization"], "OAuth admin");
        let key = ConsumerKey::new("key").unwrap();
        let revoke = RevokeUser::new(&administrator, &key, "jo+1@example.com").unwrap();
        assert!(revoke.is_resendable());
        assert!(!format!("{revoke:?}").contains("jo"));
        let request = revoke.into_request().unwrap();
        assert_eq!(
            request.uri().query(),
            Some("consumerKey=key&user=jo%2B1%40example.com")
        );
    }

    #[test]
    fn empty_and_known_success_are_done_and_all_else_is_an_error() {
        let parse = |status: u16, body: &str| {
            let response = http::Response::builder().status(status);
            let response = response.body(body.as_bytes()).unwrap();
            RevokeToken::parse(response, &context())
        };
        assert!(parse(200, "").is_ok());
        for done in [
            " \r\n",
            "OK",
            "\u{feff}\"Success\"",
            "true",
            "Done.",
            "<ActionStatus><Message/><Status>SUCCESS</Status></ActionStatus>",
        ] {
            assert!(parse(200, done).is_ok(), "{done}");
        }
        assert!(parse(204, "").is_ok());
        for (status, body) in [
            (200, "<Error><Message>No role</Message></Error>"),
            (403, ""),
            (302, ""),
            (500, "<html>"),
            (200, "<html><body>Sign in</body></html>"),
            (200, "<!DOCTYPE html><p>Sign in<br></html>"),
            (200, "{\"Error\":{\"Message\":\"No\"}}"),
            (200, "\u{feff}[{\"Error\":{}}]"),
            (200, "<Error><Message>a&nbsp;b</Message></Error>"),
            (200, "<Error><Message>No"),
            (200, "<Error><Status>OK</Status></Error>"),
            (200, "<Status>Done</Status>"),
            (200, "<a><Status>Failed</Status></a>"),
            (200, "<a><Status>OK</Status><Status>OK</Status></a>"),
            (200, "<a/>"),
            (200, "<?xml version='1.0'?><html><Status>OK</Status></html>"),
            (
                200,
                "<?xml version='1.0'?><html><Message>x</Message></html>",
            ),
            (200, "{}"),
            (200, "false"),
        ] {
            assert!(parse(status, body).is_err(), "{status} {body}");
        }
        for (body, words) in [
            ("Access\u{1b}[2J denied", Some("Access[2J denied")),
            (
                "{\"Message\":\"Authorization has been denied for this request.\"}",
                Some("Authorization has been denied for this request."),
            ),
            // What else is in JSON is not Concur's words, and can be a secret.
            ("{\"errors\":[1],\"token\":\"hidden\"}", None),
            ("[\"hidden\"]", None),
            ("<Fault><Message>No role</Message></Fault>", Some("No role")),
        ] {
            let ResponseError::Unconfirmed(said) = parse(200, body).unwrap_err() else {
                panic!("{body}");
            };
            assert_eq!(said.message(), words);
        }
        assert!(parse(200, "<Fault>denied</Fault>").is_err());
        let html = |body: &'static str| {
            let response = http::Response::builder().header("content-type", "text/html");
            let response = response.body(body.as_bytes()).unwrap();
            RevokeToken::parse(response, &context())
        };
        assert!(html("").is_ok() && html("OK").is_ok());
        assert!(html("<body>Sign in</body>").is_err() && html("<p>Sign in").is_err());
    }
}
