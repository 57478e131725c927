//! The errors that Concur documents.

use http::StatusCode;

/// An error: Concur's code, and where the user lives, if the error is about one.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) code: u32,
    pub(crate) geolocation: Option<String>,
}

impl From<u32> for Refusal {
    fn from(code: u32) -> Self {
        Self {
            code,
            geolocation: None,
        }
    }
}

impl Refusal {
    /// The user lives elsewhere.
    pub(crate) fn elsewhere(geolocation: &str) -> Self {
        Self {
            code: 16,
            geolocation: Some(geolocation.to_owned()),
        }
    }

    /// Returns the error's word and its description.
    pub(crate) fn words(&self) -> (&'static str, &'static str) {
        let known = CODES.iter().find(|(code, ..)| *code == self.code);
        let (_, error, description) = known.unwrap_or(&(0, "invalid_request", "unknown error"));
        (error, description)
    }

    /// Returns the status. Concur documents one for code 16 alone.
    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            61 | 64 => StatusCode::UNAUTHORIZED,
            53 | 59 => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// (Concur's page: *Authentication, Response Codes*.)
const CODES: &[(u32, &str, &str)] = &[
    (5, GRANT, "Incorrect Credentials. Please Retry"),
    (10, GRANT, "Account is disabled. Please contact support"),
    (11, GRANT, "Account is disabled. Please contact support"),
    (12, GRANT, "Logon Denied. Please contact support"),
    (13, GRANT, "Logon Denied. Please contact support"),
    (14, GRANT, "Account Locked. Please contact support"),
    (16, REQUEST, "user lives elsewhere"),
    (19, GRANT, "Incorrect credentials. Please Retry"),
    (20, GRANT, "Logon Denied. Please contact support"),
    (21, REQUEST, "Incorrect credentials."),
    (51, REQUEST, "username was not supplied"),
    (52, REQUEST, "password was not supplied"),
    (53, CLIENT, "company is not enabled for this client"),
    (54, "invalid_scope", "requested scope exceeds granted scope"),
    (55, REQUEST, "we don't know this email"),
    (56, REQUEST, "otp was not supplied"),
    (57, REQUEST, "channel_type was not supplied"),
    (58, REQUEST, "channel_handle was not supplied"),
    (59, "access_denied", "client disabled"),
    (60, GRANT, "these are not the grants you are looking for"),
    (61, CLIENT, "client not found"),
    (62, REQUEST, "client_id was not supplied"),
    (63, REQUEST, "client_secret was not supplied"),
    (64, CLIENT, "Incorrect credentials. Please Retry"),
    (65, REQUEST, "grant_type was not supplied"),
    (80, REQUEST, "invalid channel type"),
    (81, REQUEST, "bad channel handle"),
    (
        82,
        REQUEST,
        "the number of open otp requests has been exceeded",
    ),
    (83, REQUEST, "otp not found"),
    (84, REQUEST, "fact verification failed"),
    (85, REQUEST, "otp verification failed"),
    (100, REQUEST, "backend does not know about this username"),
    (101, REQUEST, "code was not supplied"),
    (102, REQUEST, "redirect_uri was not supplied"),
    (103, REQUEST, "code is bad or expired"),
    (104, GRANT, "redirect_uri does not match the previous grant"),
    (105, GRANT, "this grant was not issued to you!"),
    (106, REQUEST, "refresh_token was not supplied"),
    (107, REQUEST, "refresh disallowed for app"),
    (108, GRANT, "bad or expired refresh token"),
    (109, REQUEST, "loginid was not supplied"),
    (
        115,
        REQUEST,
        "unauthenticated client will not be issued token!",
    ),
    (117, REQUEST, "nonce is mandatory for this response_type"),
    (118, REQUEST, "display is invalid"),
    (119, REQUEST, "prompt is invalid"),
    (120, REQUEST, "credtype is invalid"),
    (121, REQUEST, "login_type is invalid"),
    (122, REQUEST, "proxies supplied are invalid"),
    (123, REQUEST, "principal is disabled"),
    (124, REQUEST, "product is invalid"),
    (134, REQUEST, "Company undergoing scheduled maintenance."),
    (135, REQUEST, "unsupported request format"),
    (136, REQUEST, "Authtoken was not issued for you"),
    (
        139,
        REQUEST,
        "Logon Denied. Password must be changed to meet company policy.",
    ),
];

const REQUEST: &str = "invalid_request";
const GRANT: &str = "invalid_grant";
const CLIENT: &str = "invalid_client";
