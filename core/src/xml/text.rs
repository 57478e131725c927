//! From raw character data to text.

use std::borrow::Cow;

/// Expands references and normalises line ends (XML 1.0 sections 2.11, 4.1 and 4.6).
///
/// `None` where a reference is broken, or names anything but the five predefined entities.
pub(super) fn expand(raw: &str) -> Option<Cow<'_, str>> {
    if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\r')) {
        return Some(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, from_special)) = split_before(rest, ['&', '\r']) {
        text.push_str(plain);
        rest = if let Some(reference) = from_special.strip_prefix('&') {
            let (name, rest) = reference.split_once(';')?;
            text.push(resolve(name)?);
            rest
        } else {
            text.push('\n');
            after_line_end(from_special)
        };
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// Normalises line ends only, as a CDATA section wants.
pub(super) fn normalize(raw: &str) -> Cow<'_, str> {
    let mut text = String::new();
    let mut rest = raw;
    while let Some((plain, from_return)) = split_before(rest, ['\r', '\r']) {
        text.push_str(plain);
        text.push('\n');
        rest = after_line_end(from_return);
    }
    if text.is_empty() {
        return Cow::Borrowed(raw);
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Whether every reference in an attribute's value is sound. The value itself is of no use.
pub(super) fn references_are_sound(value: &str) -> bool {
    let mut rest = value;
    while let Some((_, reference)) = rest.split_once('&') {
        let Some((name, tail)) = reference.split_once(';') else {
            return false;
        };
        if resolve(name).is_none() {
            return false;
        }
        rest = tail;
    }
    true
}

fn split_before(text: &str, chars: [char; 2]) -> Option<(&str, &str)> {
    text.split_at_checked(text.find(chars)?)
}

/// What follows a line end, be it `\r` or `\r\n`.
fn after_line_end(text: &str) -> &str {
    let text = text.strip_prefix('\r').unwrap_or(text);
    text.strip_prefix('\n').unwrap_or(text)
}

fn resolve(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ => return character(name.strip_prefix('#')?),
    })
}

fn character(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` alone would let a sign by.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    let allowed = match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => other >= ' ',
    };
    allowed.then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_expand() {
        for (raw, text) in [
            ("plain", "plain"),
            ("a&amp;b&lt;c&gt;d&apos;e&quot;f", "a&b<c>d'e\"f"),
            ("&#65;&#x42;&#0000067;&#x1F600;", "ABC😀"),
            ("&amp;amp;", "&amp;"),
            ("&#13;\r\n\r\r\n&#10;", "\r\n\n\n\n"),
        ] {
            assert_eq!(expand(raw).as_deref(), Some(text), "{raw:?}");
        }
    }

    #[test]
    fn broken_references_are_refused() {
        for raw in [
            "&",
            "&;",
            "&amp",
            "&nbsp;",
            "&AMP;",
            "&#;",
            "&#x;",
            "&#X41;",
            "&#+65;",
            "&#-65;",
            "&#x 41;",
            "&#0;",
            "&#8;",
            "&#xD800;",
            "&#xFFFE;",
            "&#x110000;",
            "&#99999999999999;",
            "a & b; c",
        ] {
            assert_eq!(expand(raw), None, "{raw:?}");
            assert!(!references_are_sound(raw), "{raw:?}");
        }
        assert!(references_are_sound("a&amp;b&#65;"));
    }

    #[test]
    fn line_ends_become_line_feeds() {
        for (raw, text) in [
            ("\r", "\n"),
            ("\r\n", "\n"),
            ("a\r\rb\r\nc\nd", "a\n\nb\nc\nd"),
        ] {
            assert_eq!(normalize(raw), text);
            assert_eq!(expand(raw).unwrap(), text);
        }
        assert_eq!(normalize("&amp;"), "&amp;");
    }
}
