//! The ID of a connection request.

use std::fmt;

use http::uri::PathAndQuery;

use super::Version;
use crate::input::{self, InputError, InputField, InputProblem};
use crate::secret::path_with_query;
use crate::wire::percent;

/// The ID of a connection request, checked to be one segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionRequestId(Box<str>);

impl ConnectionRequestId {
    /// Creates an ID from its text.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, contains a control character, or has `.` or `..`
    /// between slashes. Servers take those for steps in a path, however they are encoded, and some take `%2F`
    /// for a slash first.
    pub fn new(id: impl Into<Box<str>>) -> Result<Self, InputError> {
        let id = id.into();
        input::text(InputField::CONNECTION_REQUEST_ID, &id)?;
        if id.split(['/', '\\']).any(|part| matches!(part, "." | "..")) {
            return Err(InputError::new(
                InputField::CONNECTION_REQUEST_ID,
                InputProblem::Malformed("has a step in a path: check it"),
            ));
        }
        Ok(Self(id))
    }

    /// Returns the ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path of the connection request with this ID.
    pub(super) fn path(&self, version: Version) -> Result<PathAndQuery, InputError> {
        let mut path = format!("{}/", version.path());
        percent::encode(&self.0, |byte| path.push(char::from(byte)));
        path_with_query(&path, &[], InputField::CONNECTION_REQUEST_ID)
    }
}

impl fmt::Display for ConnectionRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
