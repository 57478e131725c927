//! Which addresses are tried.

use std::net::SocketAddr;

use concur_oauth_core::{BaseUrl, Error, Stage};

/// More than any host has, and few enough to try one after another.
const MAX_ADDRESSES: usize = 16;

/// Returns the addresses to try for a base URL, in the resolver's order: those that
/// [`BaseUrl::check_peer`] accepts, and no more than 16.
///
/// With each comes how many are left, itself included. An even share of the time for each leaves some
/// for the next where one never responds.
///
/// # Errors
///
/// [`Error`] where there is none.
pub fn candidates(
    base_url: &BaseUrl,
    resolved: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<(SocketAddr, u32)>, Error> {
    let mut why = Error::interrupted(Stage::Lookup, "the host has no address");
    let mut addresses = Vec::new();
    for address in resolved.take(MAX_ADDRESSES) {
        match base_url.check_peer(address.ip()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, addresses: &[&str]) -> Result<Vec<(SocketAddr, u32)>, Error> {
        let base_url = url.parse().unwrap();
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        candidates(&base_url, addresses)
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
