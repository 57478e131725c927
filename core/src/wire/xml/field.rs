//! The text of one field of a document, as it is found.

use std::borrow::Cow;

use super::Value;

/// What a document says in one of its fields.
#[derive(Debug, Clone, Default)]
pub(crate) enum FieldText<'a> {
    /// The document does not have the field.
    #[default]
    Absent,
    /// The field holds a text.
    Text(Cow<'a, str>),
    /// The field holds elements.
    Elements,
    /// The document has the field more than once.
    Repeated,
}

impl<'a> FieldText<'a> {
    /// Takes in one occurrence of the field.
    pub(crate) fn add(&mut self, value: Value<'a>) {
        *self = match (&self, value) {
            (Self::Absent, Value::Text(text)) => Self::Text(text),
            (Self::Absent, Value::Elements) => Self::Elements,
            _ => Self::Repeated,
        };
    }

    /// Returns the text without the white space that a pretty-printer puts around it. `None` where there
    /// is no text, or an empty one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(trim(text)).filter(|text| !text.is_empty()),
            Self::Absent | Self::Elements | Self::Repeated => None,
        }
    }
}

/// Drops the white space that a pretty-printer puts around a value.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}
