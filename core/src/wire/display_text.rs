//! Text from outside, made safe to show to people.

/// Makes a text safe to show in a terminal or a log, and cuts it to `limit` characters. White space becomes
/// single spaces. Control characters are removed, with those that change the direction of the text or are
/// invisible. `None` where nothing is left.
///
/// Public for the command only: no promise of stability.
#[must_use]
pub fn clean(text: &str, limit: usize) -> Option<Box<str>> {
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

/// Returns whether a character is a control character, changes the direction of the text, or is invisible: Unicode's
/// `Default_Ignorable_Code_Point` (version 16), and the interlinear annotations and separators beside it.
///
/// Public for the command only: no promise of stability.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned_and_cut() {
        assert_eq!(
            clean(" a\r\n\tb\u{1b}[31m\u{202e}c\u{0} ", 256).as_deref(),
            Some("a b[31mc")
        );
        assert_eq!(clean(&"é".repeat(300), 256).unwrap().chars().count(), 256);
        assert_eq!(clean("\u{200b} \u{7}", 256), None);
        let unseen = "\u{34f}\u{115f}\u{17b5}\u{180b}\u{3164}\u{fe0f}\u{ffa0}\u{fff0}\u{1d173}\u{e0100}\u{e0fff}";
        assert_eq!(clean(unseen, 256), None);
    }
}
