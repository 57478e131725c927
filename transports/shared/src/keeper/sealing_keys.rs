//! The keys that seal grants, and how.

use std::fmt;

use concur_oauth_core::keeper::{GrantName, StoredGrant, Version};

#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs::{aead, rand};
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
use ring::{aead, rand};

use aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rand::SecureRandom;
use zeroize::Zeroizing;

/// What a sealed grant begins with. An unsealed one begins with a brace.
const MARK: &str = "sealed 1 ";

/// Keys that seal grants: AES-256-GCM, of the cryptography of TLS.
///
/// To change the key, first add the new one after the old in every process, so that all can open what it seals; then put it
/// first, and remove the old one when every grant was renewed.
///
/// # Examples
///
/// ```
/// use concur_oauth_shared::keeper::SealingKeys;
///
/// // As `openssl rand -hex 32` makes them, each after a name of your own.
/// let text = "
///     2026-11 9f0c51d4b78a2e6633d15f0e7c4a98b2d1e6f3a4758c9b0a1d2e3f4051627384
///     2026-05 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
/// ";
/// let keys = SealingKeys::parse(text)?;
/// assert_eq!(format!("{keys:?}"), r#"SealingKeys(["2026-11", "2026-05"])"#);
/// # Ok::<(), concur_oauth_shared::keeper::SealingError>(())
/// ```
pub struct SealingKeys {
    keys: Vec<(String, LessSafeKey)>,
}

/// Why a grant could not be sealed or opened, or a key not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealingError {
    /// A line is no key.
    Malformed {
        /// The line, counted from 1.
        line: usize,
    },
    /// There is no key.
    NoKey,
    /// Two keys have the same name.
    SameName {
        /// The line of the second, counted from 1.
        line: usize,
    },
    /// The grant was sealed with a key that is not there.
    UnknownKey {
        /// The name of the key.
        name: String,
    },
    /// The grant is not sealed.
    NotSealed,
    /// The grant was changed, or was sealed for another name or version, or with another key of the same name.
    Forged,
    /// No randomness can be drawn.
    NoRandomness,
}

impl fmt::Display for SealingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line } => write!(
                f,
                "line {line} is no key: give a name of A-Z, a-z, 0-9, `-` and `_`, a space, and what `openssl rand -hex 32` \
                 prints"
            ),
            Self::NoKey => f.write_str(
                "there is no key: give a line with a name, a space, and what `openssl rand -hex 32` prints",
            ),
            Self::SameName { line } => write!(
                f,
                "the key in line {line} has the name of another: give each a name of its own"
            ),
            Self::UnknownKey { name } => write!(
                f,
                "it was sealed with the key {name}, which is not among the keys: add it after the first"
            ),
            Self::NotSealed => f.write_str("it is not sealed"),
            Self::Forged => f.write_str(
                "it was changed, moved from another grant or an older copy, or sealed with another key of the same name",
            ),
            Self::NoRandomness => f.write_str("no randomness can be drawn: see what this machine lacks"),
        }
    }
}

impl std::error::Error for SealingError {}

impl SealingKeys {
    /// Reads keys: a line for each, with a name, a space and 64 hexadecimal digits. The first seals, and all open. Empty lines,
    /// and those that begin with `#`, are skipped. A line with the digits alone is a key of the name `key`.
    ///
    /// # Errors
    ///
    /// [`SealingError`] where a line is no key, or there is none. It shows no key.
    pub fn parse(text: &str) -> Result<Self, SealingError> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let malformed = SealingError::Malformed { line: at + 1 };
            let (name, digits) = line
                .split_once(char::is_whitespace)
                .unwrap_or(("key", line));
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if name.is_empty() || name.len() > 32 || !name.bytes().all(is_plain) {
                return Err(malformed);
            }
            let key = read_key(digits.trim()).ok_or(malformed)?;
            if keys.iter().any(|(known, _)| known == name) {
                return Err(SealingError::SameName { line: at + 1 });
            }
            keys.push((name.to_owned(), key));
        }
        if keys.is_empty() {
            return Err(SealingError::NoKey);
        }
        Ok(Self { keys })
    }

    /// Seals a grant for its name and version.
    pub(super) fn seal(
        &self,
        name: &GrantName,
        version: Version,
        grant: &[u8],
    ) -> Result<StoredGrant, SealingError> {
        let (id, key) = self.keys.first().ok_or(SealingError::NoKey)?;
        let mut nonce = [0; NONCE_LEN];
        let random = rand::SystemRandom::new();
        random
            .fill(&mut nonce)
            .map_err(|_| SealingError::NoRandomness)?;
        // Sized first: a buffer that grows leaves a copy of what is sealed behind.
        let size = MARK.len() + id.len() + 1 + nonce.len() + grant.len() + AES_256_GCM.tag_len();
        let mut sealed = Vec::with_capacity(size);
        sealed.extend_from_slice(MARK.as_bytes());
        sealed.extend_from_slice(id.as_bytes());
        sealed.push(b'\n');
        sealed.extend_from_slice(&nonce);
        let start = sealed.len();
        sealed.extend_from_slice(grant);
        let tag = key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated(name, version)),
                &mut sealed[start..],
            )
            .map_err(|_| SealingError::NoRandomness)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(StoredGrant::new(sealed))
    }

    /// Opens a grant that was sealed for this name and version.
    pub(super) fn open(
        &self,
        name: &GrantName,
        version: Version,
        sealed: &[u8],
    ) -> Result<StoredGrant, SealingError> {
        let rest = sealed
            .strip_prefix(MARK.as_bytes())
            .ok_or(SealingError::NotSealed)?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (id, rest) = end
            .and_then(|end| rest.split_at_checked(end))
            .ok_or(SealingError::Forged)?;
        let (nonce, sealed) = rest
            .get(1..)
            .and_then(|rest| rest.split_first_chunk::<NONCE_LEN>())
            .ok_or(SealingError::Forged)?;
        let unknown = || SealingError::UnknownKey {
            name: String::from_utf8_lossy(id).chars().take(32).collect(),
        };
        let key = self.keys.iter().find(|(name, _)| name.as_bytes() == id);
        let (_, key) = key.ok_or_else(unknown)?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let aad = Aad::from(associated(name, version));
        let length = match key.open_in_place(nonce, aad, &mut opened) {
            Ok(grant) => grant.len(),
            Err(_) => return Err(SealingError::Forged),
        };
        opened.truncate(length);
        Ok(StoredGrant::new(opened))
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.keys.iter().map(|(name, _)| name).collect();
        f.debug_tuple("SealingKeys").field(&names).finish()
    }
}

