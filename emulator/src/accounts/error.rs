//! Why accounts cannot be read.

use std::fmt;

/// The error of accounts that cannot be read: what is wrong, and where. It never holds one of their values.
#[derive(Debug)]
pub struct AccountsError(pub(super) Problem);

#[derive(Debug)]
pub(super) enum Problem {
    Json(String),
    /// Two of the same.
    Twice(&'static str),
    /// An application that is listed in two ways.
    ListedTwice,
    /// A browser could not be sent there.
    NotAbsolute(&'static str),
    /// A connection request that no application could list.
    UnknownKey,
    /// A request token that no application could send.
    NoApplication,
}

impl fmt::Display for AccountsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Json(words) => f.write_str(words),
            Problem::Twice(what) => write!(f, "two {what} are the same"),
            Problem::ListedTwice => {
                f.write_str("an application has both an app_center_uri and auto_connect")
            }
            Problem::NotAbsolute(what) => {
                write!(f, "{what} is not absolute: write it as https://host/path")
            }
            Problem::UnknownKey => {
                f.write_str("a connection request is to a consumer key that no application has")
            }
            Problem::NoApplication => {
                f.write_str("a company has a request_token, and there is no application for it")
            }
        }
    }
}

impl std::error::Error for AccountsError {}

/// Keeps serde's message where it repeats names only. Others repeat a value, which can be a password.
pub(super) fn of_json(error: &serde_json::Error) -> AccountsError {
    let words = error.to_string();
    let of_names = ["unknown field", "missing field", "duplicate field"];
    let is_safe =
        error.is_syntax() || error.is_eof() || of_names.iter().any(|of| words.starts_with(of));
    AccountsError(Problem::Json(if is_safe {
        words
    } else {
        let (line, column) = (error.line(), error.column());
        format!(
            "another type of value, such as a list, a text or true, is expected at line {line} column {column}"
        )
    }))
}
