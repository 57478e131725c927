//! A document whose root holds one level of named values.

use std::borrow::Cow;

use super::{Event, XmlError, read};

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text, its pieces joined. Empty for an empty element and one marked `nil`.
    Text(Cow<'a, str>),
    /// Elements, which are skipped.
    Elements,
}

/// Reads a whole document: its root's name, told first, then each direct child of the root in order.
///
/// # Errors
///
/// [`XmlError`] where any part of the text is not well-formed or not accepted.
pub fn read_fields<'a, T>(
    bytes: &'a [u8],
    root: impl FnOnce(&'a str) -> T,
    mut field: impl FnMut(&mut T, &'a str, Value<'a>),
) -> Result<Option<T>, XmlError> {
    let mut root = Some(root);
    let mut document = None;
    let mut depth: usize = 0;
    let mut name = "";
    let mut is_nil = false;
    let mut value = Value::Text(Cow::Borrowed(""));
    read(bytes, |event| match (event, depth) {
        (Event::Start { name, .. }, 0) => {
            document = root.take().map(|root| root(name));
            depth = 1;
        }
        (Event::Start { name: started, nil }, 1) => {
            name = started;
            is_nil = nil;
            value = Value::Text(Cow::Borrowed(""));
            depth = 2;
        }
        (Event::Start { .. }, _) => {
            value = Value::Elements;
            depth = depth.saturating_add(1);
        }
        (Event::Text(text), 2) if !is_nil => value.append(text.to_str()),
        (Event::Text(_), _) => {}
        (Event::End, _) => {
            depth = depth.saturating_sub(1);
            if let (1, Some(document)) = (depth, &mut document) {
                field(
                    document,
                    name,
                    std::mem::replace(&mut value, Value::Elements),
                );
            }
        }
    })?;
    Ok(document)
}

impl<'a> Value<'a> {
    fn append(&mut self, piece: Cow<'a, str>) {
        match self {
            Self::Text(text) if text.is_empty() => *text = piece,
            Self::Text(text) => text.to_mut().push_str(&piece),
            Self::Elements => {}
        }
    }
}
