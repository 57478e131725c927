//! The builder of a store.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use concur_oauth_shared::keeper::SealingKeys;
use concur_oauth_shared::platform_config;
use concur_oauth_shared::rustls::ClientConfig;
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use redis::{ConnectionInfo, IntoConnectionInfo};

use crate::connection::{Connection, Warning};
use crate::scripts;
use crate::store::RedisStore;

/// Builds a [`RedisStore`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct StoreBuilder {
    info: ConnectionInfo,
    has_tls: bool,
    prefix: String,
    timeout: Duration,
    replicas: u32,
    roots: Vec<CertificateDer<'static>>,
    tls: Option<ClientConfig>,
}

impl RedisStore {
    /// Returns a builder for a store on the server of this URL: `redis://USER:PASSWORD@HOST:PORT/NUMBER`, or with TLS `rediss://`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the URL cannot be read. It does not repeat the URL, which can hold a password.
    pub fn builder(url: &str) -> Result<StoreBuilder, StoreError> {
        StoreBuilder::new(url)
    }
}

impl StoreBuilder {
    fn new(url: &str) -> Result<Self, StoreError> {
        let unreadable = || {
            StoreError::new(
                "the server's URL cannot be read: it is redis:// or rediss://, USER:PASSWORD@HOST:PORT/NUMBER, percent-encoded",
            )
        };
        if url.contains('#') {
            return Err(StoreError::new(
                "the server's URL has a `#`: leave out what follows, or percent-encode it in a password",
            ));
        }
        // TLS is this crate's own.
        let secure = ["redis", "valkey"].into_iter().find_map(|scheme| {
            let rest = url.strip_prefix(scheme)?.strip_prefix("s://")?;
            Some([scheme, "://", rest].concat())
        });
        let has_tls = secure.is_some();
        // Not its source, which can repeat what stands in the URL.
        let info = secure.as_deref().unwrap_or(url).into_connection_info();
        let info = info.map_err(|_| unreadable())?;
        Ok(Self {
            info,
            has_tls,
            prefix: "concur-oauth".to_owned(),
            timeout: Duration::from_secs(10),
            replicas: 0,
            roots: Vec::new(),
            tls: None,
        })
    }

    /// Sets the password, in place of one in the URL.
    pub fn password(mut self, password: impl AsRef<str>) -> Self {
        let settings = self.info.redis_settings().clone().set_password(password);
        self.info = self.info.set_redis_settings(settings);
        self
    }

    /// Sets what all keys begin with, between braces: `concur-oauth` by default. Fleets that have nothing to do with each other need
    /// prefixes of their own.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long a request may last, with connecting: 10 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Has each commit wait until so many replicas have it, for half of a request's [time](Self::timeout): none by default. A commit
    /// that they do not have by then has failed, and is tried again.
    pub fn wait_replicas(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }

    /// Trusts this certificate besides the platform's.
    pub fn add_root(mut self, root: CertificateDer<'static>) -> Self {
        self.roots.push(root);
        self
    }

    /// Sets the whole configuration of TLS. Certificates that were added are not used then.
    pub fn rustls_config(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Builds the store, which seals with the first of these keys. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the prefix is empty or has braces or control characters, or TLS cannot be set up.
    pub fn build(self, keys: SealingKeys) -> Result<RedisStore, StoreError> {
        let is_bad = |it: char| it.is_control() || matches!(it, '{' | '}');
        if self.prefix.is_empty() || self.prefix.contains(is_bad) {
            return Err(StoreError::new(
                "the prefix must not be empty, nor have braces or control characters",
            ));
        }
        let tls = match self.tls {
            Some(tls) => tls,
            None => platform_config(self.roots)
                .map_err(|error| StoreError::new("TLS cannot be set up").because(error))?,
        };
        let connection = Connection {
            info: self.info,
            tls: self.has_tls.then(|| Arc::new(tls)),
            timeout: self.timeout,
            replicas: self.replicas,
            schema: scripts::schema(),
            schema_key: format!("{{{}}}:schema", self.prefix),
            live: tokio::sync::Mutex::new(None),
            warning: Mutex::new(Warning::default()),
        };
        Ok(RedisStore::new(connection, &self.prefix, keys))
    }
}

impl fmt::Debug for StoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreBuilder")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_that_cannot_be_used_is_refused_and_not_repeated() {
        for url in [
            "hidden",
            "redis://u:hidden@host:port",
            "redis://u:hidden@host/number",
            "rediss://u:hidden@host/#insecure",
            "http://u:hidden@host",
        ] {
            let error = StoreBuilder::new(url).unwrap_err();
            let shown = format!("{error} {error:?} {}", error.report());
            assert!(!shown.contains("hidden"), "{shown}");
        }
        let builder = StoreBuilder::new("redis://u:hidden@127.0.0.1").unwrap();
        assert!(!format!("{builder:?}").contains("hidden"));
    }
}
