//! Reading a proxy's URL. No error shows anything of it.

use http::HeaderValue;

use super::{NoProxy, Proxy};
use crate::credentials::Credentials;
use crate::input::{self, InputError, InputField, InputProblem};
use crate::wire::authority;
use crate::wire::percent::{self, Plus};

/// Reads `[http://|https://][user[:password]@]host[:port][/]`. `field` is what an error names.
pub(super) fn parse(field: InputField, url: &str) -> Result<Proxy, InputError> {
    input::text(field, url)?;
    let malformed = |what| InputError::new(field, InputProblem::Malformed(what));
    if url.contains(char::is_whitespace) {
        return Err(malformed(
            "contains white space: take it out, or write %20 in a password",
        ));
    }
    if url.starts_with(['"', '\'']) {
        return Err(malformed("begins with a quotation mark: leave it out"));
    }
    let (is_https, rest) = split_scheme(url).map_err(malformed)?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    check_delimiters(rest).map_err(malformed)?;
    let (user_info, authority) = match rest.rsplit_once('@') {
        Some((user_info, authority)) => (Some(user_info), authority),
        None => (None, rest),
    };
    if !authority.starts_with('[') && authority.matches(':').count() > 1 {
        return Err(malformed(
            "has more than one colon after its scheme: write an IPv6 address in brackets",
        ));
    }
    let (host, port) = authority::split_port(authority).map_err(malformed)?;
    // A name that ends with a dot is written out in full.
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_scheme = |scheme: &str| host.eq_ignore_ascii_case(scheme) && !url.contains("://");
    if host.is_empty() || is_scheme("http") || is_scheme("https") {
        return Err(malformed("has no host: write it as http://host:port"));
    }
    authority::check_host(host).map_err(malformed)?;
    Ok(Proxy {
        is_https,
        host: host.to_ascii_lowercase(),
        port: port.unwrap_or(if is_https { 443 } else { 80 }),
        authorization: user_info
            .map(|user_info| authorization(field, user_info))
            .transpose()?,
        variable: None,
        exceptions: NoProxy::default(),
    })
}

/// Splits the scheme off, and returns whether it is https. Without one it is http.
fn split_scheme(url: &str) -> Result<(bool, &str), &'static str> {
    if let Some(rest) = authority::strip_scheme(url, "https://") {
        return Ok((true, rest));
    }
    if let Some(rest) = authority::strip_scheme(url, "http://") {
        return Ok((false, rest));
    }
    let is_scheme = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    match url.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => {
            Err("has a scheme other than http and https: no other kind of proxy is supported")
        }
        _ => Ok((false, url)),
    }
}

/// Refuses what ends the authority of a URL. A password can contain it, and would be cut there.
fn check_delimiters(rest: &str) -> Result<(), &'static str> {
    match rest.bytes().find(|byte| b"/?#".contains(byte)) {
        Some(b'/') if !rest.contains('@') => Err("has a path: write it as http://host:port"),
        Some(b'/') => {
            Err("has a path, or a raw / in its password: leave the path out, write / as %2F")
        }
        Some(b'?') => {
            Err("has a query, or a raw ? in its password: leave the query out, write ? as %3F")
        }
        Some(_) => Err(
            "has a fragment, or a raw # in its password: leave the fragment out, write # as %23",
        ),
        None if rest.matches('@').count() > 1 => {
            Err("has a raw @ in its user name or password: write it as %40")
        }
        None => Ok(()),
    }
}

/// Returns the `Proxy-Authorization` of `user[:password]`, both percent-encoded.
fn authorization(field: InputField, user_info: &str) -> Result<HeaderValue, InputError> {
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    let malformed = |what| InputError::new(field, InputProblem::Malformed(what));
    let decode = |value| {
        let broken = "has a percent-escape that is broken or not UTF-8 in its user name or password: write % as %25";
        percent::decode(value, Plus::Plus).ok_or_else(|| malformed(broken))
    };
    let (mut user, mut password) = (decode(user)?, decode(password)?);
    if user.is_empty() {
        return Err(malformed(
            "has an empty user name: give one, or leave out what is before the @",
        ));
    }
    if user.contains(':') {
        return Err(malformed(
            "has a colon in its user name, which HTTP Basic cannot carry",
        ));
    }
    Credentials::join(
        (field, std::mem::take(&mut *user)),
        (field, std::mem::take(&mut *password)),
    )?
    .into_authorization()
}
