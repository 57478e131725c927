//! Concur's words, for people.

/// Cuts to `limit` characters what is safe to show in a terminal or a log: white space becomes
/// single spaces, and control characters go, with those that turn the direction of the text or do
/// not show.
pub(crate) fn clean(text: &str, limit: usize) -> Option<Box<str>> {
    let mut shown = String::new();
    let mut characters: usize = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            gap = !shown.is_empty();
            continue;
        }
        if is_unseen(character) {
            continue;
        }
        let wanted = if gap { 2 } else { 1 };
        if characters.saturating_add(wanted) > limit {
            break;
        }
        if gap {
            shown.push(' ');
            gap = false;
        }
        shown.push(character);
        characters = characters.saturating_add(wanted);
    }
    (!shown.is_empty()).then(|| shown.into())
}

/// Whether a character is a control character, or one that turns the direction of the text or does not show.
///
/// Public for the command only: no promise of stability.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cleaned_and_cut() {
        assert_eq!(
            clean(" a\r\n\tb\u{1b}[31m\u{202e}c\u{0} ", 256).as_deref(),
            Some("a b[31mc")
        );
        assert_eq!(clean(&"é".repeat(300), 256).unwrap().chars().count(), 256);
        assert_eq!(clean("\u{200b} \u{7}", 256), None);
    }
}
