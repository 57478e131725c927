//! Proxies: which exchanges go through one, and the tunnel there.
//!
//! A proxy carries https in a tunnel (RFC 9110 section 9.3.6): the transport connects to the proxy, sends a CONNECT
//! request, and after a 2xx speaks TLS with Concur over the same connection. The proxy sees the host's name and
//! encrypted bytes.
//!
//! The rules are those of curl, because other programs on the same machine follow them. [Behind a
//! proxy](crate::guide::behind_a_proxy) explains them to users, with what differs.
//!
//! # Examples
//!
//! Which proxy, by the variables of an environment. This crate reads none: the caller does, once.
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use concur_oauth::{BaseUrl, Proxy};
//!
//! # let environment = [("HTTPS_PROXY", "http://jo:secret@proxy.example:3128"), ("no_proxy", "concursolutions.com")];
//! # let var_os = |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
//! # /*
//! let proxy = Proxy::from_vars(|name| std::env::var_os(name))?;
//! # */
//! # let proxy = Proxy::from_vars(var_os)?;
//! let proxy = proxy.expect("HTTPS_PROXY is set");
//! assert_eq!(proxy.to_string(), "http://proxy.example:3128 (from HTTPS_PROXY)");
//!
//! let chinese = "https://www.concurcdc.cn".parse()?;
//! assert!(proxy.for_base_url(&chinese).is_some());
//! assert!(proxy.for_base_url(&BaseUrl::US_PRODUCTION).is_none()); // no_proxy names its domain
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A tunnel, over a connection to the proxy that is open. (Its reads and writes need a deadline, which is the
//! connection's.)
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use std::io::{Read, Write};
//!
//! use concur_oauth::http1::Limits;
//! use concur_oauth::transport::proxy::Tunnel;
//! use concur_oauth::transport::user_agent;
//! use concur_oauth::{BaseUrl, Error, Proxy, Stage};
//!
//! fn open_tunnel(
//!     connection: &mut (impl Read + Write),
//!     proxy: &Proxy,
//!     base_url: &BaseUrl,
//! ) -> Result<(), Error> {
//!     let failed = |error| proxy.attribute(Error::interrupted(Stage::Proxy, error));
//!     let mut tunnel = Tunnel::new(proxy, base_url, &user_agent("my-app/1.0")?, &Limits::default());
//!     connection.write_all(tunnel.request()).map_err(failed)?;
//!     let mut piece = [0; 2048];
//!     loop {
//!         let length = connection.read(&mut piece).map_err(failed)?;
//!         if tunnel.receive(&piece[..length])? {
//!             return Ok(()); // next comes the TLS handshake with Concur
//!         }
//!     }
//! }
//! # struct Peer(&'static [u8]);
//! # impl Read for Peer { fn read(&mut self, b: &mut [u8]) -> std::io::Result<usize> { self.0.read(b) } }
//! # impl Write for Peer {
//! #     fn write(&mut self, b: &[u8]) -> std::io::Result<usize> { Ok(b.len()) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let proxy = Proxy::new("http://proxy.example:3128")?;
//! # open_tunnel(&mut Peer(b"HTTP/1.1 200 OK\r\n\r\n"), &proxy, &BaseUrl::US_PRODUCTION)?;
//! # assert!(open_tunnel(&mut Peer(b"HTTP/1.1 403 No\r\n\r\n"), &proxy, &BaseUrl::US_PRODUCTION).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod no_proxy;
mod parse;
mod tunnel;

pub use tunnel::Tunnel;

use std::ffi::OsString;
use std::fmt;

use http::HeaderValue;
use zeroize::Zeroizing;

use crate::base_url::BaseUrl;
use crate::credentials::Credentials;
use crate::error::{BoxError, Error};
use crate::input::{InputError, InputField, InputProblem};
use crate::wire::authority;
use no_proxy::NoProxy;

/// An HTTP proxy, and the hosts that are reached without it.
///
/// `Debug` and `Display` show scheme, host and port, and the variable that the proxy is from, and never its
/// credentials. Those are wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Proxy {
    is_https: bool,
    /// In lower case, an IPv6 address in its brackets.
    host: String,
    port: u16,
    authorization: Option<HeaderValue>,
    variable: Option<&'static str>,
    exceptions: NoProxy,
}

/// The variables that can name a proxy for https, the first first.
const PROXY_VARIABLES: [(&str, InputField); 4] = [
    ("https_proxy", InputField("variable https_proxy")),
    ("HTTPS_PROXY", InputField("variable HTTPS_PROXY")),
    ("all_proxy", InputField("variable all_proxy")),
    ("ALL_PROXY", InputField("variable ALL_PROXY")),
];

const NO_PROXY_VARIABLES: [(&str, InputField); 2] = [
    ("no_proxy", InputField("variable no_proxy")),
    ("NO_PROXY", InputField("variable NO_PROXY")),
];

