//! Forms, and redirects that carry one in their query.

use std::fmt::Write;

use http::header::LOCATION;
use http::{HeaderValue, Response, StatusCode};

/// Redirects a browser to a URI, with these parameters added to its query.
pub(crate) fn redirect<'a>(
    uri: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Response<Vec<u8>> {
    let mut location = uri.to_owned();
    for (name, value) in parameters {
        location.push(if location.contains('?') { '&' } else { '?' });
        let _ = write!(location, "{name}={}", form_encoded(value));
    }
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::FOUND;
    let location =
        HeaderValue::try_from(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Encodes a form as a browser sends it.
pub(crate) fn encode_form<const N: usize>(fields: [(&str, &str); N]) -> String {
    let fields = fields.map(|(name, value)| format!("{name}={}", form_encoded(value)));
    fields.join("&")
}

/// Encodes text as in a form. (Concur writes `User+denied+access`.)
pub(crate) fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'.' | b'_' | b'*' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
