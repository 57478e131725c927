//! Where connection requests are.

use http::uri::PathAndQuery;

use crate::input::{self, Field, InputError, Problem};
use crate::{query, request};

/// Refuses what cannot be one segment of a path. Servers take `.` and `..` for steps, however they are
/// written, and some take `%2F` for a slash first.
pub(super) fn check_id(id: &str) -> Result<(), InputError> {
    let field = Field::ConnectionRequestId;
    input::not_empty(field, id)?;
    input::no_control(field, id)?;
    if id.split(['/', '\\']).any(|part| matches!(part, "." | "..")) {
        return Err(InputError::new(
            field,
            Problem::Malformed("has a step in a path: check it"),
        ));
    }
    Ok(())
}

/// The path of one connection request.
pub(super) fn of_one(path: &str, id: &str) -> Result<PathAndQuery, InputError> {
    check_id(id)?;
    let mut path = format!("{path}/");
    query::encode(id, |byte| path.push(char::from(byte)));
    request::path_with(&path, &[], Field::ConnectionRequestId)
}
