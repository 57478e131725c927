//! A second opinion on JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The pairs of an object, in order, repeated names included.
pub(crate) struct Pairs(Vec<(String, Value)>);

impl Pairs {
    /// Reads an object. `None` where it is none, or has a value that `Value` cannot hold.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(without_mark(bytes)).ok()
    }

    /// Returns the values of this name, or of these names.
    pub(crate) fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a Value> {
        let named = self
            .0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        named.map(|(_, value)| value)
    }

    /// Returns the one value of these names that is not `null`.
    pub(crate) fn one<'a>(&'a self, names: &'a [&str]) -> Option<&'a Value> {
        let mut values = self.all(names).filter(|value| !value.is_null());
        values.next().filter(|_| values.next().is_none())
    }
}

/// Drops a byte order mark, and the white space before and after it.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start()
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
