//! Where a user's data lives.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::input::{Field, InputError, Problem};

/// The data centre that a request goes to: scheme and host, and a port where it is not the default.
///
/// Concur calls it the instance URL or base URI. The first call of a user goes to the one that the
/// application knows (the [default](InstanceUrl::default) is US production); the answer names the
/// user's own, and every later call goes there.
///
/// Only `https` is accepted, or `http` where the host is `localhost` or a loopback address literal.
/// User info, a path other than `/`, a query or a fragment are refused, because nothing that is
/// sent would carry them. Host names are compared without case, and the default port is dropped.
///
/// ```
/// # use concur_oauth_core::InstanceUrl;
/// let instance: InstanceUrl = "https://EU1.concursolutions.com/".parse()?;
/// assert_eq!(instance, InstanceUrl::eu_production());
/// assert_eq!(instance.to_string(), "https://eu1.concursolutions.com");
///
/// assert!("http://eu1.concursolutions.com".parse::<InstanceUrl>().is_err());
/// # Ok::<(), concur_oauth_core::InputError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct InstanceUrl {
    secure: bool,
    authority: Cow<'static, str>,
}

impl InstanceUrl {
    /// US production, `https://www.concursolutions.com`: the default.
    #[must_use]
    pub const fn us_production() -> Self {
        Self::https("www.concursolutions.com")
    }

    /// EMEA production, `https://eu1.concursolutions.com`.
    #[must_use]
    pub const fn eu_production() -> Self {
        Self::https("eu1.concursolutions.com")
    }

    /// US implementation, `https://implementation.concursolutions.com`.
    #[must_use]
    pub const fn us_implementation() -> Self {
        Self::https("implementation.concursolutions.com")
    }

    /// EMEA implementation, `https://eu1imp.concursolutions.com`.
    #[must_use]
    pub const fn eu_implementation() -> Self {
        Self::https("eu1imp.concursolutions.com")
    }

    const fn https(host: &'static str) -> Self {
        Self {
            secure: true,
            authority: Cow::Borrowed(host),
        }
    }

    /// Whether the scheme is https. If not, it is http to this machine.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.secure
    }

    /// The host name or address, in lower case; an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        without_brackets(self.split().0)
    }

    /// The port: 443 or 80 where the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.split().1.unwrap_or(self.default_port())
    }

    /// Host and port as the `Host` header carries them: no port where it is the default.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Whether a request with this URI goes to this instance: same scheme, host and port, and no
    /// user info.
    #[must_use]
    pub fn is_origin_of(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return false;
        };
        // Not `Authority::port_u16`, which takes a port out of range for none.
        let Ok((host, port)) = split_port(authority.as_str()) else {
            return false;
        };
        scheme == self.scheme()
            && is_same_host(host, self.split().0)
            && port.unwrap_or(self.default_port()) == self.port()
    }

    /// Refuses a connection to this address where it must not carry what is meant for this
    /// instance.
    ///
    /// Over https any address may, because TLS proves who answers. Over plain http only a loopback
    /// address may, whatever a name lookup said of `localhost`.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the instance is plain http and the address is not of this machine.
    pub fn check_peer(&self, address: IpAddr) -> Result<(), InputError> {
        if self.secure || address.is_loopback() {
            Ok(())
        } else {
            Err(InputError::new(Field::InstanceUrl, Problem::Insecure))
        }
    }

    /// The URI of a path on this instance.
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

    /// Host and port. What was checked when it was parsed cannot fail to split.
    fn split(&self) -> (&str, Option<u16>) {
        split_port(&self.authority).unwrap_or((&self.authority, None))
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

impl Default for InstanceUrl {
    /// US production, as Concur's documentation has it.
    fn default() -> Self {
        Self::us_production()
    }
}

impl fmt::Display for InstanceUrl {
    /// Without a slash at the end, so that a path can follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.authority)
    }
}

impl fmt::Debug for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceUrl({self})")
    }
}

impl FromStr for InstanceUrl {
    type Err = InputError;

    fn from_str(url: &str) -> Result<Self, InputError> {
        if url.is_empty() {
            return Err(InputError::new(Field::InstanceUrl, Problem::Empty));
        }
        let (secure, rest) = if let Some(rest) = strip_scheme(url, "https://") {
            (true, rest)
        } else if let Some(rest) = strip_scheme(url, "http://") {
            (false, rest)
        } else {
            return Err(malformed(
                "does not begin with https://: write it as https://www.concursolutions.com",
            ));
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(authority).map_err(|error| explain(error, authority))?;
        let loopback = check_host(host).map_err(|error| explain(error, authority))?;
        if !secure && !loopback {
            return Err(InputError::new(Field::InstanceUrl, Problem::Insecure));
        }
        let default_port = if secure { 443 } else { 80 };
        let port = port.filter(|port| *port != default_port);
        let authority = match (address_of(host), port) {
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
    InputError::new(Field::InstanceUrl, Problem::Malformed(what))
}

/// Most that cannot be part of a host is a part of a URL that is not wanted: then says so.
#[cold]
fn explain(error: InputError, authority: &str) -> InputError {
    let extra = |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#' | b'@');
    match authority.bytes().find(extra) {
        Some(b'?') => malformed("has a query: leave it out"),
        Some(b'#') => malformed("has a fragment: leave it out"),
        Some(b'@') => malformed("has a user name: leave it out"),
        Some(_) => malformed("has a path: give scheme and host only"),
        None => error,
    }
}

fn strip_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host)
}

/// The address of an IPv6 literal in its brackets.
fn address_of(host: &str) -> Option<Ipv6Addr> {
    let literal = host.strip_prefix('[')?.strip_suffix(']')?;
    literal.parse().ok()
}

fn is_same_host(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || address_of(one).is_some_and(|address| Some(address) == address_of(other))
}

/// Splits `host[:port]`. A port with leading zeros or a sign is as bad as one out of range.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), InputError> {
    let colon = if authority.starts_with('[') {
        authority.rfind("]:").and_then(|at| at.checked_add(1))
    } else {
        authority.find(':')
    };
    let Some((host, port)) = colon.and_then(|at| authority.split_at_checked(at)) else {
        return Ok((authority, None));
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let well_formed = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if well_formed => Ok((host, Some(port))),
        _ => Err(malformed("has a port that is not a number from 1 to 65535")),
    }
}

/// Checks a host, and says whether it names this machine.
fn check_host(host: &str) -> Result<bool, InputError> {
    let bad = || malformed("has a host that is not a host name or an address");
    if host.starts_with('[') {
        return Ok(address_of(host).ok_or_else(bad)?.is_loopback());
    }
    // A name that ends in a number is an address. In a spelling of its own (`127.1`, `0x7f.1`),
    // which resolvers read differently, it is refused: only the ordinary one is accepted.
    let last = host.rsplit('.').next().unwrap_or(host);
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        let address: Ipv4Addr = host.parse().map_err(|_| bad())?;
        return Ok(address.is_loopback());
    }
    if !is_host_name(host.as_bytes()) {
        return Err(bad());
    }
    Ok(host.eq_ignore_ascii_case("localhost"))
}

/// Letters, digits, `-` and `_` in labels of 1 to 63 that neither begin nor end with `-`.
fn is_host_name(host: &[u8]) -> bool {
    let label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.len() <= 253 && host.split(|byte| *byte == b'.').all(label)
}

#[cfg(test)]
mod tests;
