//! What a response is, where it is not what was asked for.

mod body;
mod classify;
mod error_document;
mod error_kind;
mod error_response;

pub use body::BodyError;
pub(crate) use body::{json_error, json_fields, other_document};
pub use classify::ResponseError;
pub(crate) use classify::{lives_elsewhere, of_bearer, read_any_success, read_done, read_success};
pub use error_kind::ErrorKind;
pub(crate) use error_response::SHORT_RETRY_AFTER;
pub use error_response::{DEFAULT_RETRY_AFTER, ErrorResponse};
