use std::fmt;

use crate::RequestToken;
use crate::query::{self, Plus};
use crate::web::State;

/// Reads the query that a user of the Web flow comes back with: `code`, or `error` and its description;
/// and `state`, which must be the one that the user was sent out with.
///
/// The query is what stands after the `?`, as it came. Names that are not Concur's are the redirect
/// URI's own, and are let be.
///
/// # Errors
///
/// [`ReturnError`]. The state is judged first: of a return that is not the user's, nothing counts.
pub fn read_web_return(query: &str, state: &State) -> Result<RequestToken, ReturnError> {
    let mut found = Returned::read(query)?;
    match found.state.take() {
        Some(returned) if state.is(returned) => found.into_code(),
        Some(_) => Err(ReturnError::WrongState),
        None => Err(ReturnError::NoState),
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
    Returned::read(query)?.into_code()
}

/// What Concur's names stand for, still encoded.
#[derive(Default)]
struct Returned<'a> {
    code: Option<&'a str>,
    error: Option<&'a str>,
    description: Option<&'a str>,
    state: Option<&'a str>,
}

impl<'a> Returned<'a> {
    fn read(query: &'a str) -> Result<Self, ReturnError> {
        let mut found = Self::default();
        for (name, value) in query::pairs(query) {
            let (slot, repeated) = match name {
                "code" => (&mut found.code, ReturnError::Repeated("code")),
                "error" => (&mut found.error, ReturnError::Repeated("error")),
                "error_description" => (
                    &mut found.description,
                    ReturnError::Repeated("error_description"),
                ),
                "state" => (&mut found.state, ReturnError::RepeatedState),
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(repeated);
            }
        }
        Ok(found)
    }

    fn into_code(self) -> Result<RequestToken, ReturnError> {
        match (self.code, self.error) {
            (Some(_), Some(_)) => Err(ReturnError::Both),
            (None, None) => Err(ReturnError::Neither),
            (None, Some(error)) => Err(ReturnError::Denied(Denial {
                error: words(error).unwrap_or_default(),
                description: self.description.and_then(words),
            })),
            // No request token holds a space: a `+` that came raw is one.
            (Some(code), None) => query::decode(code, Plus::Plus)
                .and_then(|code| RequestToken::new(code.as_str()).ok())
                .ok_or(ReturnError::Malformed),
        }
    }
}

/// Words for people: bounded, and without what a terminal could take for a command.
fn words(encoded: &str) -> Option<Box<str>> {
    let decoded = query::decode(encoded, Plus::Space)?;
    let clean = decoded.chars().filter(|character| !character.is_control());
    let clean: String = clean.take(256).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.into())
}

/// A user came back without a request token that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnError {
    /// The user said no, or Concur did.
    #[error("{0}")]
    Denied(Denial),
    /// There is neither a code nor an error.
    #[error("the return has neither a code nor an error: send the user out again")]
    Neither,
    /// There is a code and an error.
    #[error(
        "the return has both a code and an error, and neither is used: send the user out again"
    )]
    Both,
    /// A name stands there more than once.
    #[error("the return has `{0}` more than once, and none is used: send the user out again")]
    Repeated(&'static str),
    /// The code is empty, too long, or not of the form that it must have.
    #[error("the return has a code that cannot be read: send the user out again")]
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
    /// Concur's code for it, such as `access_denied`; at most 256 characters.
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
            Some(description) => {
                write!(f, "access was not granted: {description} ({})", self.error)
            }
            None => write!(f, "access was not granted ({})", self.error),
        }
    }
}

#[cfg(test)]
mod tests;
