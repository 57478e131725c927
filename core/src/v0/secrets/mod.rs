//! The application's secrets: listing, making, activating and deleting them.

mod create;
mod delete;
mod list;
mod set_status;

pub use create::{CreateSecret, CreatedSecret};
pub use delete::DeleteSecret;
pub use list::{ApplicationSecret, ListSecrets};
pub use set_status::SetSecretStatus;

use http::uri::PathAndQuery;

use crate::application::ConsumerKey;
use crate::input::{self, InputError, InputField};
use crate::secret;
use crate::wire::percent;

impl InputField {
    /// The ID of one of an application's secrets.
    pub const SECRET_ID: Self = Self("secret's ID");
}

fn path(application: &ConsumerKey, id: Option<&str>) -> Result<PathAndQuery, InputError> {
    input::path_segment(InputField::CONSUMER_KEY, application.as_str())?;
    let mut path = "/app-mgmt/v4/".to_owned();
    percent::encode(application.as_str(), |byte| path.push(char::from(byte)));
    path.push_str("/secrets");
    if let Some(id) = id {
        path.push('/');
        percent::encode(id, |byte| path.push(char::from(byte)));
    }
    secret::path_with_query(&path, &[], InputField::SECRET_ID)
}
