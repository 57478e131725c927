//! Errors in what a caller passes in, and the checks that find them.

use std::fmt;

/// The longest credential or identifier accepted, in bytes.
///
/// Concur documents no limit. Servers commonly refuse a request head over 8 KiB, so nothing longer
/// could be of use.
pub(crate) const MAX_LEN: usize = 8192;

/// A value given by the caller cannot be used. Nothing was sent.
///
/// The error names the value and what is wrong with it, and never holds the value itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {field} {problem}")]
pub struct InputError {
    field: InputField,
    problem: InputProblem,
}

impl InputError {
    pub(crate) const fn new(field: InputField, problem: InputProblem) -> Self {
        Self { field, problem }
    }

    /// The value that cannot be used.
    #[must_use]
    pub const fn field(&self) -> InputField {
        self.field
    }

    /// What is wrong with the value.
    #[must_use]
    pub const fn problem(&self) -> InputProblem {
        self.problem
    }
}

/// A value that the caller gives, in Concur's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputField {
    /// An access token put together from stored parts.
    AccessToken,
    /// A base URL: the instance URL of a user, or the URL of a data center.
    BaseUrl,
    /// The ID of a connection request.
    ConnectionRequestId,
    /// The application's consumer key.
    ConsumerKey,
    /// The application's consumer secret.
    ConsumerSecret,
    /// The state of a browser flow, which protects against cross-site request forgery.
    CsrfState,
    /// The user's e-mail address, in place of the login ID.
    Email,
    /// The user's login ID.
    LoginId,
    /// The message of a connection request's report.
    Message,
    /// The user's password.
    Password,
    /// The user's PIN, in place of the password.
    Pin,
    /// The redirect URI, to which a user's browser returns.
    RedirectUri,
    /// A refresh token.
    RefreshToken,
    /// A request token.
    RequestToken,
    /// The URI of a request that is to be sent or authorized.
    RequestUri,
    /// A scope.
    Scope,
    /// A transport's `User-Agent`.
    UserAgent,
}

impl fmt::Display for InputField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessToken => "access token",
            Self::BaseUrl => "base URL",
            Self::ConnectionRequestId => "connection request's ID",
            Self::ConsumerKey => "consumer key",
            Self::ConsumerSecret => "consumer secret",
            Self::CsrfState => "state",
            Self::Email => "e-mail address",
            Self::LoginId => "login ID",
            Self::Message => "message",
            Self::Password => "password",
            Self::Pin => "PIN",
            Self::RedirectUri => "redirect URI",
            Self::RefreshToken => "refresh token",
            Self::RequestToken => "request token",
            Self::RequestUri => "request's URI",
            Self::Scope => "scope",
            Self::UserAgent => "user agent",
        })
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputProblem {
    /// The value is empty and must not be.
    Empty,
    /// The value is longer than this many bytes.
    TooLong(usize),
    /// The value contains something that it must not, described here.
    Forbidden(&'static str),
    /// The value does not have the form that it must have, described here.
    Malformed(&'static str),
    /// The value names plain http to a host that is not this machine.
    Insecure,
    /// The value is needed and was not given.
    Missing,
    /// The value leads to another scheme, host or port than the base URL that it belongs to.
    OtherOrigin,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty: give one"),
            Self::TooLong(limit) => write!(f, "is too long: give at most {limit} bytes"),
            Self::Forbidden(what) => write!(f, "contains {what}: take it out"),
            Self::Malformed(what) => f.write_str(what),
            Self::Insecure => f.write_str(
                "is plain http to a host that is not this machine: use https \
                 (http is only for localhost, 127.0.0.0/8 and [::1])",
            ),
            Self::Missing => f.write_str("is missing: give one"),
            Self::OtherOrigin => f.write_str(
                "leads to another host than the base URL that it is for: send it to that base URL",
            ),
        }
    }
}

/// Refuses what HTTP Basic cannot carry: RFC 7617 section 2 forbids control characters in both
/// parts. C1 controls are refused too, because no login ID or password is typed with one.
pub(crate) fn no_control(field: InputField, value: &str) -> Result<(), InputError> {
    within_length(field, value)?;
    if value.chars().any(char::is_control) {
        return Err(InputError::new(
            field,
            InputProblem::Forbidden("a control character"),
        ));
    }
    Ok(())
}

/// Refuses a text that is empty, too long, or contains a control character.
pub(crate) fn text(field: InputField, value: &str) -> Result<(), InputError> {
    not_empty(field, value)?;
    no_control(field, value)
}

/// Refuses what cannot stand as one word in a header field: only visible ASCII may (RFC 9110 section 5.5).
pub(crate) fn header_word(field: InputField, value: &str) -> Result<(), InputError> {
    not_empty(field, value)?;
    within_length(field, value)?;
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InputError::new(
            field,
            InputProblem::Forbidden("a space or a character outside visible ASCII"),
        ));
    }
    Ok(())
}

fn not_empty(field: InputField, value: &str) -> Result<(), InputError> {
    if value.is_empty() {
        return Err(InputError::new(field, InputProblem::Empty));
    }
    Ok(())
}

fn within_length(field: InputField, value: &str) -> Result<(), InputError> {
    if value.len() > MAX_LEN {
        return Err(InputError::new(field, InputProblem::TooLong(MAX_LEN)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_display_says_what_to_do() {
        let error = header_word(InputField::ConsumerKey, "").unwrap_err();
        assert_eq!(error.to_string(), "the consumer key is empty: give one");
        let error = no_control(InputField::Password, "a\u{7}b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the password contains a control character: take it out"
        );
    }

    #[test]
    fn control_characters_are_refused() {
        for code in (0..0x20).chain(0x7f..0xa0) {
            let value = format!("a{}b", char::from_u32(code).unwrap());
            assert!(
                no_control(InputField::Password, &value).is_err(),
                "{code:#x}"
            );
        }
        assert!(no_control(InputField::Password, "pâss wörd ✓ 密码").is_ok());
    }

    #[test]
    fn values_over_the_length_limit_are_refused() {
        let long = "a".repeat(MAX_LEN);
        assert!(no_control(InputField::LoginId, &long).is_ok());
        assert!(header_word(InputField::ConsumerKey, &long).is_ok());
        let longer = "a".repeat(MAX_LEN + 1);
        let problem = InputProblem::TooLong(MAX_LEN);
        assert_eq!(
            no_control(InputField::LoginId, &longer)
                .unwrap_err()
                .problem(),
            problem
        );
        assert_eq!(
            header_word(InputField::ConsumerKey, &longer)
                .unwrap_err()
                .problem(),
            problem
        );
    }
}
