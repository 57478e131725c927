//! The token service under `/oauth2/v0`: JSON documents, tokens of an hour.
//!
//! This is the service that every new integration must use. An application gets its first token by one of five grants,
//! and every later one by a [`Refresh`]:
//!
//! | the token is for | what you have | grant |
//! |---|---|---|
//! | a company | its UUID and a company request token, from its administrator | [`RequestTokenGrant`] |
//! | a user or company that connects in Concur's App Center | the ID and the request token of the landing | [`parse_app_center_landing`], [`RequestTokenGrant`] |
//! | a user with a browser | a redirect URI | [`WebFlow`], [`parse_callback`], [`AuthorizationCodeGrant`] |
//! | a user with an e-mail address | the address | [`SendOtp`], [`OtpGrant`] |
//! | a user whose password you may have | login ID and password | [`PasswordGrant`] |
//! | a TripLink supplier's users | a token of your own | [`auto_connect::Round`](crate::auto_connect::Round) |
//! | the application itself | nothing more | [`ClientCredentialsGrant`] |
//!
//! ```text
//!   a grant ──▶ access token (an hour) ──▶ calls of Concur's APIs
//!      │            ▲
//!      ▼            │
//!   refresh token ──┴─ Refresh, at the token's own geolocation; store what it brings, each time
//!   (six months from its last use)
//! ```
//!
//! # Data centers
//!
//! A user or company lives in one data center, and its token says in which: [`AccessToken::base_url`], Concur's
//! *geolocation*. Grants whose user is not known beforehand ([`RequestTokenGrant`], [`AuthorizationCodeGrant`]) go to
//! [`BaseUrl::GLZ`]; every other request names its data center, for which [`BaseUrl`] has constants. Where Concur responds
//! that the user lives elsewhere (code 16), a transport sends the request there, once, inside the trust domain.
//!
//! # What a refresh must not lose
//!
//! A refresh can bring another refresh token, and another geolocation. Store both before the new access token is used, and
//! let one process at a time refresh a token: whether the old refresh token still works is not documented. A refresh token
//! that is not used for six months is dead, and then a person must connect the user again.
//!
//! # What to store
//!
//! Either all [`TokenParts`], and the token works on after a restart. Or the refresh token and the base URL alone: then
//! [`Refresh::new`] and [`RefreshResponse::into_token`] bring the rest. The [subject](Claims::subject) of the first ID token says
//! for which user or company it is; later responses can come without one.
//!
//! # Errors
//!
//! [`ErrorResponse::kind`] says what to do next, for each of Concur's codes, and [`Error::retry_after`] when:
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use concur_oauth::{Error, ErrorKind};
//!
//! fn next(error: &Error) -> &'static str {
//!     let kind = match error {
//!         Error::Response(response) => response.kind(),
//!         _ => None,
//!     };
//!     match kind {
//!         Some(ErrorKind::WrongCredentials) => "ask for password or request token again", // code 5
//!         Some(ErrorKind::DeadGrant | ErrorKind::AskUserAgain) => "connect anew",        // 108, 103
//!         Some(ErrorKind::WrongApplication) => "correct the client's ID or secret",      // 61, 64
//!         _ if error.retry_after().is_some() => "try again after that",                  // 134, a timeout
//!         _ => "tell an operator",
//!     }
//! }
//! ```
//!
//! [`AccessToken::base_url`]: crate::AccessToken::base_url
//! [`BaseUrl`]: crate::BaseUrl
//! [`Error::retry_after`]: crate::Error::retry_after
//! [`RefreshResponse::into_token`]: crate::RefreshResponse::into_token
//! [`TokenParts`]: crate::TokenParts
//! [`BaseUrl::GLZ`]: crate::BaseUrl::GLZ
//! [`ErrorResponse::kind`]: crate::ErrorResponse::kind
//! [`ErrorResponse::code`]: crate::ErrorResponse::code

mod authorization_code;
mod authorize_url;
mod callback;
mod claims;
mod client_credentials;
mod data_centers;
mod elsewhere;
mod id_token;
mod jwks;
mod migrate;
mod otp;
mod password;
mod refresh;
mod request;
mod request_token;
mod revoke;
mod secrets;
mod token_document;

pub use crate::application::ConsumerKey as ClientId;
pub use authorization_code::AuthorizationCodeGrant;
pub use authorize_url::WebFlow;
pub use callback::{
    AppCenterLanding, AuthorizationCode, Callback, parse_app_center_landing, parse_callback,
};
pub use claims::Claims;
pub use client_credentials::ClientCredentialsGrant;
pub(crate) use data_centers::GLZ;
pub(crate) use elsewhere::named as named_elsewhere;
pub use id_token::{IdToken, IdTokenError, SignedMessage};
pub use jwks::{FetchJwks, Jwks};
pub use migrate::{MigrateToken, MigratedToken};
pub use otp::{OneTimePassword, OtpDetails, OtpGrant, SendOtp};
pub use password::PasswordGrant;
pub use refresh::Refresh;
pub use request::check_base_url;
pub use request_token::RequestTokenGrant;
pub use revoke::RevokeConnections;
pub use secrets::{
    ApplicationSecret, CreateSecret, CreatedSecret, DeleteSecret, ListSecrets, SetSecretStatus,
};

#[cfg(test)]
mod tests;
