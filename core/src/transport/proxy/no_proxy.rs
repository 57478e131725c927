//! The hosts that are reached without the proxy: `no_proxy`.

use std::net::IpAddr;

use crate::wire::authority;

/// What ends an entry, besides the comma.
const BLANKS: [char; 2] = [' ', '\t'];

/// A list of hosts, as `no_proxy` has it.
#[derive(Debug, Clone, Default)]
pub(super) struct NoProxy(Box<str>);

impl NoProxy {
    pub(super) fn new(list: &str) -> Self {
        Self(list.into())
    }

    /// Returns whether the list names this host, an IPv6 address without its brackets, or a domain or network that it
    /// is in.
    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let address = host.parse().ok();
        let is_named = |entry: &str| {
            let (name, only) = authority::split_port(entry).unwrap_or((entry, None));
            if only.is_some_and(|only| only != port) {
                return false;
            }
            match (address, only) {
                (None, _) => is_in_domain(host, name),
                (Some(address), None) => is_in_network(address, name).unwrap_or(false),
                (Some(address), Some(_)) => {
                    let network = authority::without_brackets(name);
                    is_in_network(address, network).unwrap_or(false)
                }
            }
        };
        &*self.0 == "*" || entries(&self.0).any(is_named)
    }
}

/// Returns the entries up to one that a blank, and no comma, divides from the next: curl reads no further.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(list);
    std::iter::from_fn(move || {
        let text = rest?.trim_start_matches(BLANKS);
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        let (entry, after) = text.split_at_checked(end)?;
        rest = after.trim_start_matches(BLANKS).strip_prefix(',');
        Some(entry)
    })
}

/// Returns whether a host has this name, or is under it. A dot or `*.` before the name changes nothing, nor does a dot
/// after it.
fn is_in_domain(host: &str, name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let wildcard = name.strip_prefix('*').filter(|rest| rest.starts_with('.'));
    let name = wildcard.unwrap_or(name);
    let name = name.strip_prefix('.').unwrap_or(name);
    let split = host.len().checked_sub(name.len());
    let Some((before, end)) = split.and_then(|at| host.split_at_checked(at)) else {
        return false;
    };
    !name.is_empty()
        && end.eq_ignore_ascii_case(name)
        && (before.is_empty() || before.ends_with('.'))
}

/// Returns whether an address is in a network, `address[/bits]`. `None` where that is no network, or one of the
/// other family. As in curl, no bits at all are the same as all.
fn is_in_network(address: IpAddr, network: &str) -> Option<bool> {
    let (network, bits) = match network.split_once('/') {
        Some((network, bits)) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
            (network, bits.parse().ok()?)
        }
        Some(_) => return None,
        None => (network, 0),
    };
    let (size, difference) = match (address, network.parse().ok()?) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (32_u32, u128::from(address.to_bits() ^ network.to_bits()))
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (128, address.to_bits() ^ network.to_bits()),
        _ => return None,
    };
    let ignored = if bits == 0 {
        0
    } else {
        size.checked_sub(bits)?
    };
    Some(difference.checked_shr(ignored)? == 0)
}