/// Returns what a grant is bound to.
fn associated(name: &GrantName, version: Version) -> Vec<u8> {
    let mut bytes = b"concur-oauth grant\0".to_vec();
    bytes.extend_from_slice(&version.get().to_be_bytes());
    bytes.extend_from_slice(name.as_str().as_bytes());
    bytes
}

fn read_key(digits: &str) -> Option<LessSafeKey> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    let mut is_good = true;
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => *byte = u8::try_from(high * 16 + low).unwrap_or(0),
            _ => is_good = false,
        }
    }
    let unbound = UnboundKey::new(&AES_256_GCM, &*key).ok();
    unbound.filter(|_| is_good).map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn name(name: &str) -> GrantName {
        GrantName::new(name).unwrap()
    }

    #[test]
    fn sealed_grant_opens_under_its_name_and_version_alone() {
        let keys = SealingKeys::parse(KEY).unwrap();
        let sealed = keys
            .seal(&name("a"), Version::new(3), b"secret words")
            .unwrap();
        let bytes = sealed.as_bytes();
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        let open = |keys: &SealingKeys, it: &str, version, bytes: &[u8]| {
            let opened = keys.open(&name(it), Version::new(version), bytes);
            opened.map(|grant| grant.as_bytes().to_vec())
        };
        assert_eq!(open(&keys, "a", 3, bytes).unwrap(), b"secret words");
        assert_eq!(open(&keys, "b", 3, bytes), Err(SealingError::Forged));
        assert_eq!(open(&keys, "a", 2, bytes), Err(SealingError::Forged));
        for at in MARK.len() + 4..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            assert!(open(&keys, "a", 3, &changed).is_err(), "{at}");
        }
        assert_eq!(open(&keys, "a", 3, b"{}"), Err(SealingError::NotSealed));
        assert_eq!(open(&keys, "a", 3, &bytes[..20]), Err(SealingError::Forged));
        // No two are alike.
        let again = keys
            .seal(&name("a"), Version::new(3), b"secret words")
            .unwrap();
        assert_ne!(again.as_bytes(), bytes);
    }

    #[test]
    fn keys_change_in_two_steps() {
        let other = KEY.replace("00", "ff");
        let old = SealingKeys::parse(&format!("old {KEY}")).unwrap();
        let both = SealingKeys::parse(&format!("# new\nnew {other}\n\nold {KEY}\n")).unwrap();
        let sealed = old.seal(&name("a"), Version::new(1), b"x").unwrap();
        assert!(
            both.open(&name("a"), Version::new(1), sealed.as_bytes())
                .is_ok()
        );
        let sealed = both.seal(&name("a"), Version::new(1), b"x").unwrap();
        let unknown = old.open(&name("a"), Version::new(1), sealed.as_bytes());
        assert_eq!(
            unknown.unwrap_err(),
            SealingError::UnknownKey {
                name: "new".to_owned()
            }
        );
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        for (text, line) in [("abc", 1), (&format!("{KEY}0") as &str, 1), ("\na b c", 2)] {
            let error = SealingKeys::parse(text).unwrap_err();
            assert_eq!(error, SealingError::Malformed { line });
            assert!(!error.to_string().contains("0011"));
        }
        let twice = SealingKeys::parse(&format!("a {KEY}\na {KEY}")).unwrap_err();
        assert_eq!(twice, SealingError::SameName { line: 2 });
        let words = KEY.replace('0', "z");
        assert!(SealingKeys::parse(&words).is_err());
        assert_eq!(
            SealingKeys::parse("# none").unwrap_err(),
            SealingError::NoKey
        );
    }
}
