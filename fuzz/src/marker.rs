//! A word to look for in errors: none may repeat what an answer said.

use concur_oauth_core::ResponseError;

const MARKER: &str = "mArKeR7q";

/// Puts the marker into every text node, and wherever else something follows a tag.
pub(crate) fn plant(bytes: &[u8]) -> Vec<u8> {
    let mut planted = Vec::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        planted.push(byte);
        if byte == b'>' {
            planted.extend_from_slice(MARKER.as_bytes());
        }
    }
    planted
}

pub(crate) fn assert_absent(shown: &str) {
    assert!(!shown.contains(MARKER), "{shown}");
}

/// An error may repeat Concur's own words out of an error document, and nothing else.
pub(crate) fn assert_absent_from(error: &ResponseError) {
    let (ResponseError::Refused(refusal) | ResponseError::Unavailable(refusal)) = error else {
        return assert_absent(&format!("{error} {error:?}"));
    };
    let mut shown = error.to_string();
    let mut debug = format!("{error:?}");
    for words in [refusal.message(), refusal.id(), refusal.server_time()] {
        let words = words.unwrap_or_default();
        shown = shown.replacen(words, "", 1);
        debug = debug.replacen(&format!("{words:?}"), "", 1);
    }
    assert_absent(&shown);
    assert_absent(&debug);
}
