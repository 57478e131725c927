//! The browser half of a code grant, up to the request token.

mod callback;
mod csrf_state;
mod redirect_uri;
mod request_token;

pub use callback::{AccessDenied, CallbackError, parse_app_center_callback, parse_callback};
pub use csrf_state::CsrfState;
pub use redirect_uri::RedirectUri;
pub use request_token::RequestToken;
