//! How a client is made.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use concur_oauth_core::transport::{self, BuildError, DEFAULT_TIMEOUT, Limits, MAX_TIMEOUT};
use http::HeaderValue;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::tls;

/// What a client is made of. Only a [`ClientBuilder`] makes it, so that it is fit for credentials.
#[derive(Debug, Clone)]
pub struct Settings {
    tls: ClientConfig,
    timeout: Duration,
    user_agent: HeaderValue,
    limits: Limits,
    max_idle: usize,
    idle_timeout: Duration,
}

impl Settings {
    /// TLS, without early data, that offers these protocols by ALPN.
    #[must_use]
    pub fn tls(&self, protocols: &[&[u8]]) -> ClientConfig {
        let mut tls = self.tls.clone();
        tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        tls
    }

    /// The deadline of a whole exchange.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The `User-Agent` sent.
    #[must_use]
    pub fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }

    /// How much of an answer is read.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How many idle connections are kept.
    #[must_use]
    pub fn max_idle(&self) -> usize {
        self.max_idle
    }

    /// How long an idle connection may still be used.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// What a client's `Debug` output shows: what can be read at a glance, and no secret.
    ///
    /// # Errors
    ///
    /// As the formatter has them.
    pub fn fmt_client(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("timeout", &self.timeout)
            .field("user_agent", &self.user_agent)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Makes a client. Every setting has a default, the same for every transport.
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
    client: PhantomData<fn() -> C>,
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
        }
    }
}

impl<C> ClientBuilder<C> {
    /// The deadline of a whole exchange: 60 seconds by default, one day at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(MAX_TIMEOUT);
        self
    }

    /// Trusts a root certificate besides the platform's. May be called again for more.
    ///
    /// Roots in PEM become such values by `CertificateDer::pem_file_iter` or `pem_slice_iter`, of the
    /// trait [`PemObject`](rustls::pki_types::pem::PemObject).
    ///
    /// It has no effect beside [`rustls_config`](Self::rustls_config).
    pub fn add_root(mut self, root: CertificateDer<'static>) -> Self {
        self.extra_roots.push(root);
        self
    }

    /// Uses a whole rustls configuration, trusted roots included. Early data is switched off and
    /// ALPN is set to what the transport speaks, whatever it says.
    ///
    /// What it makes of the keys is the caller's: with a `key_log` set, anyone who reads that log
    /// can read the credentials.
    pub fn rustls_config(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// The `User-Agent` sent: `concur-oauth/` and its version by default.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// How much of an answer is read: see [`Limits`] for the defaults.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many idle connections are kept: 8 by default; 0 keeps none. They are counted for all
    /// instances together, by the hyper transport for each.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle = connections;
        self
    }

    /// How long an idle connection may still be used: 30 seconds by default, one day at most; none is
    /// kept where it is zero.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout.min(MAX_TIMEOUT);
        self
    }

    /// Makes the client. Reads the platform's trusted roots, unless a whole configuration was given.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the user agent cannot stand in a header, an added root cannot be read,
    /// the platform has no roots and none were added, or no cryptography is compiled in.
    pub fn build(self) -> Result<C, BuildError>
    where
        C: From<Settings>,
    {
        let user_agent = transport::user_agent(&self.user_agent)?;
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
        }))
    }
}
