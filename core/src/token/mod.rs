//! The access token, shared by both of Concur's token services.

mod access_token;
mod authorize;
mod refresh_response;
mod scheme;
#[cfg(feature = "serde")]
mod stored;

pub use access_token::{AccessToken, TokenParts};
pub use refresh_response::{RefreshResponse, TokenChanges};
pub use scheme::TokenScheme;
