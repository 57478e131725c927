mod callback;
mod error;
mod id_token;
mod json;
mod token;

pub use callback::v0_callback;
pub use error::v0_error;
pub use id_token::v0_id_token;
pub use token::v0_token;

use std::time::SystemTime;

use concur_oauth_core::{BaseUrl, ResponseContext};

/// Returns the context of a response from the Global Landing Zone.
fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::GLZ, SystemTime::UNIX_EPOCH)
}

/// Returns whether a host is under the domain of `v0`, by this crate's own reading.
fn is_of_v0(base_url: &BaseUrl) -> bool {
    let url = base_url.to_string();
    let host = url.strip_prefix("https://").unwrap_or_default();
    [".api.concursolutions.com", ".api.concurcdc.cn"]
        .iter()
        .any(|domain| host.len() > domain.len() && host.ends_with(domain))
        && !host.contains(':')
}
