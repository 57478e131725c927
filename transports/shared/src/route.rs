//! Where a connection leads first, and which addresses are tried.

use std::io;
use std::net::SocketAddr;

use concur_oauth_core::{BaseUrl, Error, Proxy, Stage};

use crate::io_error;

/// More than any host has, and few enough to try one after another.
const MAX_ADDRESSES: usize = 16;

/// Where the connection for a base URL leads first: to its host, or to a proxy.
#[derive(Debug, Clone, Copy)]
pub struct Route<'a> {
    base_url: &'a BaseUrl,
    proxy: Option<&'a Proxy>,
}

impl<'a> Route<'a> {
    /// Creates the route to a base URL, with this proxy where that is asked to carry it.
    #[must_use]
    pub fn new(base_url: &'a BaseUrl, proxy: Option<&'a Proxy>) -> Self {
        let proxy = proxy.and_then(|proxy| proxy.for_base_url(base_url));
        Self { base_url, proxy }
    }

    /// Returns the proxy through which the route leads.
    #[must_use]
    pub fn proxy(&self) -> Option<&'a Proxy> {
        self.proxy
    }

    /// Returns the host to connect to, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.proxy.map_or(self.base_url.host(), Proxy::host)
    }

    /// Returns the port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.proxy.map_or(self.base_url.port(), Proxy::port)
    }

    /// Returns the stage of an error: all until a tunnel is open are of the proxy.
    #[must_use]
    pub fn stage(&self, direct: Stage) -> Stage {
        self.proxy.map_or(direct, |_| Stage::Proxy)
    }

    /// Adds to an error which proxy it was.
    #[must_use]
    pub fn attribute(&self, error: Error) -> Error {
        match self.proxy {
            Some(proxy) => proxy.attribute(error),
            None => error,
        }
    }

    /// Names a failure on the way to the host, or to the open tunnel.
    #[must_use]
    pub fn error(&self, direct: Stage, error: io::Error) -> Error {
        self.attribute(io_error(self.stage(direct), error))
    }

    /// Returns the addresses to try, in the resolver's order: those that [`BaseUrl::check_peer`] accepts, or any of the
    /// proxy's, and no more than 16.
    ///
    /// With each comes how many are left, itself included. An even share of the time for each leaves some
    /// for the next where one never responds.
    ///
    /// # Errors
    ///
    /// [`Error`] where there is none.
    pub fn candidates(
        &self,
        resolved: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<(SocketAddr, u32)>, Error> {
        let mut why = self.error(Stage::Lookup, io::Error::other("the host has no address"));
        let mut addresses = Vec::new();
        for address in resolved.take(MAX_ADDRESSES) {
            match self.base_url.check_peer(address.ip()) {
                Ok(()) => addresses.push(address),
                Err(error) => why = error.into(),
            }
        }
        if addresses.is_empty() {
            return Err(why);
        }
        let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        Ok(addresses.into_iter().zip((1..=count).rev()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, addresses: &[&str]) -> Result<Vec<(SocketAddr, u32)>, Error> {
        let base_url = url.parse().unwrap();
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        Route::new(&base_url, None).candidates(addresses)
    }

    #[test]
    fn plain_http_goes_to_loopback_addresses_only() {
        let here = "127.0.0.1:80".parse().unwrap();
        let found = of("http://localhost", &["192.0.2.1:80", "127.0.0.1:80"]).unwrap();
        assert_eq!(found, [(here, 1)]);
        let error = of("http://localhost", &["192.0.2.1:80"]).unwrap_err();
        assert!(matches!(error, Error::Input(_)), "{error:?}");
    }

    #[test]
    fn each_address_gets_a_share_and_none_is_an_error() {
        let found = of("https://host", &["192.0.2.1:443"; 40]).unwrap();
        let shares: Vec<_> = found.iter().map(|(_, share)| *share).collect();
        assert_eq!(shares, (1..=16).rev().collect::<Vec<_>>());
        let error = of("https://host", &[]).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Unreachable {
                    stage: Stage::Lookup,
                    ..
                }
            ),
            "{error:?}"
        );
    }
}
