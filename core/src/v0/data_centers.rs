//! The data centers of `v0`.

use crate::base_url::BaseUrl;

/// The data centers of [`v0`](crate::v0). (Concur's page: *Base URIs*.)
///
/// A server calls the hosts without `www-`. They ask the client for a certificate, which a browser shows the user a
/// dialog for, so browsers are sent to the hosts with `www-`: [`WebFlow`](crate::v0::WebFlow) does so by itself.
impl BaseUrl {
    /// North America, `https://us2.api.concursolutions.com`.
    pub const US2: Self = Self::https("us2.api.concursolutions.com");

    /// Europe, `https://eu2.api.concursolutions.com`.
    pub const EU2: Self = Self::https("eu2.api.concursolutions.com");

    /// Asia and the Pacific, `https://apj1.api.concursolutions.com`.
    pub const APJ1: Self = Self::https("apj1.api.concursolutions.com");

    /// The government of the United States, `https://usg.api.concursolutions.com`.
    pub const USG: Self = Self::https("usg.api.concursolutions.com");

    /// The Global Landing Zone, `https://glz.api.concursolutions.com`: for a code or a request token, whose user can live
    /// anywhere.
    pub const GLZ: Self = Self::https("glz.api.concursolutions.com");

    /// Implementation, US, `https://us-impl.api.concursolutions.com`.
    pub const US_IMPL: Self = Self::https("us-impl.api.concursolutions.com");

    /// Implementation, EMEA, `https://emea-impl.api.concursolutions.com`.
    pub const EMEA_IMPL: Self = Self::https("emea-impl.api.concursolutions.com");

    /// For browsers: `https://www-us2.api.concursolutions.com`.
    pub const WWW_US2: Self = Self::https("www-us2.api.concursolutions.com");

    /// For browsers: `https://www-eu2.api.concursolutions.com`.
    pub const WWW_EU2: Self = Self::https("www-eu2.api.concursolutions.com");

    /// For browsers: `https://www-apj1.api.concursolutions.com`.
    pub const WWW_APJ1: Self = Self::https("www-apj1.api.concursolutions.com");

    /// For browsers: `https://www-usg.api.concursolutions.com`.
    pub const WWW_USG: Self = Self::https("www-usg.api.concursolutions.com");

    /// For browsers: `https://www-glz.api.concursolutions.com`.
    pub const WWW_GLZ: Self = Self::https("www-glz.api.concursolutions.com");

    /// For browsers: `https://www-us-impl.api.concursolutions.com`.
    pub const WWW_US_IMPL: Self = Self::https("www-us-impl.api.concursolutions.com");

    /// For browsers: `https://www-emea-impl.api.concursolutions.com`.
    pub const WWW_EMEA_IMPL: Self = Self::https("www-emea-impl.api.concursolutions.com");
}

/// Where a grant goes whose user can live anywhere.
pub(crate) static GLZ: BaseUrl = BaseUrl::GLZ;

const DOMAIN: &str = ".api.concursolutions.com";

/// Returns the host for browsers of the data center with this base URL. A host that is not Concur's stays as it is.
pub(super) fn for_browser(base_url: &BaseUrl) -> BaseUrl {
    let authority = base_url.authority();
    if !base_url.is_https() || authority.starts_with("www-") || !authority.ends_with(DOMAIN) {
        return base_url.clone();
    }
    let url = format!("https://www-{authority}");
    url.parse().unwrap_or_else(|_| base_url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_sent_to_hosts_that_ask_for_no_certificate() {
        for (base_url, browser) in [
            (BaseUrl::US2, BaseUrl::WWW_US2),
            (BaseUrl::EU2, BaseUrl::WWW_EU2),
            (BaseUrl::APJ1, BaseUrl::WWW_APJ1),
            (BaseUrl::USG, BaseUrl::WWW_USG),
            (BaseUrl::GLZ, BaseUrl::WWW_GLZ),
            (BaseUrl::US_IMPL, BaseUrl::WWW_US_IMPL),
            (BaseUrl::EMEA_IMPL, BaseUrl::WWW_EMEA_IMPL),
            (BaseUrl::WWW_GLZ, BaseUrl::WWW_GLZ),
        ] {
            assert_eq!(for_browser(&base_url), browser);
        }
        for other in [
            "http://localhost:8080",
            "https://127.0.0.1",
            "https://concur.example",
            "https://us2.api.concursolutions.com:8443",
        ] {
            let other: BaseUrl = other.parse().unwrap();
            assert_eq!(for_browser(&other), other);
        }
    }
}
