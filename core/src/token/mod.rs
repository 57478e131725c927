//! The access token: what Concur answers, and what a caller does with it for a year.

mod access_token;
mod authorize;
pub(crate) mod document;
mod parts;
mod renewal;

pub use access_token::AccessToken;
pub use parts::TokenParts;
pub use renewal::Renewal;
