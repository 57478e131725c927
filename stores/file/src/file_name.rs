//! The names of files.

use std::fmt::Write as _;

use concur_oauth_core::keeper::{GrantName, StoreError};

/// The longest name of a file without its ending, in bytes. Common file systems allow 255 in all.
const MAX_LEN: usize = 245;

/// Returns the name of a grant's files, without their ending.
pub(crate) fn encode(name: &GrantName) -> Result<String, StoreError> {
    let mut encoded = String::with_capacity(name.as_str().len());
    let is_device = is_device(name.as_str());
    for (at, byte) in name.as_str().bytes().enumerate() {
        let is_plain = byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'-' | b'_')
            || byte == b'.' && at > 0;
        if is_plain && !(is_device && at == 0) {
            encoded.push(char::from(byte));
        } else {
            // Upper case too: some file systems take both for one.
            let _ = write!(encoded, "%{byte:02x}");
        }
    }
    if encoded.len() > MAX_LEN {
        return Err(StoreError::of_record(format!(
            "the name {name} is too long for a file: give one with fewer, or plainer, characters"
        )));
    }
    Ok(encoded)
}

/// Returns whether Windows takes a file of this name for a device, whatever its ending. (Windows: *Naming Files, Paths, and
/// Namespaces*.)
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let numbered = |stem: &str| {
        let digit = stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"));
        digit.is_some_and(|it| it.len() == 1 && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem, "con" | "prn" | "aux" | "nul") || numbered(stem)
}

/// Reads the name of a grant back from that of a file without its ending. `None` where it is no file of this store.
pub(crate) fn decode(encoded: &str) -> Option<GrantName> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let name = GrantName::new(String::from_utf8(bytes).ok()?).ok()?;
    // Nothing but what this store writes.
    encode(&name).ok().filter(|again| again == encoded)?;
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_plain_file_names() {
        let encode = |name| encode(&GrantName::new(name).unwrap()).unwrap();
        assert_eq!(encode("customer-4711"), "customer-4711");
        assert_eq!(encode("../Ä/.x"), "%2e.%2f%c3%84%2f.x");
        assert_eq!(encode("Acme"), "%41cme");
        for (name, file) in [
            ("nul", "%6eul"),
            ("con.v1", "%63on.v1"),
            ("com7", "%63om7"),
            ("NUL", "%4e%55%4c"),
            ("com", "com"),
            ("com10", "com10"),
            ("console", "console"),
        ] {
            assert_eq!(encode(name), file);
            assert_eq!(decode(file).unwrap().as_str(), name);
        }
        assert!(decode("nul").is_none());
        assert!(decode("customer-4711.tar%").is_none());
        assert!(decode("Acme").is_none());
        assert!(super::encode(&GrantName::new("Ä".repeat(100)).unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn names_survive(name in "[^\\x00-\\x1f\\x7f-\\u{9f}]{1,20}") {
            let name = GrantName::new(name).unwrap();
            let encoded = encode(&name).unwrap();
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/'));
            prop_assert!(!encoded.starts_with('.'));
            prop_assert_eq!(decode(&encoded), Some(name));
        }
    }
}
