//! The word that names a token in `Authorization`.

use std::fmt;
use std::str::FromStr;

use crate::input::{InputError, InputField, InputProblem};

/// The word before a token in the `Authorization` header field, by which a request says which service granted it.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::TokenScheme;
///
/// assert_eq!(TokenScheme::Bearer.to_string(), "Bearer");
/// assert_eq!("oauth".parse(), Ok(TokenScheme::OAuth));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenScheme {
    /// `OAuth`: a token of [`net2`](crate::net2).
    OAuth,
    /// `Bearer`: a token of [`v0`](crate::v0).
    Bearer,
}

impl TokenScheme {
    /// Returns the word as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OAuth => "OAuth",
            Self::Bearer => "Bearer",
        }
    }
}

impl fmt::Display for TokenScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TokenScheme {
    type Err = InputError;

    /// Reads the word, in any case (RFC 9110 section 11.1).
    fn from_str(word: &str) -> Result<Self, InputError> {
        [Self::OAuth, Self::Bearer]
            .into_iter()
            .find(|scheme| word.eq_ignore_ascii_case(scheme.as_str()))
            .ok_or(InputError::new(
                InputField::TOKEN_SCHEME,
                InputProblem::Malformed("is neither OAuth nor Bearer"),
            ))
    }
}

impl InputField {
    /// The word before a stored token.
    pub const TOKEN_SCHEME: Self = Self("token scheme");
}
