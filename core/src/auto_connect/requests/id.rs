//! The ID of a connection request.

use std::fmt;

use http::uri::PathAndQuery;

use super::Version;
use crate::input::{self, InputError, InputField};
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
    /// between slashes, which servers take for steps in a path.
    pub fn new(id: impl Into<Box<str>>) -> Result<Self, InputError> {
        let id = id.into();
        input::path_segment(InputField::CONNECTION_REQUEST_ID, &id)?;
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
