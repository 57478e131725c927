//! How a client is made.

use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::transport::{self, BuildError, DEFAULT_TIMEOUT, Limits, MAX_TIMEOUT};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::client::Client;
use crate::pool::Pool;
use crate::tls;

/// Makes a [`Client`]. Every setting has a default.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    timeout: Duration,
    extra_roots: Vec<CertificateDer<'static>>,
    tls: Option<ClientConfig>,
    user_agent: String,
    limits: Limits,
    max_idle: usize,
    idle_timeout: Duration,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
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

impl ClientBuilder {
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
    /// ALPN is set to HTTP/1.1, whatever it says.
    ///
    /// What it makes of the keys is the caller's: with a `key_log` set, anyone who reads that log
    /// can read the credentials.
    pub fn rustls_config(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// The `User-Agent` sent: `concur-oauth/` and this crate's version by default.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// How much of an answer is read: see [`Limits`] for the defaults.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many idle connections are kept, to all instances together: 8 by default; 0 keeps none.
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
    pub fn build(self) -> Result<Client, BuildError> {
        let user_agent = transport::user_agent(&self.user_agent)?;
        let config = match self.tls {
            Some(config) => config,
            None => tls::platform_config(self.extra_roots)?,
        };
        Ok(Client::from_settings(
            Arc::new(tls::harden(config)),
            Pool::new(self.max_idle, self.idle_timeout),
            user_agent,
            self.limits,
            self.timeout,
        ))
    }
}
