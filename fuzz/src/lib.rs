//! What must hold for every input. Each check panics where it does not.
//!
//! The fuzz targets feed these checks with libFuzzer's inputs. A test of the core crate replays the
//! seed corpus through them on stable. `roxmltree` is the second opinion on what XML is, and
//! `serde_json`'s `Value` on what JSON is.
#![forbid(unsafe_code)]

mod callback;
mod connections;
mod error;
mod keeper;
mod marker;
mod oracle;
mod response;
mod round;
mod token;
mod v0;
mod xml;

pub use callback::callback;
pub use connections::connections;
pub use error::error;
pub use keeper::{Shelf, keeper};
pub use response::response;
pub use round::round;
pub use token::token;
pub use v0::{v0_callback, v0_error, v0_id_token, v0_token};
pub use xml::{elements, xml};

use concur_oauth_core::{BaseUrl, Exchange, ResponseContext, ResponseError};

/// Returns the context of a response from US production.
fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, std::time::SystemTime::UNIX_EPOCH)
}

/// Reads a body as the response to such an exchange.
fn parse<E: Exchange>(body: &[u8]) -> Result<E::Output, ResponseError> {
    E::parse(http::Response::new(body), &context())
}
