//! Documents whose root holds one level of named values.

use std::borrow::Cow;

use super::{Text, Visit, XmlError, read};

/// A part of a document with one level of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// The name of the root. It comes first.
    Root(&'a str),
    /// A direct child of the root: its name and its value.
    Field(&'a str, Value<'a>),
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text, its pieces joined. Empty for an empty element and one marked `nil`.
    Text(Cow<'a, str>),
    /// Elements, which are skipped.
    Elements,
}

impl<'a> Value<'a> {
    pub(crate) fn push(&mut self, text: Text<'a>) {
        match self {
            Self::Text(joined) if joined.is_empty() => *joined = text.to_str(),
            Self::Text(joined) => joined.to_mut().push_str(&text.to_str()),
            Self::Elements => {}
        }
    }
}

impl Default for Value<'_> {
    fn default() -> Self {
        Self::Text(Cow::Borrowed(""))
    }
}

/// Reads a whole document, and passes its root and its fields to `tell` in order.
///
/// # Errors
///
/// [`XmlError`] where any part of the text is not well-formed or not accepted.
pub fn read_fields<'a>(bytes: &'a [u8], tell: impl FnMut(Part<'a>)) -> Result<(), XmlError> {
    let mut fields = Fields {
        depth: 0,
        name: "",
        nil: false,
        value: Value::default(),
        tell,
    };
    read(bytes, &mut fields)
}

struct Fields<'a, F> {
    depth: usize,
    name: &'a str,
    nil: bool,
    value: Value<'a>,
    tell: F,
}

impl<'a, F: FnMut(Part<'a>)> Visit<'a> for Fields<'a, F> {
    fn start(&mut self, name: &'a str, nil: bool) {
        match self.depth {
            0 => (self.tell)(Part::Root(name)),
            1 => {
                self.name = name;
                self.nil = nil;
                self.value = Value::default();
            }
            _ => self.value = Value::Elements,
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn text(&mut self, text: Text<'a>) {
        if self.depth == 2 && !self.nil {
            self.value.push(text);
        }
    }

    fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 1 {
            let value = std::mem::take(&mut self.value);
            (self.tell)(Part::Field(self.name, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(document: &str) -> Vec<(String, Value<'_>)> {
        let mut fields = Vec::new();
        let read = read_fields(document.as_bytes(), |part| {
            if let Part::Field(name, value) = part {
                fields.push((name.to_owned(), value));
            }
        });
        read.unwrap();
        fields
    }

    #[test]
    fn text_of_an_element_marked_nil_is_no_value() {
        let text = |text: &str| Value::Text(text.to_owned().into());
        let found =
            fields("<a>x<b i:nil='true'>t</b>y<c>1<!-- -->2&amp;</c><d>t<e>u</e>v</d><f/></a>");
        let expected = [
            ("b", text("")),
            ("c", text("12&")),
            ("d", Value::Elements),
            ("f", text("")),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value))
        );
    }
}
