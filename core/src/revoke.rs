//! The end of access tokens.

use std::fmt;

use http::Method;
use secrecy::ExposeSecret;

use crate::input::{self, Field, InputError};
use crate::{AccessToken, ConsumerKey, Exchange, InstanceUrl, ResponseError, request, response};

const PATH: &str = "/net2/oauth2/revoketoken.ashx";

/// Revokes one access token.
///
/// It is asked for with another token, of a user who is a Web Services Administrator or has *Can
/// Administer*: Concur refuses everybody else. It goes to that administrator's
/// [own instance](AccessToken::own_instance). Sending it twice is harmless.
///
/// (Concur's page: *Authentication, Revoking Access Tokens*.)
#[derive(Debug, Clone, Copy)]
pub struct RevokeToken<'a> {
    administrator: &'a AccessToken,
    token: &'a AccessToken,
}

impl<'a> RevokeToken<'a> {
    /// Revokes `token`, by leave of this administrator's.
    #[must_use]
    pub fn new(administrator: &'a AccessToken, token: &'a AccessToken) -> Self {
        Self {
            administrator,
            token,
        }
    }
}

impl Exchange for RevokeToken<'_> {
    type Output = ();

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let pairs = [("token", self.token.token().expose_secret())];
        let path = request::path_with(PATH, &pairs, Field::AccessToken)?;
        request::authorized(Method::POST, instance, path, self.administrator)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        response::read_done(&response)
    }
}

/// Revokes all access tokens that a user has given an application.
///
/// It is asked for as [`RevokeToken`] is. Sending it twice is harmless. `Debug` does not show the login ID.
#[derive(Clone, Copy)]
pub struct RevokeUser<'a> {
    administrator: &'a AccessToken,
    key: &'a ConsumerKey,
    login_id: &'a str,
}

impl<'a> RevokeUser<'a> {
    /// Revokes the tokens of the user with this login ID, by leave of this administrator's.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID is empty, longer than 8 KiB, or holds a control character.
    pub fn new(
        administrator: &'a AccessToken,
        key: &'a ConsumerKey,
        login_id: &'a str,
    ) -> Result<Self, InputError> {
        input::not_empty(Field::LoginId, login_id)?;
        input::no_control(Field::LoginId, login_id)?;
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

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let pairs = [("consumerKey", self.key.as_str()), ("user", self.login_id)];
        let path = request::path_with(PATH, &pairs, Field::LoginId)?;
        request::authorized(Method::POST, instance, path, self.administrator)
    }

    fn parse(response: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        response::read_done(&response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenParts;
    use crate::input::Problem;

    fn token(text: &str) -> AccessToken {
        let mut parts = TokenParts::new(text);
        parts.instance_url = Some(InstanceUrl::default());
        parts.into()
    }

    #[test]
    fn the_requests_are_what_concur_documents() {
        let (administrator, other) = (token("admin"), token("a+b/c="));
        let request = RevokeToken::new(&administrator, &other)
            .into_request(&InstanceUrl::default())
            .unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(
            request.uri().to_string(),
            "https://www.concursolutions.com/net2/oauth2/revoketoken.ashx?token=a%2Bb%2Fc%3D"
        );
        assert_eq!(request.headers()["authorization"], "OAuth admin");
        let key = ConsumerKey::new("key").unwrap();
        let request = RevokeUser::new(&administrator, &key, "jo+1@example.com")
            .unwrap()
            .into_request(&InstanceUrl::default())
            .unwrap();
        assert_eq!(
            request.uri().query(),
            Some("consumerKey=key&user=jo%2B1%40example.com")
        );
        let revocation = RevokeUser::new(&administrator, &key, "jo").unwrap();
        assert!(revocation.is_resendable());
        assert!(RevokeToken::new(&administrator, &other).is_resendable());
        assert!(!format!("{revocation:?}").contains("jo"));
    }

    #[test]
    fn an_administrators_token_goes_to_its_own_instance_only() {
        let (administrator, other) = (token("admin"), token("t"));
        let error = RevokeToken::new(&administrator, &other)
            .into_request(&InstanceUrl::eu_production())
            .unwrap_err();
        assert_eq!(error.problem(), Problem::OtherInstance);
    }

    #[test]
    fn any_success_will_do_but_not_a_refusal_in_disguise() {
        let parse = |status: u16, body: &str| {
            let response = http::Response::builder().status(status);
            let response = response.body(body.as_bytes()).unwrap();
            RevokeToken::parse(response, &InstanceUrl::default())
        };
        assert!(parse(200, "").is_ok());
        for done in [
            "whatever",
            "OK",
            "<Status>Done</Status>",
            "\u{feff}<a/>",
            "{\"Status\":\"Done\"}",
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
        ] {
            assert!(parse(status, body).is_err(), "{status} {body}");
        }
        let html = |body: &'static str| {
            let response = http::Response::builder().header("content-type", "text/html");
            let response = response.body(body.as_bytes()).unwrap();
            RevokeToken::parse(response, &InstanceUrl::default())
        };
        assert!(html("").is_ok() && html("OK").is_ok());
        assert!(html("<body>Sign in</body>").is_err() && html("<p>Sign in").is_err());
    }
}
