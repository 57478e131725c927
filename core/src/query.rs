//! Queries, out and in.

use bytes::Bytes;
use http::uri::PathAndQuery;
use zeroize::Zeroizing;

/// A path with a query of these names and values, in a buffer that is wiped when its last clone is
/// dropped. `None` where it is longer than a URI can be.
///
/// Every byte of a value that is not unreserved (RFC 3986 section 2.3) is percent-encoded: a `+` sent
/// raw would arrive as a space.
pub(crate) fn path_with(path: &str, pairs: &[(&str, &str)]) -> Option<PathAndQuery> {
    let mut size = path.len();
    for (name, value) in pairs {
        let encoded = value
            .bytes()
            .map(|byte| if is_unreserved(byte) { 1 } else { 3_usize });
        size = size.checked_add(encoded.sum::<usize>())?;
        size = size.checked_add(name.len())?.checked_add(2)?;
    }
    // Sized first: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    bytes.extend_from_slice(path.as_bytes());
    let mut separator = b'?';
    for (name, value) in pairs {
        bytes.push(separator);
        separator = b'&';
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(b'=');
        encode(value, |byte| bytes.push(byte));
    }
    PathAndQuery::from_maybe_shared(Bytes::from_owner(bytes)).ok()
}

/// Percent-encodes a value.
pub(crate) fn encode(value: &str, mut push: impl FnMut(u8)) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    for byte in value.bytes() {
        if is_unreserved(byte) {
            push(byte);
        } else {
            push(b'%');
            push(digit(byte >> 4));
            push(digit(byte & 0xf));
        }
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The names and values of a query, still encoded, in order.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// What a `+` in a query stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// Itself, as in a URI.
    Plus,
    /// A space, as in a form.
    Space,
}

/// Decodes a value, wiped when it is dropped; `None` where an escape is broken or the result is not
/// UTF-8.
pub(crate) fn decode(value: &str, plus: Plus) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(value.len()));
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = hex(rest.next()?)?;
                high << 4 | hex(rest.next()?)?
            }
            b'+' if plus == Plus::Space => b' ',
            byte => byte,
        });
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reserved_characters_are_encoded() {
        let path = path_with("/p", &[("a", "+ =/$&%#"), ("b", "é~")]).unwrap();
        assert_eq!(path.as_str(), "/p?a=%2B%20%3D%2F%24%26%25%23&b=%C3%A9~");
        assert_eq!(path_with("/p", &[]).unwrap().as_str(), "/p");
        assert!(path_with("/p", &[("a", &"%".repeat(30_000))]).is_none());
    }

    #[test]
    fn a_plus_is_what_it_is_taken_for() {
        let decoded = |plus| decode("a+b%2Bc%20d", plus).unwrap().to_string();
        assert_eq!(decoded(Plus::Space), "a b+c d");
        assert_eq!(decoded(Plus::Plus), "a+b+c d");
        for broken in ["%", "%2", "%zz", "%+1", "%ff", "a%C3"] {
            assert!(decode(broken, Plus::Space).is_none(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(value in any::<String>()) {
            let mut encoded = Vec::new();
            encode(&value, |byte| encoded.push(byte));
            let encoded = String::from_utf8(encoded).unwrap();
            for plus in [Plus::Plus, Plus::Space] {
                let decoded = decode(&encoded, plus).unwrap();
                prop_assert_eq!(decoded.as_str(), value.as_str());
            }
            let query = format!("a={encoded}&b={encoded}");
            let all: Vec<_> = pairs(&query).collect();
            prop_assert_eq!(all, [("a", encoded.as_str()), ("b", encoded.as_str())]);
        }

        #[test]
        fn nothing_that_comes_in_panics(query in any::<String>()) {
            for (name, value) in pairs(&query) {
                let _ = (decode(name, Plus::Space), decode(value, Plus::Plus));
            }
        }
    }
}
