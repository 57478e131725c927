//! The authority of a URL: host and port.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Returns what follows a scheme, which is compared without case.
pub(crate) fn strip_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Returns a host without the brackets of an IPv6 literal.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host)
}

/// Returns the address of an IPv6 literal in its brackets.
pub(crate) fn address_of(host: &str) -> Option<Ipv6Addr> {
    let literal = host.strip_prefix('[')?.strip_suffix(']')?;
    literal.parse().ok()
}

/// Returns whether two hosts are the same name, or the same IPv6 address.
pub(crate) fn is_same_host(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || address_of(one).is_some_and(|address| Some(address) == address_of(other))
}

/// Splits `host[:port]`. A port with leading zeros or a sign is refused, as is one out of range.
pub(crate) fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
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
        _ => Err("has a port that is not a number from 1 to 65535"),
    }
}

/// Returns whether a host of a URI is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    check_host(host) == Ok(true)
}

/// Checks a host, and returns whether it is a loopback host.
pub(crate) fn check_host(host: &str) -> Result<bool, &'static str> {
    const BAD: &str = "has a host that is not a host name or an address";
    if host.starts_with('[') {
        return Ok(address_of(host).ok_or(BAD)?.is_loopback());
    }
    // A name that ends in a number is an address. Resolvers read unusual spellings (`127.1`, `0x7f.1`)
    // differently, so only the ordinary spelling is accepted.
    let last = host.rsplit('.').next().unwrap_or(host);
    if is_number(last) {
        let address: Ipv4Addr = host.parse().map_err(|_| BAD)?;
        return Ok(address.is_loopback());
    }
    if !is_host_name(host.as_bytes()) {
        return Err(BAD);
    }
    Ok(host.eq_ignore_ascii_case("localhost"))
}

/// Returns whether a label is a decimal or hexadecimal number, as some resolvers read one.
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Returns whether a host consists of labels of 1 to 63 letters, digits, `-` and `_` that neither begin nor
/// end with `-`.
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
