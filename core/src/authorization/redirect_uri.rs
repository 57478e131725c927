//! The redirect URI.

use std::fmt;

use crate::base_url;
use crate::input::{self, InputError, InputField, InputProblem};
use crate::wire::percent;

/// The redirect URI: where the user's browser returns to. It may have a query of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Creates a redirect URI.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is not an absolute URI, has a fragment (RFC 6749 section 3.1.2), or is
    /// longer than 8 KiB. Where it is plain http to a host that is not this machine, because the code would travel in
    /// the clear. Also where its own query has a `code`, `state`, `error` or `error_description`, which
    /// would be in it twice when the user returns.
    pub fn new(uri: impl Into<String>) -> Result<Self, InputError> {
        let uri = uri.into();
        input::header_word(InputField::REDIRECT_URI, &uri)?;
        let malformed =
            |what| InputError::new(InputField::REDIRECT_URI, InputProblem::Malformed(what));
        if uri.contains('#') {
            return Err(malformed("has a fragment: leave it out"));
        }
        let parsed: http::Uri = uri.parse().map_err(|_| malformed(NOT_ABSOLUTE))?;
        if parsed.scheme().is_none() || parsed.authority().is_none() {
            return Err(malformed(NOT_ABSOLUTE));
        }
        let (scheme, host) = (parsed.scheme_str(), parsed.host().unwrap_or_default());
        if scheme == Some("http") && !base_url::is_loopback(host) {
            return Err(InputError::new(
                InputField::REDIRECT_URI,
                InputProblem::Insecure,
            ));
        }
        let mut own = percent::pairs(parsed.query().unwrap_or_default());
        if own.any(|(name, _)| CONCURS.contains(&name)) {
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

const CONCURS: [&str; 4] = ["code", "error", "error_description", "state"];

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
            "https://app.example/back?a=b&state=mine",
            "https://app.example/back?code",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }
}
