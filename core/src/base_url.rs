//! Base URLs: where a user's data lives.

mod trust_domain;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::input::{InputError, InputField, InputProblem};
use crate::wire::authority;

pub(crate) use trust_domain::{NamedUrl, TrustDomain};

/// The base URL of a data center: scheme and host, and a port where it is not the default.
///
/// Concur calls it the instance URL or base URI. The first request for a user goes to the data center that
/// the application knows. The response names the user's own, and every later request for that user goes
/// there.
///
/// Only `https` is accepted, or `http` where the host is `localhost` or a loopback address literal.
/// User info, a path other than `/`, a query or a fragment are refused, because nothing that is
/// sent would carry them. Host names are compared without case, and the default port is dropped.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::BaseUrl;
///
/// let base_url: BaseUrl = "https://EU1.concursolutions.com/".parse()?;
/// assert_eq!(base_url, BaseUrl::EU_PRODUCTION);
/// assert_eq!(base_url.to_string(), "https://eu1.concursolutions.com");
///
/// assert!("http://eu1.concursolutions.com".parse::<BaseUrl>().is_err());
/// # Ok::<(), concur_oauth::InputError>(())
/// ```
///
/// (Concur's page: *Base URIs*.)
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    secure: bool,
    authority: Cow<'static, str>,
}

impl BaseUrl {
    /// US production, `https://www.concursolutions.com`.
    pub const US_PRODUCTION: Self = Self::https("www.concursolutions.com");

    /// EMEA production, `https://eu1.concursolutions.com`.
    pub const EU_PRODUCTION: Self = Self::https("eu1.concursolutions.com");

    /// US implementation, `https://implementation.concursolutions.com`.
    pub const US_IMPLEMENTATION: Self = Self::https("implementation.concursolutions.com");

    /// EMEA implementation, `https://eu1imp.concursolutions.com`.
    pub const EU_IMPLEMENTATION: Self = Self::https("eu1imp.concursolutions.com");

    pub(crate) const fn https(host: &'static str) -> Self {
        Self {
            secure: true,
            authority: Cow::Borrowed(host),
        }
    }

    /// Returns whether the scheme is https. Otherwise it is http to a loopback host.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.secure
    }

    /// Returns the host name or address in lower case, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        authority::without_brackets(self.split().0)
    }

    /// Returns the port: 443 or 80 where the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.split().1.unwrap_or(self.default_port())
    }

    /// Returns host and port as the `Host` header field carries them: no port where it is the default.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Returns host and port as a tunnel's request names them: with the port, whatever it is.
    pub(crate) fn host_and_port(&self) -> String {
        format!("{}:{}", self.split().0, self.port())
    }

    /// Returns whether a URI has this origin: the same scheme, host and port, and no user info.
    #[must_use]
    pub fn is_origin_of(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return false;
        };
        // Not `Authority::port_u16`, which takes a port out of range for none.
        let Ok((host, port)) = authority::split_port(authority.as_str()) else {
            return false;
        };
        scheme == self.scheme()
            && authority::is_same_host(host, self.split().0)
            && port.unwrap_or(self.default_port()) == self.port()
    }

    /// Checks that a connection to this address may carry a request for this base URL.
    ///
    /// Over https any address may, because TLS proves the server's identity. Over plain http only a
    /// loopback address may, whatever a name lookup returned for `localhost`.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the base URL is plain http and the address is not a loopback address.
    pub fn check_peer(&self, address: IpAddr) -> Result<(), InputError> {
        if self.secure || address.is_loopback() {
            Ok(())
        } else {
            Err(InputError::new(
                InputField::BASE_URL,
                InputProblem::Insecure,
            ))
        }
    }

    /// Returns the URI of a path at this base URL.
    pub(crate) fn uri(&self, path: PathAndQuery) -> Result<Uri, InputError> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme().clone());
        let authority = match &self.authority {
            Cow::Borrowed(authority) => Bytes::from_static(authority.as_bytes()),
            Cow::Owned(authority) => Bytes::copy_from_slice(authority.as_bytes()),
        };
        parts.authority = Authority::from_maybe_shared(authority).ok();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(|_| malformed("is not of the form https://host"))
    }

    /// Returns host and port. What was checked when it was parsed cannot fail to split.
    fn split(&self) -> (&str, Option<u16>) {
        authority::split_port(&self.authority).unwrap_or((&self.authority, None))
    }

    /// Returns whether the host is this machine: `localhost` or a loopback address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        authority::is_loopback(self.split().0)
    }

    const fn default_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }

    fn scheme(&self) -> &'static Scheme {
        if self.secure {
            &Scheme::HTTPS
        } else {
            &Scheme::HTTP
        }
    }
}

impl fmt::Display for BaseUrl {
    /// Writes the URL without a slash at the end, so that a path can follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

impl FromStr for BaseUrl {
    type Err = InputError;

    fn from_str(url: &str) -> Result<Self, InputError> {
        if url.is_empty() {
            return Err(InputError::new(InputField::BASE_URL, InputProblem::Empty));
        }
        let (secure, rest) = if let Some(rest) = authority::strip_scheme(url, "https://") {
            (true, rest)
        } else if let Some(rest) = authority::strip_scheme(url, "http://") {
            (false, rest)
        } else {
            return Err(malformed(
                "does not begin with https://: write it as https:// and the host",
            ));
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let bad = |what| malformed(explain(what, authority));
        let (host, port) = authority::split_port(authority).map_err(bad)?;
        let loopback = authority::check_host(host).map_err(bad)?;
        if !secure && !loopback {
            return Err(InputError::new(
                InputField::BASE_URL,
                InputProblem::Insecure,
            ));
        }
        let default_port = if secure { 443 } else { 80 };
        let port = port.filter(|port| *port != default_port);
        let authority = match (authority::address_of(host), port) {
            // One address has many spellings.
            (Some(address), Some(port)) => format!("[{address}]:{port}"),
            (Some(address), None) => format!("[{address}]"),
            (None, Some(_)) => authority.to_ascii_lowercase(),
            (None, None) => host.to_ascii_lowercase(),
        };
        Ok(Self {
            secure,
            authority: Cow::Owned(authority),
        })
    }
}

fn malformed(what: &'static str) -> InputError {
    InputError::new(InputField::BASE_URL, InputProblem::Malformed(what))
}

/// Names the part of a URL that is not wanted, where that is why it is no host.
#[cold]
fn explain(what: &'static str, authority: &str) -> &'static str {
    let extra = |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#' | b'@');
    match authority.bytes().find(extra) {
        Some(b'?') => "has a query: leave it out",
        Some(b'#') => "has a fragment: leave it out",
        Some(b'@') => "has a user name: leave it out",
        Some(_) => "has a path: give scheme and host only",
        None => what,
    }
}

#[cfg(test)]
mod tests;
