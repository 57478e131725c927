//! Percent-encoding (RFC 3986 section 2.1), and the pairs of a query.

use zeroize::Zeroizing;

/// Returns how many bytes [`encode`] makes of a value.
pub(crate) fn encoded_len(value: &str) -> usize {
    let length = |byte| if is_unreserved(byte) { 1 } else { 3_usize };
    value.bytes().map(length).fold(0, usize::saturating_add)
}

/// Percent-encodes every byte that is not unreserved (RFC 3986 section 2.3): a `+` sent raw would
/// arrive as a space.
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

/// Returns the names and values of a query in order, still encoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// What a `+` in a query means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// A plus sign, as in a URI.
    Plus,
    /// A space, as in an HTML form.
    Space,
}

/// Decodes a value. `None` where an escape is broken or the result is not UTF-8. The result is wiped
/// when it is dropped.
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
    fn plus_decodes_as_asked() {
        let decoded = |plus| decode("a+b%2Bc%20d", plus).unwrap().to_string();
        assert_eq!(decoded(Plus::Space), "a b+c d");
        assert_eq!(decoded(Plus::Plus), "a+b+c d");
        for broken in ["%", "%2", "%zz", "%+1", "%ff", "a%C3"] {
            assert!(decode(broken, Plus::Space).is_none(), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn encoded_value_decodes_to_itself(value in any::<String>()) {
            let mut encoded = Vec::new();
            encode(&value, |byte| encoded.push(byte));
            prop_assert_eq!(encoded.len(), encoded_len(&value));
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
        fn any_query_decodes_without_panic(query in any::<String>()) {
            for (name, value) in pairs(&query) {
                let _ = (decode(name, Plus::Space), decode(value, Plus::Plus));
            }
        }
    }
}
