//! A document whose root holds one level of named values.

use std::borrow::Cow;

use super::{Event, Reader, XmlError};

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
    let mut reader = Reader::new(bytes)?;
    let Some(Event::Start { name, .. }) = reader.next()? else {
        return Ok(None);
    };
    let mut document = root(name);
    loop {
        match reader.next()? {
            Some(Event::Start { name, nil }) => {
                let value = read_value(&mut reader, nil)?;
                field(&mut document, name, value);
            }
            Some(Event::Text(_)) => {}
            Some(Event::End) | None => break,
        }
    }
    while reader.next()?.is_some() {}
    Ok(Some(document))
}

fn read_value<'a>(reader: &mut Reader<'a>, nil: bool) -> Result<Value<'a>, XmlError> {
    let mut text = Cow::Borrowed("");
    let mut has_elements = false;
    let mut depth: usize = 1;
    while depth > 0 {
        match reader.next()? {
            Some(Event::Start { .. }) => {
                has_elements = true;
                depth = depth.saturating_add(1);
            }
            Some(Event::Text(piece)) if depth == 1 && !nil => {
                if text.is_empty() {
                    text = piece;
                } else {
                    text.to_mut().push_str(&piece);
                }
            }
            Some(Event::Text(_)) => {}
            Some(Event::End) | None => depth = depth.saturating_sub(1),
        }
    }
    Ok(if has_elements {
        Value::Elements
    } else {
        Value::Text(text)
    })
}
