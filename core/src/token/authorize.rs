//! Every later call carries the token.

use http::header::{AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::AccessToken;
use crate::input::{self, Field, InputError, Problem};
use crate::{InstanceUrl, request};

impl AccessToken {
    /// The value of an `Authorization` header: `OAuth ` and the token. It is marked sensitive, and
    /// wiped when its last clone is dropped.
    ///
    /// Prefer [`authorize`](Self::authorize), which also sees to where the token is sent.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token is empty or holds what a header cannot carry. It can still be
    /// [taken apart](Self::into_parts) and stored.
    pub fn authorization(&self) -> Result<HeaderValue, InputError> {
        let token = self.token.expose_secret();
        input::header_word(Field::AccessToken, token)?;
        let value = Zeroizing::new([b"OAuth ", token.as_bytes()].concat());
        request::secret_header_value(value).ok_or(InputError::new(
            Field::AccessToken,
            Problem::Malformed("does not fit in a header"),
        ))
    }

    /// Puts `Authorization: OAuth …` on a request for this user.
    ///
    /// The request's URI must be absolute and lead to the user's own
    /// [instance URL](Self::instance_url), so that the token goes nowhere else. Where that is not
    /// known, any https URI will do, and http to this machine.
    ///
    /// ```
    /// # use concur_oauth_core::{AccessToken, TokenParts};
    /// # let mut parts = TokenParts::new("q962LLopjMgTOeTn3fRN+5uABCg=");
    /// # parts.instance_url = Some("https://www.concursolutions.com".parse()?);
    /// # let token = AccessToken::from(parts);
    /// let mut request = http::Request::get("https://www.concursolutions.com/api/v3.0/common/lists")
    ///     .body(())?;
    /// token.authorize(&mut request)?;
    /// assert_eq!(request.headers()["authorization"], "OAuth q962LLopjMgTOeTn3fRN+5uABCg=");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InputError`] where the URI leads elsewhere, or the token cannot stand in a header. The
    /// request is then as it was.
    pub fn authorize<B>(&self, request: &mut http::Request<B>) -> Result<(), InputError> {
        let refused = |problem| Err(InputError::new(Field::RequestUri, problem));
        let uri = request.uri();
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refused(Problem::Malformed(
                "is not absolute: begin it with the token's instance URL",
            ));
        };
        if let Ok(Some(instance)) = &self.instance_url {
            if !instance.is_origin_of(uri) {
                return refused(Problem::OtherInstance);
            }
        } else {
            let origin: InstanceUrl = format!("{scheme}://{authority}")
                .parse()
                .map_err(|error: InputError| InputError::new(Field::RequestUri, error.problem()))?;
            if !origin.is_origin_of(uri) {
                return refused(Problem::OtherInstance);
            }
        }
        let value = self.authorization()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenParts;

    fn token(instance: Option<&str>) -> AccessToken {
        let mut parts = TokenParts::new("q962LLopjMgTOeTn3fRN+5uABCg=");
        parts.instance_url = instance.map(|url| url.parse().unwrap());
        parts.into()
    }

    fn authorize(token: &AccessToken, uri: &str) -> Result<(), Problem> {
        let mut request = http::Request::get(uri).body(()).unwrap();
        let result = token.authorize(&mut request);
        assert_eq!(
            request.headers().contains_key(AUTHORIZATION),
            result.is_ok()
        );
        result.map_err(|error| error.problem())
    }

    #[test]
    fn the_token_goes_to_its_own_instance_only() {
        let token = token(Some("https://www.concursolutions.com/"));
        assert_eq!(
            authorize(&token, "https://www.concursolutions.com/api"),
            Ok(())
        );
        for elsewhere in [
            "http://www.concursolutions.com/api",
            "https://evil.example/api",
            "https://www.concursolutions.com@evil.example/api",
            "https://www.concursolutions.com:8443/api",
        ] {
            assert_eq!(
                authorize(&token, elsewhere),
                Err(Problem::OtherInstance),
                "{elsewhere}"
            );
        }
        assert!(authorize(&token, "/api").is_err());
    }

    #[test]
    fn without_an_instance_any_safe_place_will_do() {
        let token = token(None);
        assert_eq!(authorize(&token, "https://anywhere.example/api"), Ok(()));
        assert_eq!(authorize(&token, "http://127.0.0.1:8080/api"), Ok(()));
        assert_eq!(
            authorize(&token, "http://anywhere.example/api"),
            Err(Problem::Insecure)
        );
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_an_error_and_is_not_lost() {
        for text in ["", "two words", "new\nline", "tökén"] {
            let token = AccessToken::from(TokenParts::new(text));
            let error = token.authorization().unwrap_err();
            assert_eq!(error.field(), Field::AccessToken);
            assert_eq!(token.into_parts().token.expose_secret(), text);
        }
        let value = token(None).authorization().unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("q962"));
    }
}
