//! The fields of a JSON object, each read by itself: one that cannot be read does not cost the others.

use std::fmt;

use serde::Serializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// One value, as it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonValue<'a>(&'a str);

/// What an object says in one of its fields.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum JsonField<'a> {
    /// The object does not have the field, or has it as `null`.
    #[default]
    Absent,
    /// The object has the field once.
    Value(JsonValue<'a>),
    /// The object has the field more than once.
    Repeated,
}

impl<'a> JsonField<'a> {
    /// Takes in one occurrence of the field.
    pub(crate) fn add(&mut self, value: JsonValue<'a>) {
        if value.0 == "null" {
            return;
        }
        *self = match self {
            Self::Absent => Self::Value(value),
            Self::Value(_) | Self::Repeated => Self::Repeated,
        };
    }

    /// Returns the one value. `None` where there is none, or more than one.
    pub(crate) fn value(self) -> Option<JsonValue<'a>> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Repeated => None,
        }
    }

    /// Returns the text of the one value. `None` where there is no value, more than one, or one that is neither text
    /// nor number.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        self.value()?.text()
    }
}

/// A text of a document. It is wiped when it is dropped, where it had to be copied.
pub(crate) enum Text<'a> {
    /// As it stands in the document.
    Borrowed(&'a str),
    /// With its escapes resolved.
    Owned(Zeroizing<String>),
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl<'a> JsonValue<'a> {
    /// Returns the text of a string, or the digits of a number. `None` for every other value, and for a string that is no
    /// Unicode text.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        match self.0.as_bytes().first()? {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => Some(Text::Borrowed(self.0)),
            _ => None,
        }
    }

    /// Returns the text of a string.
    pub(crate) fn string(self) -> Option<Text<'a>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Text::Borrowed(inner));
        }
        let text = serde_json::from_str::<String>(self.0).ok()?;
        Some(Text::Owned(Zeroizing::new(text)))
    }

    /// Reads an object. `None` where the value is none.
    pub(crate) fn fields(self, each: impl FnMut(&str, JsonValue<'a>)) -> Option<()> {
        read_fields(self.0.as_bytes(), each).ok()
    }

    /// Returns the values of an array. `None` where the value is none.
    pub(crate) fn values(self) -> Option<Vec<JsonValue<'a>>> {
        read_array(self.0.as_bytes()).ok()
    }
}

/// Writes an object of texts into a buffer that has room for it from the start: one that grew would leave copies behind.
///
/// `None` where its size would overflow.
pub(crate) fn object(pairs: &[(&str, &str)]) -> Option<Vec<u8>> {
    // Six bytes for a character that is escaped as \u0000, and eight for what stands around a pair.
    let size = pairs.iter().try_fold(2_usize, |size, (name, value)| {
        let text = name.len().checked_add(value.len())?;
        size.checked_add(text.checked_mul(6)?)?.checked_add(8)
    });
    let mut bytes = Vec::with_capacity(size?);
    let mut writer = serde_json::Serializer::new(&mut bytes);
    let written = writer.collect_map(pairs.iter().copied());
    written.ok().map(|()| bytes)
}

/// Reads an object, and passes each of its fields on with its name.
///
/// # Errors
///
/// [`serde_json::Error`] where the text is no JSON object and nothing more. It does not repeat the text.
pub(crate) fn read_fields<'a>(
    text: &'a [u8],
    each: impl FnMut(&str, JsonValue<'a>),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(utf_8(text)?);
    reader.deserialize_map(Fields(each))?;
    reader.end()
}

/// Checks that a text is UTF-8 (RFC 8259 section 8.1), once, and not value by value. The error has no place: line 0.
fn utf_8(text: &[u8]) -> Result<&str, serde_json::Error> {
    std::str::from_utf8(text).map_err(serde::de::Error::custom)
}

struct Fields<F>(F);

impl<'a, F: FnMut(&str, JsonValue<'a>)> Visitor<'a> for Fields<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        // Names are read as they are written, too: one that is no Unicode text costs nothing else.
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            if let Some(name) = JsonValue(name.get()).string() {
                (self.0)(&name, JsonValue(value.get()));
            }
        }
        Ok(())
    }
}

/// Reads an array, and returns its values as they are written.
///
/// # Errors
///
/// [`serde_json::Error`] where the text is no JSON array and nothing more.
pub(crate) fn read_array(text: &[u8]) -> Result<Vec<JsonValue<'_>>, serde_json::Error> {
    let values: Vec<&RawValue> = serde_json::from_str(utf_8(text)?)?;
    Ok(values
        .into_iter()
        .map(|value| JsonValue(value.get()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Result<Vec<(String, Option<String>)>, serde_json::Error> {
        let mut fields = Vec::new();
        read_fields(text.as_bytes(), |name, value| {
            fields.push((name.to_owned(), value.text().map(|text| text.to_string())));
        })?;
        Ok(fields)
    }

    #[test]
    fn value_that_cannot_be_read_costs_no_other() {
        let text = r#" {"a":"x","b":"\ud800","c":1e999,"\ud800":"lost","d":{"e":["\ud800"]},"\u0066":"\u0079\n","g":true} "#;
        let found = fields(text).unwrap();
        let expected = [
            ("a", Some("x")),
            ("b", None),
            ("c", Some("1e999")),
            ("d", None),
            ("f", Some("y\n")),
            ("g", None),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        assert_eq!(found, expected);
    }

    #[test]
    fn only_one_object_is_accepted() {
        for bad in [
            "",
            "[]",
            "\"a\"",
            "{",
            "{}{}",
            "{} x",
            "{\"a\":}",
            "{'a':1}",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":1,}",
            "{\"a\":+1}",
        ] {
            assert!(fields(bad).is_err(), "{bad}");
        }
        assert!(read_fields(b"{\"a\":\"\xff\"}", |_, _| ()).is_err());
        assert!(fields("{}").unwrap().is_empty());
    }

    #[test]
    fn written_object_reads_back_and_never_outgrows_its_buffer() {
        let hard = "\u{1}\"\\\n".repeat(100);
        for value in ["", "a", "é\u{10ffff}", &hard] {
            let written = object(&[("token", value), ("secret", value)]).unwrap();
            let expected = object(&[("token", value), ("secret", value)])
                .unwrap()
                .capacity();
            assert_eq!(written.capacity(), expected);
            assert!(written.len() <= 2 + 2 * 8 + 6 * (11 + 2 * value.len()));
            let read = fields(std::str::from_utf8(&written).unwrap()).unwrap();
            let pair = |name: &str| (name.to_owned(), Some(value.to_owned()));
            assert_eq!(read, [pair("token"), pair("secret")]);
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
        assert_eq!(fields(&deep).unwrap().len(), 1);
    }

    #[test]
    fn null_is_absent_and_a_second_value_is_repeated() {
        let mut field = JsonField::default();
        field.add(JsonValue("null"));
        assert!(matches!(field, JsonField::Absent));
        field.add(JsonValue("1"));
        field.add(JsonValue("null"));
        assert_eq!(field.text().as_deref(), Some("1"));
        field.add(JsonValue("1"));
        assert!(matches!(field, JsonField::Repeated) && field.text().is_none());
    }
}
