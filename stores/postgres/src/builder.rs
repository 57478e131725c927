//! The builder of a store.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use concur_oauth_shared::keeper::SealingKeys;
use concur_oauth_shared::platform_config;
use concur_oauth_shared::rustls::ClientConfig;
use concur_oauth_shared::rustls::pki_types::CertificateDer;
use tokio::sync::Mutex;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::Connection;
use crate::password_file;
use crate::statements::{Statements, TABLE};
use crate::store::PostgresStore;

/// Builds a [`PostgresStore`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct StoreBuilder {
    config: Config,
    table: String,
    timeout: Duration,
    roots: Vec<CertificateDer<'static>>,
    tls: Option<ClientConfig>,
}

impl PostgresStore {
    /// Returns a builder for a store in the database of this URL: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or words as libpq has
    /// them.
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
        // Not its source, which can repeat what stands in the URL.
        let config = url.parse::<Config>();
        let mut config = config.map_err(|_| {
            StoreError::new(
                "the database's URL cannot be read: it is postgres://USER@HOST/DATABASE, percent-encoded, with options of libpq",
            )
        })?;
        if config.get_hosts().is_empty() {
            return Err(StoreError::new("the database's URL names no host"));
        }
        if config.get_ssl_mode() == SslMode::Prefer && !is_local(&config) {
            config.ssl_mode(SslMode::Require);
        }
        // After a failover, not the standby.
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("concur-oauth");
        }
        Ok(Self {
            config,
            table: TABLE.to_owned(),
            timeout: Duration::from_secs(10),
            roots: Vec::new(),
            tls: None,
        })
    }

    /// Sets the password, in place of one in the URL.
    pub fn password(mut self, password: impl AsRef<[u8]>) -> Self {
        self.config.password(password);
        self
    }

    /// Takes the password from a password file of libpq, where one of its lines is for this connection and the URL has none. `PGPASSFILE`
    /// mostly names it; this crate reads no variable.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the file cannot be read, or others can read it.
    pub fn password_file(mut self, path: impl AsRef<Path>) -> Result<Self, StoreError> {
        if self.config.get_password().is_none() {
            if let Some(password) = password_file::find(path.as_ref(), &self.config)? {
                self.config.password(password);
            }
        }
        Ok(self)
    }

    /// Sets the table's name: `concur_oauth_grants` by default. Fleets that have nothing to do with each other need tables of
    /// their own.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// Sets how long a request may last, with connecting: 10 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Trusts this certificate besides the platform's: that of an authority of your own, or of a database service.
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
    /// [`StoreError`] where the table's name cannot be one, or TLS cannot be set up.
    pub fn build(self, keys: SealingKeys) -> Result<PostgresStore, StoreError> {
        let statements = Statements::of(&self.table)?;
        let tls = match self.tls {
            Some(tls) => tls,
            None => platform_config(self.roots)
                .map_err(|error| StoreError::new("TLS cannot be set up").because(error))?,
        };
        let connection = Connection {
            config: self.config,
            tls: MakeRustlsConnect::new(tls),
            timeout: self.timeout,
            schema_version: statements.schema_version.clone(),
            live: Mutex::new(None),
        };
        Ok(PostgresStore::new(connection, statements, keys))
    }
}

/// Returns whether each host is of this machine: loopback, or a socket in a folder.
fn is_local(config: &Config) -> bool {
    let hosts = config.get_hosts().iter();
    let mut hosts = hosts.map(|host| match host {
        Host::Tcp(host) => {
            let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    let names_are_local = hosts.all(|is_local| is_local);
    let mut addresses = config.get_hostaddrs().iter();
    names_are_local && addresses.all(std::net::IpAddr::is_loopback)
}

impl fmt::Debug for StoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreBuilder")
            .field("hosts", &self.config.get_hosts())
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        StoreBuilder::new(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn tls_is_required_off_this_machine() {
        for url in [
            "postgres://u@db.example/d",
            "postgres://u@db.example,localhost/d",
            "host=localhost hostaddr=10.0.0.1 user=u",
            "postgres://u@db.example/d?sslmode=prefer",
        ] {
            assert_eq!(mode(url), SslMode::Require, "{url}");
        }
        for url in [
            "postgres://u@localhost/d",
            "postgres://u@[::1]/d",
            "host=/run/postgresql user=u",
        ] {
            assert_eq!(mode(url), SslMode::Prefer, "{url}");
        }
        assert_eq!(
            mode("postgres://u@db.example/d?sslmode=disable"),
            SslMode::Disable
        );
    }

    #[test]
    fn url_that_cannot_be_read_is_not_repeated() {
        for url in [
            "postgres://u:hidden@db.example:port/d",
            "hidden",
            "postgres:///d?password=hidden",
        ] {
            let error = StoreBuilder::new(url).unwrap_err();
            let shown = format!("{error} {error:?} {}", error.report());
            assert!(!shown.contains("hidden"), "{shown}");
        }
        let builder = StoreBuilder::new("postgres://u:hidden@db.example/d").unwrap();
        assert!(!format!("{builder:?}").contains("hidden"));
    }
}
