//! Every later call carries the token.

use http::header::{AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::AccessToken;
use crate::input::{self, Field, InputError, Problem};
use crate::request;

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
    /// [instance URL](Self::instance_url), or where Concur named none that can be used, to the
    /// instance that was asked: the token goes nowhere else.
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
    /// [`InputError`] where the URI leads elsewhere, where the token was built from parts without an
    /// instance URL, or where it cannot stand in a header. The request is then as it was.
    pub fn authorize<B>(&self, request: &mut http::Request<B>) -> Result<(), InputError> {
        let instance = self
            .own_instance()
            .ok_or(InputError::new(Field::InstanceUrl, Problem::Unknown))?;
        let problem = if request.uri().authority().is_none() {
            Problem::Malformed("is not absolute: begin it with the token's instance URL")
        } else {
            Problem::OtherInstance
        };
        if !instance.is_origin_of(request.uri()) {
            return Err(InputError::new(Field::RequestUri, problem));
        }
        let value = self.authorization()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstanceUrl, TokenParts};

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
    fn without_an_instance_it_goes_nowhere() {
        let token = token(None);
        assert_eq!(
            authorize(&token, "https://anywhere.example/api"),
            Err(Problem::Unknown)
        );
    }

    #[test]
    fn what_an_answer_does_not_say_is_where_it_was_asked() {
        let asked = InstanceUrl::eu_production();
        for field in [
            "",
            "<Instance_Url>http://localhost:1/</Instance_Url>",
            "<Instance_Url>nonsense</Instance_Url>",
            "<Instance_Url/><Instance_Url/>",
        ] {
            let body = format!("<Access_Token><Token>t</Token>{field}</Access_Token>");
            let response = http::Response::new(body.as_bytes());
            let token = super::super::document::parse(&response, &asked).unwrap();
            assert_eq!(
                authorize(&token, "https://eu1.concursolutions.com/api"),
                Ok(())
            );
            for elsewhere in ["https://evil.example/", "http://localhost:1/"] {
                assert_eq!(authorize(&token, elsewhere), Err(Problem::OtherInstance));
            }
            assert_eq!(token.into_parts().instance_url, Some(asked.clone()));
        }
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
