//! A word to look for in errors: none may repeat what a response said.

use concur_oauth_core::ResponseError;

const MARKER: &str = "mArKeR7q";

/// Puts the marker after every tag inside the root: into every text node of a document, with those
/// that were empty. What is well-formed stays so.
pub(crate) fn plant(bytes: &[u8]) -> Vec<u8> {
    // Comments and processing instructions can stand before the root and after it.
    let closes_tag = |at: &usize| {
        let before = &bytes[..*at];
        bytes[*at] == b'>' && !before.ends_with(b"?") && !before.ends_with(b"--")
    };
    let end = (0..bytes.len()).rfind(closes_tag).unwrap_or(0);
    let mut planted = Vec::with_capacity(bytes.len() * 2);
    for (at, &byte) in bytes.iter().enumerate() {
        planted.push(byte);
        if at < end && closes_tag(&at) {
            planted.extend_from_slice(MARKER.as_bytes());
        }
    }
    planted
}

pub(crate) fn assert_absent(shown: &str) {
    assert!(!shown.contains(MARKER), "{shown}");
}

/// An error may repeat Concur's own words from an error document, and nothing else.
pub(crate) fn assert_absent_from(error: &ResponseError) {
    let (ResponseError::Refused(refused) | ResponseError::Unavailable(refused)) = error else {
        return assert_absent(&format!("{error} {error:?}"));
    };
    let mut shown = error.to_string();
    let mut debug = format!("{error:?}");
    let words = [refused.message(), refused.id(), refused.server_time()];
    for words in words.into_iter().flatten() {
        shown = shown.replacen(words, "", 1);
        debug = debug.replacen(&format!("{words:?}"), "", 1);
    }
    assert_absent(&shown);
    assert_absent(&debug);
}
