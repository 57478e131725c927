//! Requests as real clients send them.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{Request, Uri};

/// Returns the parameters of a request, from its query and from a form in its body, which wins.
pub(crate) fn parameters(request: &Request<Vec<u8>>) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    let query = request.uri().query().unwrap_or_default();
    // Concur's own SDK for JavaScript writes `??refresh_token=`.
    read(query.trim_start_matches('?'), &mut parameters);
    let form = request.headers().get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"application/x-www-form-urlencoded")
    });
    if form {
        read(&String::from_utf8_lossy(request.body()), &mut parameters);
    }
    parameters
}

fn read(query: &str, parameters: &mut HashMap<String, String>) {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        match parameters.get_mut(&name) {
            // Clients repeat it, or write all in one.
            Some(scopes) if name == "scope" => {
                scopes.push(',');
                scopes.push_str(&value);
            }
            _ => {
                parameters.insert(name, value);
            }
        }
    }
}

/// Returns whether a URI has a scheme and an authority, or is an application's own, such as `com.example.app:/back`
/// (RFC 8252 section 7.1).
pub(crate) fn is_absolute(uri: &str) -> bool {
    let parsed = uri.parse::<Uri>();
    let whole = parsed.is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some());
    let own = uri.split_once(":/").is_some_and(|(scheme, path)| {
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        scheme.contains('.')
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(is_scheme)
            && !path.starts_with('/')
    });
    whole || own
}

/// Decodes a segment of a path, in which a `+` is itself.
pub(crate) fn segment(text: &str) -> String {
    decoded(&text.replace('+', "%2B"))
}

/// Decodes text as servers decode forms: a `+` is a space, and a `%` without two digits is itself.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(match (escape, byte) {
            (Some(byte), _) => {
                at += 2;
                byte
            }
            (None, b'+') => b' ',
            (None, byte) => byte,
        });
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Returns the name and the secret of a Basic `Authorization`, divided at the first colon (RFC 7617 section 2).
pub(crate) fn basic(authorization: &[u8]) -> Option<(String, String)> {
    let encoded = after_scheme(authorization, b"Basic ")?;
    let joined = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (name, secret) = joined.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

/// Returns the token of an `Authorization: OAuth …`.
pub(crate) fn oauth(authorization: &[u8]) -> Option<&str> {
    std::str::from_utf8(after_scheme(authorization, b"OAuth ")?).ok()
}

/// Returns the token of an `Authorization: Bearer …`.
pub(crate) fn bearer(authorization: &[u8]) -> Option<&str> {
    std::str::from_utf8(after_scheme(authorization, b"Bearer ")?).ok()
}

fn after_scheme<'a>(authorization: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = authorization.split_at_checked(scheme.len())?;
    start
        .eq_ignore_ascii_case(scheme)
        .then(|| rest.trim_ascii())
}

/// Normalizes a path: Concur's servers ignore its case and doubled slashes.
pub(crate) fn normal_path(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        normal.push('/');
        normal.push_str(&segment.to_ascii_lowercase());
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_form_are_decoded_and_win() {
        let request = Request::post("/p??a=1&b=x+y%2Bz&c=%zz%4&scope=A&scope=B")
            .header(
                CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .body(b"a=2&d=%C3%A9&e".to_vec())
            .unwrap();
        let parameters = parameters(&request);
        for (name, value) in [
            ("a", "2"),
            ("b", "x y+z"),
            ("c", "%zz%4"),
            ("d", "é"),
            ("e", ""),
            ("scope", "A,B"),
        ] {
            assert_eq!(parameters[name], value);
        }
    }

    #[test]
    fn redirect_uris_are_absolute_or_an_applications_own() {
        for good in [
            "https://app.example/",
            "http://127.0.0.1:1/",
            "com.example.app:/x",
        ] {
            assert!(is_absolute(good), "{good}");
        }
        for bad in [
            "",
            "/x",
            "app.example/x",
            "https:///x",
            "myapp:/x",
            "1.app:/x",
            "a b.c:/x",
        ] {
            assert!(!is_absolute(bad), "{bad}");
        }
    }
}