impl Proxy {
    /// Creates a proxy from its URL: `[http://|https://][user[:password]@]host[:port][/]`.
    ///
    /// Without a scheme it is `http`. The port is 80 for `http` and 443 for `https` by default. (Write the port: curl takes
    /// 1080 for `http`.)
    /// User name and password are percent-decoded; `DOMAIN\user` may be written as it is. The text is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the scheme is another, such as `socks5`; where there is no host, a path, a query or a
    /// fragment; where white space, a control character, a raw `@`, `/`, `?` or `#` in the password, or a `%` that begins no
    /// percent-escape would make the text ambiguous; and where the port is not a number from 1 to 65535. It shows nothing of
    /// the text.
    pub fn new(url: impl Into<String>) -> Result<Self, InputError> {
        parse::parse(InputField::PROXY, &Zeroizing::new(url.into()))
    }

    /// Creates a proxy from environment variables, which `var` looks up by name: `https_proxy`, `HTTPS_PROXY`,
    /// `all_proxy` and `ALL_PROXY`, and for the hosts to be reached without it, `no_proxy` and `NO_PROXY`. The first
    /// that is set counts. One that is set to an empty text counts as unset. Returns `None` where none of the first four is
    /// set. `http_proxy` is not asked for, because plain http goes to no other machine.
    ///
    /// # Errors
    ///
    /// [`InputError`], which names the variable, where its value is no URL of a proxy, as for [`new`](Self::new), or is not
    /// valid UTF-8.
    pub fn from_vars(
        mut var: impl FnMut(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, InputError> {
        let Some((variable, field, url)) = first_set(&PROXY_VARIABLES, &mut var)? else {
            return Ok(None);
        };
        let mut proxy = parse::parse(field, &url)?;
        proxy.variable = Some(variable);
        if let Some((_, _, list)) = first_set(&NO_PROXY_VARIABLES, &mut var)? {
            proxy.exceptions = NoProxy::new(&list);
        }
        Ok(Some(proxy))
    }

    /// Sets the user name and password for the proxy (HTTP Basic, RFC 7617). Both are wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the user name is empty or contains a colon, or where either contains a control character or is
    /// longer than 8 KiB.
    pub fn with_credentials(
        mut self,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, InputError> {
        let user = (InputField::PROXY_USER, user.into());
        let password = (InputField::PROXY_PASSWORD, password.into());
        self.authorization = Some(Credentials::join(user, password)?.into_authorization()?);
        Ok(self)
    }

    /// Sets the hosts that are reached without the proxy, in place of those set before: a list as in `no_proxy`, divided by
    /// commas.
    ///
    /// `example.com` is that host and all under it, as are `.example.com` and `*.example.com`. `10.1.2.3`, `10.0.0.0/8` and
    /// `2001:db8::/32` are addresses, for base URLs that name an address: no name is looked up for it. An entry can
    /// end in a port: `example.com:8443`. `*` alone is every host.
    #[must_use]
    pub fn with_no_proxy(mut self, list: &str) -> Self {
        self.exceptions = NoProxy::new(list);
        self
    }

    /// Returns the proxy through which to reach a base URL. `None` for a direct connection: to this machine, and to the
    /// hosts that are reached without it.
    #[must_use]
    pub fn for_base_url(&self, base_url: &BaseUrl) -> Option<&Self> {
        let is_direct =
            base_url.is_loopback() || self.exceptions.contains(base_url.host(), base_url.port());
        (!is_direct).then_some(self)
    }

    /// Returns whether the proxy itself is reached by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Returns the proxy's host name or address, an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        authority::without_brackets(&self.host)
    }

    /// Returns the proxy's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the value of `Proxy-Authorization`, which is marked sensitive, for an HTTP library that asks for it. A
    /// [`Tunnel`] needs nothing of it.
    #[must_use]
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// Adds this proxy to the causes of an error on the way through it: [`Error::Unreachable`], or [`Error::Tls`] before
    /// anything was sent. Any other error stays as it is: [`Error::Timeout`] has no cause.
    #[must_use]
    pub fn attribute(&self, error: Error) -> Error {
        let named = |source| {
            let proxy = self.to_string();
            Box::new(Named { proxy, source }).into()
        };
        match error {
            Error::Unreachable { stage, source } => Error::Unreachable {
                stage,
                source: named(source),
            },
            Error::Tls { stage, source } if !stage.may_have_reached_concur() => Error::Tls {
                stage,
                source: named(source),
            },
            other => other,
        }
    }
}

/// Which proxy an error is of.
#[derive(Debug, thiserror::Error)]
#[error("the proxy is {proxy}")]
struct Named {
    proxy: String,
    source: BoxError,
}

type Variable = (&'static str, InputField, Zeroizing<String>);

/// Returns the first variable that is set and not empty.
fn first_set(
    variables: &[(&'static str, InputField)],
    mut var: impl FnMut(&str) -> Option<OsString>,
) -> Result<Option<Variable>, InputError> {
    for &(name, field) in variables {
        let Some(value) = var(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let value = value.into_string().map_err(|value| {
            drop(Zeroizing::new(value.into_encoded_bytes()));
            let what = "is not valid UTF-8: set it again in UTF-8";
            InputError::new(field, InputProblem::Malformed(what))
        })?;
        return Ok(Some((name, field, Zeroizing::new(value))));
    }
    Ok(None)
}

impl fmt::Display for Proxy {
    /// Writes the URL without credentials, and the variable that it is from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)?;
        match self.variable {
            Some(variable) => write!(f, " (from {variable})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests;
