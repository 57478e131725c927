//! The token service under `/net2/oauth2`: XML documents, tokens of about a year.
//!
//! This is the service of the four flows: [`NativeFlow`]; [`WebFlow`] and the App Center flow, which both end in a
//! [`CodeExchange`]; and [Auto-Connect](crate::auto_connect). [`Refresh`], [`RevokeToken`] and [`RevokeUser`] go
//! with all of them.
//!
//! Concur closed this service to new applications. Existing applications still use it. See
//! [which flow](crate::guide::which_flow).

mod code;
mod login_url;
mod native;
mod refresh;
mod revoke;
mod token_document;

pub use code::CodeExchange;
pub use login_url::WebFlow;
pub use native::NativeFlow;
pub use refresh::Refresh;
pub use revoke::{RevokeToken, RevokeUser};
