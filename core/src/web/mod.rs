//! The Web flow, up to the request token.

mod redirect_uri;
mod returned;
mod scope;
mod state;
mod url;

pub use redirect_uri::RedirectUri;
pub use returned::{Denial, ReturnError, read_app_center, read_web_return};
pub use scope::Scope;
pub use state::State;
pub use url::WebFlow;
