//! A word to look for in errors: none may repeat what an answer said.

use concur_oauth_core::ResponseError;

const MARKER: &str = "mArKeR7q";

/// Puts the marker after every tag inside the root: into every text node of a document, with those
/// that were empty. What is well-formed stays so.
pub(crate) fn plant(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().rposition(|byte| *byte == b'>').unwrap_or(0);
    let mut planted = Vec::with_capacity(bytes.len() * 2);
    for (at, &byte) in bytes.iter().enumerate() {
        planted.push(byte);
        // Declarations and comments can stand before the root, and its end tag is the end.
        let closes_tag = byte == b'>' && !planted.ends_with(b"?>") && !planted.ends_with(b"-->");
        if closes_tag && at < end {
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
