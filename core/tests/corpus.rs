//! The fuzz targets' seed corpus, replayed.
#![allow(clippy::disallowed_methods, reason = "a test may read files")]

use std::fs;
use std::path::Path;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut seeds = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What fuzzing on this machine added is named by its hash.
        if path.file_name().unwrap().len() == 40 {
            continue;
        }
        let seed = fs::read(path).unwrap();
        check(&seed);
        // Each seed cut anywhere is a seed as well.
        for end in 0..seed.len() {
            check(&seed[..end]);
        }
        seeds += 1;
    }
    assert!(seeds >= 5, "{seeds}");
}

#[test]
fn xml() {
    replay("xml", concur_oauth_fuzz::xml);
}

#[test]
fn token() {
    replay("token", concur_oauth_fuzz::token);
}

#[test]
fn error() {
    replay("error", concur_oauth_fuzz::error);
}
