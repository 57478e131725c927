//! The builder of a client, and its settings.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use concur_oauth_core::http1::Limits;
use concur_oauth_core::transport::proxy::Tunnel;
use concur_oauth_core::transport::{self, DEFAULT_TIMEOUT, MAX_TIMEOUT};
use concur_oauth_core::{BaseUrl, BuildError, Proxy};
use http::HeaderValue;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::{Route, tls};

/// The settings of a client. Only a [`ClientBuilder`] makes them, so that they are fit for credentials.
#[derive(Debug, Clone)]
pub struct Settings {
    tls: ClientConfig,
    timeout: Duration,
    user_agent: HeaderValue,
    limits: Limits,
    max_idle: usize,
    idle_timeout: Duration,
    proxy: Option<Proxy>,
}

impl Settings {
    /// Returns the TLS configuration, without early data, that offers these protocols by ALPN.
    #[must_use]
    pub fn tls(&self, protocols: &[&[u8]]) -> ClientConfig {
        let mut tls = self.tls.clone();
        tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        tls
    }

    /// Returns the TLS configuration for an https proxy: by ALPN it offers nothing, and it shows no certificate.
    #[must_use]
    pub fn proxy_tls(&self) -> ClientConfig {
        tls::for_proxy(&self.tls)
    }

    /// Returns where a connection for this base URL leads first.
    #[must_use]
    pub fn route<'a>(&'a self, base_url: &'a BaseUrl) -> Route<'a> {
        Route::new(base_url, self.proxy.as_ref())
    }

    /// Returns the tunnel to a base URL's host that is to be opened through a proxy.
    #[must_use]
    pub fn tunnel<'a>(&self, proxy: &'a Proxy, base_url: &BaseUrl) -> Tunnel<'a> {
        Tunnel::new(proxy, base_url, &self.user_agent, &self.limits)
    }

    /// Returns random bytes, of the cryptography of TLS. `None` where it has none.
    #[must_use]
    pub fn random(&self) -> Option<[u8; 16]> {
        let mut bytes = [0; 16];
        let random = self.tls.crypto_provider().secure_random;
        random.fill(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Returns the deadline of a whole exchange.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the `User-Agent`.
    #[must_use]
    pub fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }

    /// Returns how much of a response is read.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns how many idle connections are kept.
    #[must_use]
    pub fn max_idle(&self) -> usize {
        self.max_idle
    }

    /// Returns how long an idle connection is kept.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// Writes the `Debug` output of a client, which shows no secret.
    ///
    /// # Errors
    ///
    /// Those of the formatter.
    pub fn fmt_client(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("timeout", &self.timeout)
            .field("user_agent", &self.user_agent)
            .field("limits", &self.limits)
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

/// Builds a client. Every setting has a default, which is the same for every transport.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder<C> {
    timeout: Duration,
    extra_roots: Vec<CertificateDer<'static>>,
    tls: Option<ClientConfig>,
    user_agent: String,
    limits: Limits,
    max_idle: usize,
    idle_timeout: Duration,
    proxy: ProxySetting,
    client: PhantomData<fn() -> C>,
}

#[derive(Debug)]
enum ProxySetting {
    Environment,
    Explicit(Option<Proxy>),
}

impl<C> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self {
            client: PhantomData,
            timeout: DEFAULT_TIMEOUT,
            extra_roots: Vec::new(),
            tls: None,
            user_agent: concat!("concur-oauth/", env!("CARGO_PKG_VERSION")).to_owned(),
            limits: Limits::default(),
            max_idle: 8,
            idle_timeout: Duration::from_secs(30),
            proxy: ProxySetting::Environment,
        }
    }
}

impl<C> ClientBuilder<C> {
    /// Sets the deadline of a whole exchange: 60 seconds by default, one day at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(MAX_TIMEOUT);
        self
    }

    /// Trusts a root certificate besides the platform's. May be called again for more.
    ///
    /// `CertificateDer::pem_file_iter` and `pem_slice_iter`, of the trait
    /// [`PemObject`](rustls::pki_types::pem::PemObject), read roots in PEM.
    ///
    /// It has no effect beside [`rustls_config`](Self::rustls_config).
    pub fn add_root(mut self, root: CertificateDer<'static>) -> Self {
        self.extra_roots.push(root);
        self
    }

    /// Uses a whole rustls configuration, trusted roots included. Early data is switched off and
    /// ALPN is set to what the transport speaks, whatever it says.
    ///
    /// What the configuration does with the session keys is the caller's responsibility: with a `key_log` set,
    /// anyone who reads that log can read the credentials.
    pub fn rustls_config(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Sets the `User-Agent`: `concur-oauth/` and its version by default.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Sets how much of a response is read: see [`Limits`] for the defaults.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how many idle connections are kept: 8 by default, and 0 keeps none. They are counted for all base URLs
    /// together; the hyper transport counts them for each.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// Sets how long an idle connection is kept: 30 seconds by default, one day at most. With zero, none is kept.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout.min(MAX_TIMEOUT);
        self
    }

    /// Reaches Concur through this proxy. The environment's proxy variables are not read then, `no_proxy` included:
    /// [`Proxy::with_no_proxy`] takes its place. This machine is always reached directly.
    ///
    /// By default, the variables `https_proxy` and others, read once when the client is built, say whether there is a
    /// proxy: see [behind a proxy](concur_oauth_core::guide::behind_a_proxy).
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = ProxySetting::Explicit(Some(proxy));
        self
    }

    /// Reaches Concur directly, whatever the environment's proxy variables say.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxySetting::Explicit(None);
        self
    }

    /// Builds the client. Reads the environment's proxy variables, unless [`proxy`](Self::proxy) or
    /// [`no_proxy`](Self::no_proxy) was called, and the platform's trusted roots, unless a whole configuration was given. On
    /// Linux, the environment variables `SSL_CERT_FILE` and `SSL_CERT_DIR` replace those roots.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the user agent cannot stand in a header, a proxy variable is no URL of a proxy, an added root
    /// cannot be read, the platform has no roots and none were added, or no cryptography is compiled in.
    pub fn build(self) -> Result<C, BuildError>
    where
        C: From<Settings>,
    {
        let user_agent = transport::user_agent(&self.user_agent)?;
        let proxy = match self.proxy {
            ProxySetting::Environment => Proxy::from_vars(|name| std::env::var_os(name))?,
            ProxySetting::Explicit(proxy) => proxy,
        };
        let tls = match self.tls {
            Some(config) => config,
            None => tls::platform_config(self.extra_roots)?,
        };
        Ok(C::from(Settings {
            tls: tls::harden(tls),
            timeout: self.timeout,
            user_agent,
            limits: self.limits,
            max_idle: if self.idle_timeout.is_zero() {
                0
            } else {
                self.max_idle
            },
            idle_timeout: self.idle_timeout,
            proxy,
        }))
    }
}
