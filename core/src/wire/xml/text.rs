//! From raw character data to text.

use std::borrow::Cow;

/// Character data that was checked. It is expanded to text only where it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a str,
    /// Whether the raw data is already the text.
    plain: bool,
    /// Whether an ampersand begins a reference, as it does outside of a CDATA section.
    references: bool,
}

impl<'a> Text<'a> {
    /// Checks character data with references. `None` where one of them is broken, or is to anything but a
    /// character or one of the five predefined entities.
    pub(super) fn parsed(raw: &'a str) -> Option<Self> {
        let plain = is_plain(raw);
        let mut rest = if plain { "" } else { raw };
        while let Some((_, reference)) = rest.split_once('&') {
            let (name, tail) = reference.split_once(';')?;
            resolve(name)?;
            rest = tail;
        }
        Some(Self {
            raw,
            plain,
            references: true,
        })
    }

    /// Takes character data without references, as in a CDATA section.
    pub(super) fn literal(raw: &'a str) -> Self {
        Self {
            raw,
            plain: !raw.contains('\r'),
            references: false,
        }
    }

    /// Returns the text, with references expanded and line ends normalised (XML 1.0 sections 2.11, 4.1 and 4.6).
    #[must_use]
    pub fn to_str(self) -> Cow<'a, str> {
        if self.plain {
            return Cow::Borrowed(self.raw);
        }
        let mut text = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        let is_special = |it: char| it == '\r' || (it == '&' && self.references);
        while let Some(at) = rest.find(is_special) {
            let (plain, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
            text.push_str(plain);
            rest = if let Some(line) = special.strip_prefix('\r') {
                text.push('\n');
                line.strip_prefix('\n').unwrap_or(line)
            } else {
                let after = special.strip_prefix('&').unwrap_or_default();
                let resolved = after
                    .split_once(';')
                    .and_then(|(name, tail)| Some((resolve(name)?, tail)));
                let (character, tail) = resolved.unwrap_or(('&', after));
                text.push(character);
                tail
            };
        }
        text.push_str(rest);
        Cow::Owned(text)
    }
}

fn is_plain(raw: &str) -> bool {
    // Counted, not searched for: without an early exit, the loop vectorizes.
    let special = raw.bytes().filter(|byte| matches!(byte, b'&' | b'\r'));
    special.count() == 0
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
    // `from_str_radix` alone would accept a sign.
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

    fn parsed(raw: &str) -> Option<Cow<'_, str>> {
        Text::parsed(raw).map(Text::to_str)
    }

    #[test]
    fn references_expand() {
        for (raw, text) in [
            ("plain", "plain"),
            ("a&amp;b&lt;c&gt;d&apos;e&quot;f", "a&b<c>d'e\"f"),
            ("&#65;&#x42;&#0000067;&#x1F600;", "ABC😀"),
            ("&amp;amp;", "&amp;"),
            ("&#13;\r\n\r\r\n&#10;", "\r\n\n\n\n"),
        ] {
            assert_eq!(parsed(raw).as_deref(), Some(text), "{raw:?}");
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
            assert_eq!(parsed(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn line_ends_become_line_feeds() {
        for (raw, text) in [
            ("\r", "\n"),
            ("\r\n", "\n"),
            ("a\r\rb\r\nc\nd", "a\n\nb\nc\nd"),
        ] {
            assert_eq!(Text::literal(raw).to_str(), text);
            assert_eq!(parsed(raw).unwrap(), text);
        }
        assert_eq!(Text::literal("&amp;\r& ").to_str(), "&amp;\n& ");
        // Nothing is looked for behind each of many ampersands.
        let ampersands = "&#38;&&&";
        assert_eq!(Text::literal(ampersands).to_str(), ampersands);
        assert!(matches!(
            Text::literal(ampersands).to_str(),
            Cow::Borrowed(_)
        ));
    }
}
