//! The browser half of a code grant, up to the request token.

mod callback;
mod csrf_state;
mod redirect_uri;
mod request_token;
mod scope;

pub use callback::{AccessDenied, CallbackError, parse_app_center_callback, parse_callback};
pub(crate) use callback::{check_state, granted, once};
pub use csrf_state::CsrfState;
pub use redirect_uri::RedirectUri;
pub use request_token::RequestToken;
pub use scope::Scope;
