//! Which hosts a response may name.
//!
//! A response that came over a verified connection can name another host for its user. Secrets go there from
//! then on, so one altered response could send them anywhere for ever. A named host is believed only inside
//! the trust domain of the host that was asked.

use super::BaseUrl;
use crate::input::{InputError, InputField, InputProblem};

/// The host names of one of Concur's services: everything under these suffixes, with a label before
/// them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrustDomain(&'static [&'static str]);

/// A URL that a response names for its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedUrl {
    /// Inside the trust domain. Path and slash are cut.
    Trusted(BaseUrl),
    /// Outside of it. `None` for plain http to a host that is not this machine.
    Foreign(Option<BaseUrl>),
    /// No URL of the form that is needed.
    Malformed,
}

impl TrustDomain {
    /// The service under `/net2/oauth2` and `/api/v3.x`.
    pub(crate) const NET2: Self = Self(&["concursolutions.com", "concurcdc.cn"]);

    /// The service under `/oauth2/v0` and `/app-mgmt`.
    pub(crate) const V0: Self = Self(&["api.concursolutions.com", "api.concurcdc.cn"]);

    /// Reads a URL that the response to a request to `asked` names. Only scheme, host and port are kept.
    pub(crate) fn read(self, asked: &BaseUrl, text: &str) -> NamedUrl {
        let Some(origin) = origin_of(text) else {
            return NamedUrl::Malformed;
        };
        // Most responses name the host that was asked.
        if asked.is_https() && origin.strip_prefix("https://") == Some(asked.authority()) {
            return NamedUrl::Trusted(asked.clone());
        }
        match origin.parse::<BaseUrl>() {
            Ok(named) if self.trusts(asked, &named) => NamedUrl::Trusted(named),
            Ok(named) => NamedUrl::Foreign(Some(named)),
            Err(error) if error.problem() == InputProblem::Insecure => NamedUrl::Foreign(None),
            Err(_) => NamedUrl::Malformed,
        }
    }

    /// Returns whether a response from `asked` may name this base URL.
    pub(crate) fn trusts(self, asked: &BaseUrl, named: &BaseUrl) -> bool {
        if asked == named {
            return true;
        }
        if asked.is_loopback() {
            return named.is_loopback() && (named.is_https() || !asked.is_https());
        }
        // A port would be part of the authority, no address literal ends so, and no host begins with a dot.
        let is_under = |url: &BaseUrl, suffix: &str| {
            let label = url.authority().strip_suffix(suffix);
            url.is_https() && label.is_some_and(|label| label.ends_with('.'))
        };
        self.0
            .iter()
            .any(|suffix| is_under(asked, suffix) && is_under(named, suffix))
    }
}

impl BaseUrl {
    /// Checks that it is no host of Concur's that speaks `net2` alone.
    pub(crate) fn check_v0(&self) -> Result<(), InputError> {
        let host = self.host();
        let is_under = |domain| {
            let label = host.strip_suffix(domain);
            label.is_some_and(|label| label.ends_with('.'))
        };
        let is_concurs = host == "concursolutions.com" || is_under("concursolutions.com");
        if is_concurs && !is_under("api.concursolutions.com") {
            let problem = InputProblem::Malformed(
                "is a host of the older service: name one under api.concursolutions.com, such as \
                 https://us2.api.concursolutions.com or https://eu2.api.concursolutions.com",
            );
            return Err(InputError::new(InputField::BASE_URL, problem));
        }
        Ok(())
    }

    /// Reads a URL of which only scheme, host and port count. `None` where it is none that could be used.
    pub(crate) fn parse_origin(text: &str) -> Option<Self> {
        origin_of(text)?.parse().ok()
    }
}

