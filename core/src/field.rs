//! One field of a document, as far as it can be read.

use std::borrow::Cow;

use crate::xml::Value;

/// One field of an answer is of no use, though what stands beside it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// The answer has the field more than once.
    #[error("the answer gives this field more than once")]
    Repeated,
    /// The field does not hold what it should.
    #[error("the answer gives this field in a form that cannot be read")]
    Unreadable,
    /// The answer does not have the field, and should.
    #[error("the answer does not have this field")]
    Missing,
    /// An https request was answered with a plain-http instance URL.
    #[error("the answer to an https request names a plain-http instance URL")]
    Insecure,
}

/// `Ok(None)` until the field is met.
pub(crate) type Found<T> = Result<Option<T>, FieldError>;

/// A field is met.
pub(crate) fn meet<'a>(field: &mut Found<Cow<'a, str>>, value: Value<'a>) {
    *field = match (&field, value) {
        (Ok(None), Value::Text(text)) => Ok(Some(text)),
        (Ok(None), Value::Elements) => Err(FieldError::Unreadable),
        _ => Err(FieldError::Repeated),
    };
}

/// Reads a field, without the white space that a pretty-printer puts around it. An empty one counts as
/// absent.
pub(crate) fn read<T>(
    field: &Found<Cow<'_, str>>,
    read: impl FnOnce(&str) -> Result<T, FieldError>,
) -> Found<T> {
    match field {
        Ok(Some(text)) => match trim(text) {
            "" => Ok(None),
            text => read(text).map(Some),
        },
        Ok(None) => Ok(None),
        Err(error) => Err(*error),
    }
}

/// Drops the white space that a pretty-printer puts around a value.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}
