//! How a client is made.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::transport::{self, BuildError, DEFAULT_TIMEOUT, Limits, MAX_TIMEOUT};
use http::HeaderValue;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::tls;

/// What a client is made of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// TLS without early data, and with no protocol offered by ALPN: that is the transport's.
    pub tls: Arc<ClientConfig>,
    /// The deadline of a whole exchange.
    pub timeout: Duration,
    /// The `User-Agent` sent.
    pub user_agent: HeaderValue,
    /// How much of an answer is read.
    pub limits: Limits,
    /// How many idle connections are kept.
    pub max_idle: usize,
    /// How long an idle connection may still be used.
    pub idle_timeout: Duration,
}

impl Settings {
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

    /// How long an idle connection may still be used: 30 seconds by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
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
            tls: Arc::new(tls::harden(tls)),
            timeout: self.timeout,
            user_agent,
            limits: self.limits,
            max_idle: self.max_idle,
            idle_timeout: self.idle_timeout,
        }))
    }
}
