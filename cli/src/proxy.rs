//! The proxy that the command goes through.

use concur_oauth::blocking::ClientBuilder;
use concur_oauth::{BaseUrl, Error, Proxy};

use crate::args::ClientArgs;
use crate::failure::Failure;
use crate::secret::PROXY_AUTH;

/// The proxy, or why there is none.
#[derive(Debug)]
pub(crate) struct Route {
    proxy: Option<Proxy>,
    note: String,
}

impl Route {
    /// Chooses the proxy for a base URL. An option comes before the variables, which are not read for this machine.
    pub(crate) fn choose(args: &ClientArgs, base_url: &BaseUrl) -> Result<Self, Failure> {
        if args.no_proxy {
            return Ok(Self::direct("--no-proxy"));
        }
        let proxy = match &args.proxy {
            Some(url) => Some(explicit(url)?),
            None if base_url.is_loopback() => None,
            None => Proxy::from_vars(|name| std::env::var_os(name))?,
        };
        if base_url.is_loopback() {
            return Ok(Self::direct("this machine is reached directly"));
        }
        let Some(proxy) = proxy else {
            if args.proxy_auth {
                return Err(Failure::usage(
                    "--proxy-auth needs a proxy: give --proxy, or set https_proxy",
                ));
            }
            return Ok(Self::direct(
                "none of https_proxy, HTTPS_PROXY, all_proxy and ALL_PROXY is set",
            ));
        };
        if proxy.for_base_url(base_url).is_none() {
            let is_set = |name: &&str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
            let variable = ["no_proxy", "NO_PROXY"].into_iter().find(is_set);
            let variable = variable.unwrap_or("no_proxy");
            return Ok(Self::direct(&format!(
                "{variable} excepts the host from {proxy}"
            )));
        }
        let note = format!("the proxy is {proxy}");
        let proxy = if args.proxy_auth || PROXY_AUTH.is_set() {
            with_credentials(proxy)?
        } else {
            proxy
        };
        Ok(Self {
            proxy: Some(proxy),
            note,
        })
    }

    /// No proxy, for this reason.
    fn direct(why: &str) -> Self {
        Self {
            proxy: None,
            note: format!("no proxy was used: {why}"),
        }
    }

    /// Has a client go this way.
    pub(crate) fn apply(&self, builder: ClientBuilder) -> ClientBuilder {
        match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder.no_proxy(),
        }
    }

    /// Says which proxy is used, or why none.
    pub(crate) fn shown(&self) -> &str {
        &self.note
    }

    pub(crate) fn is_direct(&self) -> bool {
        self.proxy.is_none()
    }

    /// Returns which proxy was used, or why none, where an error is that there was no connection.
    pub(crate) fn note(&self, error: &Error) -> Option<&str> {
        let is_noted = match error {
            // Behind a proxy, the error names it.
            Error::Unreachable { .. } => self.proxy.is_none(),
            Error::Timeout { stage, .. } => !stage.may_have_reached_concur(),
            _ => false,
        };
        is_noted.then_some(self.note.as_str())
    }
}

/// Reads the URL of `--proxy`, which every user of the machine can read.
fn explicit(url: &str) -> Result<Proxy, Failure> {
    if url.contains('@') {
        return Err(Failure::usage(
            "--proxy takes no user name and password, which every user of this machine could read: set \
             CONCUR_PROXY_AUTH to USER:PASSWORD, or add --proxy-auth and answer the prompt",
        ));
    }
    Ok(Proxy::new(url)?)
}

fn with_credentials(proxy: Proxy) -> Result<Proxy, Failure> {
    let credentials = PROXY_AUTH.read(false)?;
    let Some((user, password)) = credentials.split_once(':') else {
        return Err(Failure::usage(
            "the proxy's USER:PASSWORD has no colon: write one between user name and password",
        ));
    };
    Ok(proxy.with_credentials(user, password)?)
}
