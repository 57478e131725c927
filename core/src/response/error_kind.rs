//! What to do next about an error of Concur's.

use http::StatusCode;

/// What to do next about an [`ErrorResponse`](super::ErrorResponse), as far as Concur says.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::{ErrorKind, ResponseError};
///
/// fn next(error: &ResponseError) -> &'static str {
///     match error.kind() {
///         Some(ErrorKind::WrongCredentials) => "ask for login ID and password again",
///         Some(ErrorKind::DeadGrant | ErrorKind::AskUserAgain) => "connect the user again",
///         Some(ErrorKind::Unavailable) => "try again later",
///         _ => "tell an operator",
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The user's login ID or password is wrong, or, for a request token, the ID or the token. Ask for them again. Do not
    /// send the same ones again: Concur locks accounts.
    WrongCredentials,
    /// The application is refused: its ID or secret, its grants, scopes or redirect URI. Correct its settings.
    WrongApplication,
    /// A token or code is dead: expired, revoked, spent, or issued to another application. Connect the user or the company
    /// anew.
    DeadGrant,
    /// The user must act: consent again, take another one-time password, or choose a new password at Concur.
    AskUserAgain,
    /// An administrator must act: the account is disabled, or its company has not enabled the application.
    AskAdministrator,
    /// The account is locked. Never try again by yourself: an administrator must unlock it.
    AccountLocked,
    /// Concur, or the company's part of it, is in maintenance, overloaded, or broken. Try again
    /// [later](super::ErrorResponse::retry_after).
    Unavailable,
    /// The user lives in another data center, and the transport did not follow: it had followed once, or the host that is
    /// named is outside the trust domain. The [geolocation](super::ErrorResponse::geolocation) says which host.
    Elsewhere,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// Reads the kind of an error of `v0`: off its code, or else a status that says that Concur is unavailable, or else its
    /// word, or else its status.
    pub(super) fn of_v0(code: Option<u32>, error: Option<&str>, status: StatusCode) -> Self {
        code.and_then(Self::of_code)
            .or_else(|| Self::unavailable(status))
            .or_else(|| error.and_then(Self::of_word))
            .or_else(|| (status == StatusCode::FORBIDDEN).then_some(Self::AskAdministrator))
            .unwrap_or(Self::Other)
    }

    /// Reads the kind of an error of `net2`: off its status where that says that Concur is unavailable, or else the words
    /// of its message.
    pub(super) fn of_net2(message: Option<&str>, status: StatusCode) -> Self {
        Self::unavailable(status)
            .or_else(|| message.and_then(Self::named_by))
            .unwrap_or(Self::Other)
    }

    /// (Concur's page: *Authentication, Response Codes*.)
    fn of_code(code: u32) -> Option<Self> {
        Some(match code {
            5 | 19 | 51 | 52 | 55 | 81 | 100 => Self::WrongCredentials,
            10..=13 | 20 | 53 | 59 | 123 => Self::AskAdministrator,
            14 => Self::AccountLocked,
            16 => Self::Elsewhere,
            21 | 83..=85 | 103 | 139 => Self::AskUserAgain,
            54 | 56..=58 | 60..=65 | 80 | 101 | 102 | 104 | 106 | 107 | 115 | 117..=122 | 124 => {
                Self::WrongApplication
            }
            105 | 108 | 136 => Self::DeadGrant,
            134 => Self::Unavailable,
            _ => return None,
        })
    }

    /// (RFC 6749 section 5.2, and the result codes of Concur's page *Migration Guide*.)
    fn of_word(error: &str) -> Option<Self> {
        Some(match error {
            "invalid_client"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_scope"
            | "INVALIDAPP"
            | "INVALIDSCOPES"
            | "UNAUTHORIZED" => Self::WrongApplication,
            "invalid_grant" | "invalid_token" | "INVALIDTOKEN" => Self::DeadGrant,
            "access_denied" => Self::AskAdministrator,
            "temporarily_unavailable" | "server_error" => Self::Unavailable,
            _ => return None,
        })
    }

    fn unavailable(status: StatusCode) -> Option<Self> {
        matches!(status.as_u16(), 408 | 425 | 429 | 500..=599).then_some(Self::Unavailable)
    }

    /// Reads what the words of a message name. Those that stand beside others come last.
    fn named_by(message: &str) -> Option<Self> {
        let message = message.to_ascii_lowercase();
        let names = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if names(&["consumer key", "consumer secret"]) {
            Some(Self::WrongApplication)
        } else if names(&["token"]) {
            Some(Self::DeadGrant)
        } else if names(&["credential", "password", "login"]) {
            Some(Self::WrongCredentials)
        } else if names(&["consumer", "client", "application"]) {
            Some(Self::WrongApplication)
        } else {
            None
        }
    }

    /// What an error message says to do next.
    pub(super) const fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::WrongCredentials => {
                "check login ID and password, or the ID and its request token, and that the user is not locked"
            }
            Self::WrongApplication => {
                "check the client ID or consumer key, its secret, and the application's settings"
            }
            Self::DeadGrant => "check that the token is not spent, expired or revoked",
            Self::AskUserAgain => "have the user begin again",
            Self::AskAdministrator => {
                "an administrator of the company must enable the account or the application"
            }
            Self::AccountLocked => "do not try again: an administrator must unlock the account",
            Self::Unavailable => "wait before sending it again",
            Self::Elsewhere => "name the data center that the user lives in",
            Self::Other => return None,
        })
    }
}
