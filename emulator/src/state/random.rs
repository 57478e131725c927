//! Tokens and identifiers, as Concur's look.

use std::hash::{BuildHasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Returns twenty random bytes in Base64, as Concur's tokens look: they hold `+`, `/` and `=`.
pub(crate) fn token() -> String {
    let mut bytes = [0; 24];
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&random().to_le_bytes());
    }
    STANDARD.encode(&bytes[..20])
}

/// Returns a random request token or refresh token: letters and digits alone, as Concur's are.
pub(crate) fn code() -> String {
    const SIGNS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let signs = (0..32).map(|_| SIGNS[(random() % 62) as usize]);
    signs.map(char::from).collect()
}

/// Returns this many random small letters and digits.
pub(crate) fn lower(length: usize) -> String {
    const SIGNS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let signs = (0..length).map(|_| SIGNS[(random() % 36) as usize]);
    signs.map(char::from).collect()
}

/// Returns a random UUID.
pub(crate) fn uuid() -> String {
    id().to_ascii_lowercase()
}

/// Returns a random ID.
pub(crate) fn id() -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Returns random bits, good enough for tests: each `RandomState` has new keys.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}
