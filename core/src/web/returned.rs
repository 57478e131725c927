use std::fmt;

use crate::RequestToken;
use crate::query::{self, Plus};
use crate::web::State;
use crate::words;

/// Reads the query that a user of the Web flow comes back with: `code`, or `error` and its description;
/// and `state`, which must be the one that the user was sent out with.
///
/// The query is what stands after the `?`, as it came, with or without that. Names that are not Concur's are the redirect
/// URI's own, and are let be.
///
/// # Errors
///
/// [`ReturnError`]. The state is judged first: of a return that is not the user's, nothing counts.
pub fn read_web_return(query: &str, state: &State) -> Result<RequestToken, ReturnError> {
    let found = Returned::read(query);
    match found.state {
        Ok(Some(returned)) if state.is(returned) => found.into_code(),
        Ok(Some(_)) => Err(ReturnError::WrongState),
        Ok(None) => Err(ReturnError::NoState),
        Err(Repeated) => Err(ReturnError::RepeatedState),
    }
}

/// Reads the query that a user comes with from Concur's App Center: `code`.
///
/// No state comes with it, because the application sent nobody out. Whoever signs the user in must be
/// sure by other means that it is the same person: a code in a link can be anybody's.
///
/// # Errors
///
/// [`ReturnError`], but for its states.
pub fn read_app_center(query: &str) -> Result<RequestToken, ReturnError> {
    Returned::read(query).into_code()
}

/// What Concur's names stand for, still encoded.
struct Returned<'a> {
    code: Once<'a>,
    error: Once<'a>,
    description: Once<'a>,
    state: Once<'a>,
}

type Once<'a> = Result<Option<&'a str>, Repeated>;

/// A name stands there more than once.
struct Repeated;

impl<'a> Returned<'a> {
    fn read(query: &'a str) -> Self {
        let mut found = Self {
            code: Ok(None),
            error: Ok(None),
            description: Ok(None),
            state: Ok(None),
        };
        let query = query.strip_prefix('?').unwrap_or(query);
        for (name, value) in query::pairs(query) {
            let slot = match name {
                "code" => &mut found.code,
                "error" => &mut found.error,
                "error_description" => &mut found.description,
                "state" => &mut found.state,
                _ => continue,
            };
            *slot = match slot {
                Ok(None) => Ok(Some(value)),
                _ => Err(Repeated),
            };
        }
        found
    }

    fn into_code(self) -> Result<RequestToken, ReturnError> {
        let once = |name, value: Once<'a>| value.map_err(|Repeated| ReturnError::Repeated(name));
        let description = once("error_description", self.description)?;
        match (once("code", self.code)?, once("error", self.error)?) {
            (Some(_), Some(_)) => Err(ReturnError::Both),
            (None, None) => Err(ReturnError::Neither),
            (None, Some(error)) => Err(ReturnError::Denied(Denial {
                error: words(error).unwrap_or_default(),
                description: description.and_then(words),
            })),
            // No request token holds a space: a `+` that came raw is one.
            (Some(code), None) => query::decode(code, Plus::Plus)
                .and_then(|code| RequestToken::new(code.as_str()).ok())
                .ok_or(ReturnError::Malformed),
        }
    }
}

/// Words for people, made safe to show.
fn words(encoded: &str) -> Option<Box<str>> {
    words::clean(&query::decode(encoded, Plus::Space)?, 256)
}

/// A user came back without a request token that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnError {
    /// The user said no, or Concur did.
    #[error("{0}")]
    Denied(Denial),
    /// There is neither a code nor an error.
    #[error(
        "the return has neither a code nor an error: check that it is what stands after the `?`, or have the user \
         begin again"
    )]
    Neither,
    /// There is a code and an error.
    #[error(
        "the return has both a code and an error, and neither is used: have the user begin again"
    )]
    Both,
    /// A name stands there more than once.
    #[error("the return has `{0}` more than once, and none is used: have the user begin again")]
    Repeated(&'static str),
    /// The code is empty, too long, or not of the form that it must have.
    #[error("the return has a code that cannot be read: have the user begin again")]
    Malformed,
    /// There is no state.
    #[error("the return has no state: it may not be this user's, and must not be used")]
    NoState,
    /// The state is another one.
    #[error("the return has another state: it is not this user's, and must not be used")]
    WrongState,
    /// There is more than one state.
    #[error("the return has more than one state: it may not be this user's, and must not be used")]
    RepeatedState,
}

/// What Concur says of a consent that was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    error: Box<str>,
    description: Option<Box<str>>,
}

impl Denial {
    /// Concur's code for it, such as `access_denied`; at most 256 characters, and empty where it has none to show.
    #[must_use]
    pub fn error(&self) -> &str {
        &self.error
    }

    /// Concur's own words for people, such as `User denied access`; at most 256 characters.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl fmt::Display for Denial {
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
