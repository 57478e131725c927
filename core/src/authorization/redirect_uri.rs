//! The redirect URI.

use std::fmt;

use crate::input::{self, InputError, InputField, InputProblem};
use crate::wire::{authority, percent};

/// The redirect URI: where the user's browser returns to. It may have a query of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Creates a redirect URI.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is neither an absolute URI nor an application's own, such as `com.example.app:/back` (RFC
    /// 8252 section 7.1), has a fragment (RFC 6749 section 3.1.2), or is
    /// longer than 8 KiB. Where it is plain http to a host that is not this machine, because the code would travel in
    /// the clear. Also where its own query has a `code`, `cc`, `state`, `error`, `error_code`, `error_description` or
    /// `geolocation`, which would be in it twice when the user returns.
    pub fn new(uri: impl Into<String>) -> Result<Self, InputError> {
        let uri = uri.into();
        input::header_word(InputField::REDIRECT_URI, &uri)?;
        let malformed =
            |what| InputError::new(InputField::REDIRECT_URI, InputProblem::Malformed(what));
        if uri.contains('#') {
            return Err(malformed("has a fragment: leave it out"));
        }
        if !is_private_use(&uri) {
            let parsed: http::Uri = uri.parse().map_err(|_| malformed(NOT_ABSOLUTE))?;
            if parsed.scheme().is_none() || parsed.authority().is_none() {
                return Err(malformed(NOT_ABSOLUTE));
            }
            let (scheme, host) = (parsed.scheme_str(), parsed.host().unwrap_or_default());
            if scheme == Some("http") && !authority::is_loopback(host) {
                return Err(InputError::new(
                    InputField::REDIRECT_URI,
                    InputProblem::Insecure,
                ));
            }
        }
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        let is_concurs = |(name, _): (&str, &str)| CONCURS.contains(&name);
        if percent::pairs(query).any(is_concurs) {
            return Err(malformed(
                "has a name in its query that Concur puts there too: call it otherwise",
            ));
        }
        Ok(Self(uri))
    }

    /// Returns the URI as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether a URI has a scheme of an application's own, and a path alone: `com.example.app:/back` (RFC 8252 section
/// 7.1).
fn is_private_use(uri: &str) -> bool {
    let Some((scheme, path)) = uri.split_once(":/") else {
        return false;
    };
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    // A domain name, turned around: other schemes are everybody's.
    scheme.contains('.')
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme)
        && !path.starts_with('/')
}

const CONCURS: [&str; 7] = [
    "cc",
    "code",
    "error",
    "error_code",
    "error_description",
    "geolocation",
    "state",
];

const NOT_ABSOLUTE: &str = "is not absolute: write it as https://host/path";

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_uris_are_accepted() {
        for good in [
            "https://app.example/back",
            "https://app.example/back?session=1&a=b",
            "http://127.0.0.1:8080/",
            "http://localhost/back",
            "http://[::1]:8080/",
            "myapp://return",
            "com.example.app:/back?a=b",
        ] {
            assert_eq!(RedirectUri::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "/back",
            "app.example/back",
            "app.example",
            "https://",
            "https:///back",
            "http://app.example/back",
            "HTTP://app.example/back",
            "http://localhost.app.example/back",
            "http://127.0.0.1.app.example/back",
            "https://app.example/#part",
            "https://app.example/a b",
            "//app.example/back",
            "myapp:/back",
            "com.example.app:back",
            "com.example.app:/back?code=1",
            "1.app:/back",
            "http:/app.example/back",
            "https://app.example/back?a=b&state=mine",
            "https://app.example/back?code",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }
}
