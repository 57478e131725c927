//! What a caller can give us, and what can be wrong with it.

use std::fmt;

use secrecy::SecretString;
use zeroize::Zeroizing;

/// The longest credential or identifier accepted, in bytes.
///
/// Concur documents no limit. Servers commonly refuse a request head over 8 KiB, so nothing longer
/// could be of use.
pub(crate) const MAX_LEN: usize = 8192;

/// A value given by the caller cannot be used. Nothing was sent.
///
/// Never holds the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {problem}")]
pub struct InputError {
    field: Field,
    problem: Problem,
}

impl InputError {
    pub(crate) const fn new(field: Field, problem: Problem) -> Self {
        Self { field, problem }
    }

    /// Which value it was.
    #[must_use]
    pub const fn field(&self) -> Field {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }
}

/// A value that the caller gives, in Concur's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The application's consumer key.
    ConsumerKey,
    /// The application's consumer secret.
    ConsumerSecret,
    /// The user's login ID.
    LoginId,
    /// The user's password.
    Password,
    /// The user's e-mail address, where it stands for the login ID.
    Email,
    /// The user's PIN, where it stands for the password.
    Pin,
    /// An instance URL.
    InstanceUrl,
    /// A request token.
    RequestToken,
    /// The ID of a connection request.
    ConnectionRequestId,
    /// The words that go with the report of a connection request.
    Message,
    /// An access token put together from stored parts.
    AccessToken,
    /// The refresh token of an access token.
    RefreshToken,
    /// A scope that is asked for.
    Scope,
    /// Where the user comes back to.
    RedirectUri,
    /// The state that the user comes back with.
    State,
    /// The URI of a request that is to be sent or authorized.
    RequestUri,
    /// A transport's `User-Agent`.
    UserAgent,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConsumerKey => "consumer key",
            Self::ConsumerSecret => "consumer secret",
            Self::LoginId => "login ID",
            Self::Password => "password",
            Self::Email => "e-mail address",
            Self::Pin => "PIN",
            Self::InstanceUrl => "instance URL",
            Self::RequestToken => "request token",
            Self::ConnectionRequestId => "connection request's ID",
            Self::Message => "message",
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
            Self::Scope => "scope",
            Self::RedirectUri => "redirect URI",
            Self::State => "state",
            Self::RequestUri => "request's URI",
            Self::UserAgent => "user agent",
        })
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// It is empty and must not be.
    Empty,
    /// It is longer than this many bytes.
    TooLong(usize),
    /// It holds something that it must not, described here.
    Forbidden(&'static str),
    /// It is not of the form that it must have, described here.
    Malformed(&'static str),
    /// It names plain http to a host that is not this machine.
    Insecure,
    /// It is needed, and was never said.
    Unknown,
    /// It leads to another host than the user's own instance.
    OtherInstance,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty: give one"),
            Self::TooLong(limit) => write!(f, "is too long: give at most {limit} bytes"),
            Self::Forbidden(what) => write!(f, "holds {what}: take it out"),
            Self::Malformed(what) => f.write_str(what),
            Self::Insecure => f.write_str(
                "is plain http to a host that is not this machine: use https \
                 (http is only for localhost, 127.0.0.0/8 and [::1])",
            ),
            Self::Unknown => f.write_str("is not known: set it in the token's parts"),
            Self::OtherInstance => f.write_str(
                "leads to another host than the instance that this is for: send it there",
            ),
        }
    }
}

/// Refuses what HTTP Basic cannot carry: RFC 7617 section 2 forbids control characters in both
/// parts. C1 controls are refused with them, since no login ID or password is typed with one.
pub(crate) fn no_control(field: Field, value: &str) -> Result<(), InputError> {
    if value.len() > MAX_LEN {
        return Err(InputError::new(field, Problem::TooLong(MAX_LEN)));
    }
    if value.chars().any(char::is_control) {
        return Err(InputError::new(
            field,
            Problem::Forbidden("a control character"),
        ));
    }
    Ok(())
}

pub(crate) fn not_empty(field: Field, value: &str) -> Result<(), InputError> {
    if value.is_empty() {
        return Err(InputError::new(field, Problem::Empty));
    }
    Ok(())
}

/// Takes a secret that must say something, and leaves no copy of it.
pub(crate) fn secret(field: Field, value: impl Into<String>) -> Result<SecretString, InputError> {
    let value = Zeroizing::new(value.into());
    not_empty(field, &value)?;
    no_control(field, &value)?;
    // A `SecretString` made of a string with spare capacity would leave a copy.
    Ok(SecretString::from(value.as_str()))
}

/// Refuses what cannot stand as one word in a header: only visible ASCII may (RFC 9110 section 5.5).
pub(crate) fn header_word(field: Field, value: &str) -> Result<(), InputError> {
    not_empty(field, value)?;
    if value.len() > MAX_LEN {
        return Err(InputError::new(field, Problem::TooLong(MAX_LEN)));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InputError::new(
            field,
            Problem::Forbidden("a space or a character outside visible ASCII"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_a_sentence_that_says_what_to_do() {
        let error = header_word(Field::ConsumerKey, "").unwrap_err();
        assert_eq!(error.to_string(), "the consumer key is empty: give one");
        let error = no_control(Field::Password, "a\u{7}b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the password holds a control character: take it out"
        );
    }

    #[test]
    fn every_control_character_is_refused() {
        for code in (0..0x20).chain(0x7f..0xa0) {
            let value = format!("a{}b", char::from_u32(code).unwrap());
            assert!(no_control(Field::Password, &value).is_err(), "{code:#x}");
        }
        assert!(no_control(Field::Password, "pâss wörd ✓ 密码").is_ok());
    }

    #[test]
    fn lengths_are_bounded() {
        let long = "a".repeat(MAX_LEN);
        assert!(no_control(Field::LoginId, &long).is_ok());
        assert!(header_word(Field::ConsumerKey, &long).is_ok());
        let longer = "a".repeat(MAX_LEN + 1);
        let problem = Problem::TooLong(MAX_LEN);
        assert_eq!(
            no_control(Field::LoginId, &longer).unwrap_err().problem(),
            problem
        );
        assert_eq!(
            header_word(Field::ConsumerKey, &longer)
                .unwrap_err()
                .problem(),
            problem
        );
    }
}
