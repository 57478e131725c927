//! Putting a token on later requests.

use http::header::{AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{AccessToken, TokenScheme};
use crate::input::{self, InputError, InputField, InputProblem};
use crate::secret;

impl AccessToken {
    /// Returns the value of an `Authorization` header field: the token's [scheme](Self::scheme) and the token. It is marked sensitive, and
    /// wiped when its last clone is dropped.
    ///
    /// Prefer [`authorize`](Self::authorize), which also checks where the token is sent.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token is empty or contains what a header field cannot carry. It can still be
    /// [taken apart](Self::into_parts) and stored.
    pub fn authorization(&self) -> Result<HeaderValue, InputError> {
        let token = self.token().expose_secret();
        input::header_word(InputField::ACCESS_TOKEN, token)?;
        let value = Zeroizing::new([self.scheme().as_str(), " ", token].concat().into_bytes());
        secret::secret_header_value(value).ok_or(InputError::new(
            InputField::ACCESS_TOKEN,
            InputProblem::Malformed("does not fit in a header field"),
        ))
    }

    /// Puts `Authorization: OAuth …`, or `Bearer …`, on a request for this user.
    ///
    /// The request's URI must be absolute and lead to the token's own [base URL](Self::base_url): the token goes
    /// nowhere else.
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate concur_oauth_core as concur_oauth;
    /// # use concur_oauth::{AccessToken, BaseUrl, TokenParts, TokenScheme, http};
    /// # let parts = TokenParts::new(TokenScheme::OAuth, "q962LLopjMgTOeTn3fRN+5uABCg=", BaseUrl::US_PRODUCTION);
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
    /// [`InputError`] where the URI leads elsewhere, where a token of [`v0`](crate::v0) would go to a host of `net2`, which does
    /// not take it, or where the token cannot stand in a header field. The request
    /// is then as it was.
    pub fn authorize<B>(&self, request: &mut http::Request<B>) -> Result<(), InputError> {
        let problem = if request.uri().authority().is_none() {
            InputProblem::Malformed("is not absolute: begin it with the token's base URL")
        } else {
            InputProblem::OtherOrigin
        };
        if !self.base_url().is_origin_of(request.uri()) {
            return Err(InputError::new(InputField::REQUEST_URI, problem));
        }
        if self.scheme() == TokenScheme::Bearer {
            self.base_url().check_v0()?;
        }
        let value = self.authorization()?;
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base_url::BaseUrl;
    use crate::token::{TokenParts, TokenScheme};

    fn token(text: &str) -> AccessToken {
        TokenParts::new(TokenScheme::OAuth, text, BaseUrl::US_PRODUCTION).into()
    }

    fn authorize(token: &AccessToken, uri: &str) -> Result<(), InputProblem> {
        let mut request = http::Request::get(uri).body(()).unwrap();
        let result = token.authorize(&mut request);
        assert_eq!(
            request.headers().contains_key(AUTHORIZATION),
            result.is_ok()
        );
        result.map_err(|error| error.problem())
    }

    #[test]
    fn token_goes_to_its_own_base_url_only() {
        let token = token("q962LLopjMgTOeTn3fRN+5uABCg=");
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
                Err(InputProblem::OtherOrigin),
                "{elsewhere}"
            );
        }
        assert!(authorize(&token, "/api").is_err());
    }

    #[test]
    fn token_moves_where_the_caller_says() {
        let mut token = token("t");
        token.set_base_url("https://proxy.example".parse().unwrap());
        assert_eq!(authorize(&token, "https://proxy.example/api"), Ok(()));
        assert!(authorize(&token, "https://www.concursolutions.com/api").is_err());
    }

    #[test]
    fn token_that_no_header_field_can_carry_is_an_error_and_is_not_lost() {
        for text in ["", "two words", "new\nline", "tökén"] {
            let token = token(text);
            let error = token.authorization().unwrap_err();
            assert_eq!(error.field(), InputField::ACCESS_TOKEN);
            assert_eq!(token.into_parts().token.expose_secret(), text);
        }
        let value = token("q962").authorization().unwrap();
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("q962"));
    }
}
