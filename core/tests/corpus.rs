//! The fuzz targets' seed corpus, replayed.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

use std::fs;
use std::path::Path;

/// Replays a target's seeds, and each cut anywhere. The whole seeds must come to all these ends, or
/// the checks have nothing to check.
fn replay(target: &str, check: fn(&[u8]) -> &'static str, ends: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut missing = ends.to_vec();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What fuzzing on this machine added is named by its hash.
        if path.file_name().unwrap().len() == 40 {
            continue;
        }
        let seed = fs::read(path).unwrap();
        let end = check(&seed);
        missing.retain(|wanted| *wanted != end);
        for cut in 0..seed.len() {
            check(&seed[..cut]);
        }
    }
    assert!(missing.is_empty(), "no seed came to {missing:?}");
}

#[test]
fn xml() {
    let ends = ["well-formed", "not well-formed"];
    replay("xml", concur_oauth_fuzz::xml, &ends);
}

#[test]
fn token() {
    let ends = [
        "token",
        "refused",
        "not well-formed",
        "other document",
        "no token",
        "repeated token",
    ];
    replay("token", concur_oauth_fuzz::token, &ends);
}

#[test]
fn error() {
    replay("error", concur_oauth_fuzz::error, &["words", "no words"]);
}

#[test]
fn response() {
    let ends = [
        "complete",
        "a status without its body",
        "cut short",
        "refused",
    ];
    replay("response", concur_oauth_fuzz::response, &ends);
}

#[test]
fn callback() {
    let ends = ["a code", "denied", "unusable", "not this user's"];
    replay("callback", concur_oauth_fuzz::callback, &ends);
}

#[test]
fn connections() {
    let ends = [
        "a page, and another",
        "the last page",
        "another host",
        "a page, and no way on",
        "one",
        "refused",
        "unreadable",
    ];
    replay("connections", concur_oauth_fuzz::connections, &ends);
}

#[test]
fn round() {
    let ends = ["connected", "done", "given up", "stopped"];
    replay("round", concur_oauth_fuzz::round, &ends);
}

#[test]
fn v0_token() {
    let ends = [
        "token",
        "no token",
        "repeated token",
        "malformed",
        "refused",
        "other",
    ];
    replay("v0_token", concur_oauth_fuzz::v0_token, &ends);
}

#[test]
fn v0_error() {
    let ends = ["elsewhere", "a code", "words", "nothing", "not Concur's"];
    replay("v0_error", concur_oauth_fuzz::v0_error, &ends);
}

#[test]
fn v0_callback() {
    let ends = ["a code", "denied", "a landing", "neither"];
    replay("v0_callback", concur_oauth_fuzz::v0_callback, &ends);
}

#[test]
fn v0_id_token() {
    let ends = ["verified", "unknown key", "refused", "malformed", "no keys"];
    replay("v0_id_token", concur_oauth_fuzz::v0_id_token, &ends);
}

#[cfg(feature = "keeper")]
#[test]
fn keeper() {
    replay("keeper", concur_oauth_fuzz::keeper, &["done", "refused"]);
}
