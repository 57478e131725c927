//! Secrets in buffers that are wiped: bodies, header values and query strings.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use http::uri::PathAndQuery;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::input::{self, InputError, InputField, InputProblem};
use crate::wire::percent;

/// A request's body, which can hold a password or a secret.
///
/// Clones share one buffer, which is zeroed when the last of them is dropped. `Debug` shows no byte
/// of it.
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::SecretBody;
///
/// let body = SecretBody::from(b"password=hunter2".to_vec());
/// assert_eq!(body.as_ref(), b"password=hunter2");
/// assert_eq!(format!("{body:?}"), "SecretBody([REDACTED], 16 bytes)");
///
/// // An HTTP library takes it as `Bytes`, which are wiped all the same.
/// let bytes = bytes::Bytes::from(body);
/// # drop(bytes);
/// ```
#[derive(Clone, Default)]
pub struct SecretBody(Bytes);

impl SecretBody {
    /// Returns the body of a request that has none.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Bytes::new())
    }
}

impl From<Vec<u8>> for SecretBody {
    /// Takes the buffer, which is wiped with its spare capacity. A buffer that grew while it was
    /// filled has left copies behind: give it its size first.
    fn from(bytes: Vec<u8>) -> Self {
        Self(Bytes::from_owner(Zeroizing::new(bytes)))
    }
}

impl From<SecretBody> for Bytes {
    fn from(body: SecretBody) -> Self {
        body.0
    }
}

impl AsRef<[u8]> for SecretBody {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBody([REDACTED], {} bytes)", self.0.len())
    }
}

/// Returns a header value that is wiped when its last clone is dropped, and is marked sensitive.
///
/// `None` where the bytes cannot stand in a header field.
pub(crate) fn secret_header_value(value: Zeroizing<Vec<u8>>) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Returns a path with a query of these names and values, in a buffer that is wiped when its last
/// clone is dropped. `longest` is the field that an error names where they do not fit in a URI.
pub(crate) fn path_with_query(
    path: &str,
    pairs: &[(&str, &str)],
    longest: InputField,
) -> Result<PathAndQuery, InputError> {
    let too_long = InputProblem::Malformed("does not fit in a URI with what is sent beside it");
    encode_path(path, pairs).ok_or(InputError::new(longest, too_long))
}

fn encode_path(path: &str, pairs: &[(&str, &str)]) -> Option<PathAndQuery> {
    let size = path.len().checked_add(1)?.checked_add(form_len(pairs)?)?;
    // Sized first: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    bytes.extend_from_slice(path.as_bytes());
    if !pairs.is_empty() {
        bytes.push(b'?');
    }
    push_form(&mut bytes, pairs);
    PathAndQuery::from_maybe_shared(Bytes::from_owner(bytes)).ok()
}

/// Returns a form of these names and values, `application/x-www-form-urlencoded`. A space is `%20`, which every reader
/// of forms takes for one.
pub(crate) fn form(pairs: &[(&str, &str)]) -> SecretBody {
    let mut bytes = Vec::with_capacity(form_len(pairs).unwrap_or(0));
    push_form(&mut bytes, pairs);
    SecretBody::from(bytes)
}

/// Returns how many bytes [`push_form`] makes, and one or two more.
fn form_len(pairs: &[(&str, &str)]) -> Option<usize> {
    pairs.iter().try_fold(0_usize, |size, (name, value)| {
        let pair = percent::encoded_len(name).checked_add(percent::encoded_len(value))?;
        size.checked_add(pair)?.checked_add(2)
    })
}

fn push_form(bytes: &mut Vec<u8>, pairs: &[(&str, &str)]) {
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            bytes.push(b'&');
        }
        percent::encode(name, |byte| bytes.push(byte));
        bytes.push(b'=');
        percent::encode(value, |byte| bytes.push(byte));
    }
}

/// Takes a secret that must not be empty, and leaves no copy of it.
pub(crate) fn secret(
    field: InputField,
    value: impl Into<String>,
) -> Result<SecretString, InputError> {
    let value = Zeroizing::new(value.into());
    input::text(field, &value)?;
    Ok(secret_string(&value))
}

/// Copies a text into a secret without spare capacity: `SecretString::from(String)` would shrink the
/// string, and leave a copy behind.
pub(crate) fn secret_string(value: &Zeroizing<String>) -> SecretString {
    SecretString::from(value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_percent_encoded() {
        let path = encode_path("/p", &[("a", "+ =/$&%#"), ("b", "é~")]).unwrap();
        assert_eq!(path.as_str(), "/p?a=%2B%20%3D%2F%24%26%25%23&b=%C3%A9~");
        assert_eq!(encode_path("/p", &[]).unwrap().as_str(), "/p");
        assert!(encode_path("/p", &[("a", &"%".repeat(30_000))]).is_none());
    }
}