/// Cuts a URL after its authority. `None` where it has no scheme.
fn origin_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once(':')?;
    let authority = rest.strip_prefix("//")?;
    let path = authority.trim_start_matches(|c| c != '/');
    url.strip_suffix(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(asked: &str, text: &str) -> NamedUrl {
        TrustDomain::NET2.read(&asked.parse().unwrap(), text)
    }

    fn trusted(asked: &str, text: &str) -> Option<String> {
        match read(asked, text) {
            NamedUrl::Trusted(url) => Some(url.to_string()),
            _ => None,
        }
    }

    #[test]
    fn hosts_that_speak_net2_alone_are_known() {
        for (url, is_of_v0) in [
            ("https://www.concursolutions.com", false),
            ("https://eu1imp.concursolutions.com", false),
            ("https://concursolutions.com", false),
            ("https://api.concursolutions.com", false),
            ("https://us2.api.concursolutions.com", true),
            ("https://www-glz.api.concursolutions.com", true),
            ("https://notconcursolutions.com", true),
            ("https://concur.example", true),
            ("http://localhost", true),
        ] {
            let base_url: BaseUrl = url.parse().unwrap();
            assert_eq!(base_url.check_v0().is_ok(), is_of_v0, "{url}");
        }
    }

    #[test]
    fn hosts_under_the_domain_are_trusted_without_their_path() {
        let asked = "https://www.concursolutions.com";
        for (text, url) in [
            ("https://www.concursolutions.com/", asked),
            (
                "https://eu1.concursolutions.com",
                "https://eu1.concursolutions.com",
            ),
            (
                "https://www.ea1.concursolutions.com/a/b?c",
                "https://www.ea1.concursolutions.com",
            ),
            (
                "HTTPS://US2.API.ConcurSolutions.com:443//",
                "https://us2.api.concursolutions.com",
            ),
        ] {
            assert_eq!(trusted(asked, text).as_deref(), Some(url), "{text}");
        }
        let china = "https://www.concurcdc.cn";
        assert!(trusted(china, "https://cn1.concurcdc.cn/").is_some());
        assert_eq!(trusted(china, asked), None);
    }

    #[test]
    fn anything_else_is_foreign_or_malformed() {
        let asked = "https://www.concursolutions.com";
        for text in [
            "https://evil.example/",
            "https://concursolutions.com/",
            "https://evilconcursolutions.com/",
            "https://www.concursolutions.com.evil.example/",
            "https://www.concursolutions.com:8443/",
            "https://127.0.0.1/",
            "https://192.0.2.1/",
            "https://[::1]/",
            "https://localhost/",
            "http://localhost:8080/",
            "https://www.concurcdc.cn/",
        ] {
            assert!(
                matches!(read(asked, text), NamedUrl::Foreign(Some(_))),
                "{text}"
            );
        }
        for text in ["http://www.concursolutions.com/", "http://evil.example"] {
            assert_eq!(read(asked, text), NamedUrl::Foreign(None), "{text}");
        }
        for text in [
            "",
            "nonsense",
            "www.concursolutions.com",
            "/path",
            "https://",
            "https://.concursolutions.com/",
            "https://www.concursolutions.com@evil.example/",
            "https://me:secret@www.concursolutions.com/",
            "https://www.concursolutions.com\\@evil.example/",
            "https://www.concursolutions.com?@evil.example/",
            "https://www.concursolutions.com#@evil.example/",
            "ftp://www.concursolutions.com/",
        ] {
            assert_eq!(read(asked, text), NamedUrl::Malformed, "{text}");
        }
    }

    #[test]
    fn loopback_trusts_loopback_and_https_never_becomes_http() {
        for (asked, text, expected) in [
            ("https://localhost:1", "https://127.0.0.1:2/", true),
            ("https://127.0.0.1:1", "https://[::1]/", true),
            ("https://localhost:1", "http://localhost:1/", false),
            ("http://localhost:1", "http://127.0.0.1:2/", true),
            ("http://localhost:1", "https://localhost:3/", true),
            (
                "http://localhost:1",
                "https://www.concursolutions.com/",
                false,
            ),
        ] {
            assert_eq!(trusted(asked, text).is_some(), expected, "{asked} {text}");
        }
    }

    #[test]
    fn a_host_outside_every_domain_trusts_its_own_origin_alone() {
        let asked = "https://proxy.example:8443";
        assert!(trusted(asked, "https://proxy.example:8443/concur").is_some());
        for text in [
            "https://proxy.example/",
            "https://other.example:8443/",
            "https://www.concursolutions.com/",
            "https://a.proxy.example:8443/",
        ] {
            assert_eq!(trusted(asked, text), None, "{text}");
        }
        // The domain itself has no label before it.
        let bare = "https://concursolutions.com";
        assert_eq!(trusted(bare, "https://eu1.concursolutions.com"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_trusted_is_under_the_domain(
            text in prop_oneof![any::<String>(), "https?://[a-z.@:/?#\\\\0-9-]{0,20}(concursolutions.com)?[/:@.?a-z0-9]{0,8}"]
        ) {
            if let NamedUrl::Trusted(url) = read("https://www.concursolutions.com", &text) {
                prop_assert!(url.is_https());
                prop_assert!(url.host().ends_with(".concursolutions.com"));
                prop_assert_eq!(url.port(), 443);
            }
        }
    }
}
