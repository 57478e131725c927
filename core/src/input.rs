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
///
/// The constants name them all. A call that takes a value of its own declares its constant beside itself.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::{ConsumerKey, InputField};
///
/// let error = ConsumerKey::new("").unwrap_err();
/// assert_eq!(error.field(), InputField::CONSUMER_KEY);
/// assert_eq!(error.field().to_string(), "consumer key (client ID)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InputField(pub(crate) &'static str);

impl InputField {
    /// An access token put together from stored parts.
    pub const ACCESS_TOKEN: Self = Self("access token");

    /// A base URL: the instance URL of a user, or the URL of a data center.
    pub const BASE_URL: Self = Self("base URL");

    /// The ID of a connection request.
    pub const CONNECTION_REQUEST_ID: Self = Self("connection request's ID");

    /// The application's consumer key, or client ID.
    pub const CONSUMER_KEY: Self = Self("consumer key (client ID)");

    /// The application's consumer secret, or client secret.
    pub const CONSUMER_SECRET: Self = Self("consumer secret (client secret)");

    /// The state of a browser flow, which protects against cross-site request forgery.
    pub const CSRF_STATE: Self = Self("state");

    /// The user's e-mail address, in place of the login ID.
    pub const EMAIL: Self = Self("e-mail address");

    /// The name of a grant that is kept.
    pub const GRANT_NAME: Self = Self("name of the grant");

    /// The user's login ID.
    pub const LOGIN_ID: Self = Self("login ID");

    /// The message of a connection request's report.
    pub const MESSAGE: Self = Self("message");

    /// The user's password.
    pub const PASSWORD: Self = Self("password");

    /// The user's PIN, in place of the password.
    pub const PIN: Self = Self("PIN");

    /// The URL of a proxy.
    pub const PROXY: Self = Self("proxy's URL");

    /// The password for a proxy.
    pub const PROXY_PASSWORD: Self = Self("proxy's password");

    /// The user name for a proxy.
    pub const PROXY_USER: Self = Self("proxy's user name");

    /// The redirect URI, to which a user's browser returns.
    pub const REDIRECT_URI: Self = Self("redirect URI");

    /// A refresh token.
    pub const REFRESH_TOKEN: Self = Self("refresh token");

    /// A request token.
    pub const REQUEST_TOKEN: Self = Self("request token");

    /// The URI of a request that is to be sent or authorized.
    pub const REQUEST_URI: Self = Self("request's URI");

    /// A scope.
    pub const SCOPE: Self = Self("scope");

    /// A transport's `User-Agent`.
    pub const USER_AGENT: Self = Self("user agent");
}

impl fmt::Display for InputField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
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

impl InputProblem {
    pub(crate) const NOT_A_HEADER_VALUE: Self = Self::Malformed("does not fit in a header field");
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

/// Refuses what cannot stand as one segment of a path: servers take `.` and `..` for steps, however they are encoded, and
/// some take `%2F` for a slash first.
pub(crate) fn path_segment(field: InputField, value: &str) -> Result<(), InputError> {
    text(field, value)?;
    if value
        .split(['/', '\\'])
        .any(|part| matches!(part, "." | ".."))
    {
        return Err(InputError::new(
            field,
            InputProblem::Malformed("has a step in a path: check it"),
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
        let error = header_word(InputField::CONSUMER_KEY, "").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the consumer key (client ID) is empty: give one"
        );
        let error = no_control(InputField::PASSWORD, "a\u{7}b").unwrap_err();
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
                no_control(InputField::PASSWORD, &value).is_err(),
                "{code:#x}"
            );
        }
        assert!(no_control(InputField::PASSWORD, "pâss wörd ✓ 密码").is_ok());
    }

    #[test]
    fn values_over_the_length_limit_are_refused() {
        let long = "a".repeat(MAX_LEN);
        assert!(no_control(InputField::LOGIN_ID, &long).is_ok());
        assert!(header_word(InputField::CONSUMER_KEY, &long).is_ok());
        let longer = "a".repeat(MAX_LEN + 1);
        let problem = InputProblem::TooLong(MAX_LEN);
        assert_eq!(
            no_control(InputField::LOGIN_ID, &longer)
                .unwrap_err()
                .problem(),
            problem
        );
        assert_eq!(
            header_word(InputField::CONSUMER_KEY, &longer)
                .unwrap_err()
                .problem(),
            problem
        );
    }
}
