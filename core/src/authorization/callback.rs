//! The callback: the query that a user's browser returns with.

use std::fmt;

use zeroize::Zeroizing;

use super::{CsrfState, RequestToken};
use crate::wire::display_text;
use crate::wire::percent::{self, Plus};

/// Parses the query that a user of a browser flow returns with: `code`, or `error` and its description,
/// and `state`, which must be the one that the user was sent with.
///
/// The query is what stands after the `?` of the URL, as it came, with or without the `?`. Names that are not
/// Concur's belong to the redirect URI and are ignored.
///
/// # Errors
///
/// [`CallbackError`]. The state is checked first: nothing else in a callback of another user counts.
pub fn parse_callback(query: &str, state: &CsrfState) -> Result<RequestToken, CallbackError> {
    check_state(query, state)?;
    parse_app_center_callback(query)
}

/// Parses the query that a user's browser brings from Concur's App Center: `code`.
///
/// No state comes with it, because the application did not send the browser out. Confirm by other means that the
/// user who signs in to the application is the user who consented: a code in a link can belong to anyone.
///
/// # Errors
///
/// [`CallbackError`], except for those of the state.
pub fn parse_app_center_callback(query: &str) -> Result<RequestToken, CallbackError> {
    // No request token contains a space, so a `+` is a plus sign that came unencoded.
    let code = granted(once(query, "code")?, once(query, "error")?, query)?;
    RequestToken::new(code.as_str()).map_err(|_| CallbackError::Malformed)
}

/// Checks that the state of a callback is the one that the user was sent with.
pub(crate) fn check_state(query: &str, state: &CsrfState) -> Result<(), CallbackError> {
    match once(query, "state") {
        Ok(Some(returned)) if state.matches(returned) => Ok(()),
        Ok(Some(_)) => Err(CallbackError::WrongState),
        Ok(None) => Err(CallbackError::NoState),
        Err(_) => Err(CallbackError::RepeatedState),
    }
}

/// Decodes the code, where access was granted, or says why it was not.
pub(crate) fn granted(
    code: Option<&str>,
    error: Option<&str>,
    query: &str,
) -> Result<Zeroizing<String>, CallbackError> {
    let description = once(query, "error_description")?;
    match (code, error) {
        (Some(_), Some(_)) => Err(CallbackError::Both),
        (None, None) => Err(CallbackError::Neither),
        (None, Some(error)) => Err(CallbackError::Denied(AccessDenied {
            error: shown(error).unwrap_or_default(),
            description: description.and_then(shown),
        })),
        (Some(code), None) => percent::decode(code, Plus::Plus).ok_or(CallbackError::Malformed),
    }
}

/// Returns the value of a name, still encoded.
pub(crate) fn once<'a>(
    query: &'a str,
    name: &'static str,
) -> Result<Option<&'a str>, CallbackError> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut values = percent::pairs(query).filter(|(known, _)| *known == name);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(CallbackError::Repeated(name)),
        (value, None) => Ok(value.map(|(_, value)| value)),
    }
}

/// Decodes words for people, and makes them safe to show.
fn shown(encoded: &str) -> Option<Box<str>> {
    display_text::clean(&percent::decode(encoded, Plus::Space)?, 256)
}

/// A user returned without a request token that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The user, or Concur, denied access.
    #[error("{0}")]
    Denied(AccessDenied),
    /// There is neither a code nor an error.
    #[error(
        "the callback has neither a code nor an error: check that it is what stands after the `?`, or have the user \
         begin again"
    )]
    Neither,
    /// There is a code and an error.
    #[error(
        "the callback has both a code and an error, and neither is used: have the user begin again"
    )]
    Both,
    /// A name is in the query more than once.
    #[error("the callback has `{0}` more than once, and none is used: have the user begin again")]
    Repeated(&'static str),
    /// The code is empty, too long, or does not have the form that it must have.
    #[error("the callback has a code that cannot be read: have the user begin again")]
    Malformed,
    /// There is no state.
    #[error("the callback has no state: it may not be this user's, and must not be used")]
    NoState,
    /// The state is another one.
    #[error("the callback has another state: it is not this user's, and must not be used")]
    WrongState,
    /// There is more than one state.
    #[error(
        "the callback has more than one state: it may not be this user's, and must not be used"
    )]
    RepeatedState,
}

/// What Concur says of a consent that was denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDenied {
    error: Box<str>,
    description: Option<Box<str>>,
}

impl AccessDenied {
    /// Returns Concur's code for the error, such as `access_denied`, at most 256 characters. It is empty where
    /// Concur gave none that can be shown.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Returns Concur's own words for people, such as `User denied access`, at most 256 characters.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl fmt::Display for AccessDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.description {
            Some(description) if self.error.is_empty() => {
                write!(f, "access was not granted: {description}")
            }
            Some(description) => {
                write!(f, "access was not granted: {description} ({})", self.error)
            }
            None if self.error.is_empty() => f.write_str("access was not granted"),
            None => write!(f, "access was not granted ({})", self.error),
        }
    }
}

#[cfg(test)]
mod tests;
