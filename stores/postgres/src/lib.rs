//! A store in PostgreSQL, for a keeper: `concur_oauth::keeper`.
//!
//! Many processes, on many machines, share the grants of one table: one of them renews a grant, and the others take what it has
//! stored. Grants are sealed before they leave the process.
//!
//! # Examples
//!
//! ```no_run
//! use concur_oauth_postgres::PostgresStore;
//! use concur_oauth_postgres::keeper::SealingKeys;
//!
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! // For each key a line: a name, a space, and what `openssl rand -hex 32` prints.
//! let keys = SealingKeys::parse(&std::fs::read_to_string("/etc/acme/store.keys")?)?;
//! let url = std::env::var("CONCUR_STORE")?; // postgres://concur:…@db.example/concur
//! let store = PostgresStore::builder(&url)?.build(keys)?;
//! store.create_schema().await?; // or run what `PostgresStore::schema` returns
//! // let (keeper, runner) = Keeper::builder(client, store).application(application).build()?;
//! # Ok(()) }
//! ```
//!
//! # What the database must keep
//!
//! A commit that has returned must survive: leave `fsync` and `synchronous_commit` on. Where a standby takes over that lacks the last
//! commits, or a backup is restored, a keeper that still holds the newer grant gives it back, with an event. What no process holds
//! any more is lost: a customer must connect anew.
//!
//! # How it speaks to the database
//!
//! - Each request is one statement, without a transaction, a lock or a prepared statement that outlives it. So it works behind a pooler
//!   that hands out connections by the transaction, and no connection is held while Concur is asked.
//! - All times are the database's own, so the clocks of processes are never compared.
//! - A store has one connection, whose task it spawns on tokio when it connects; the task ends with the store. Statements of many
//!   callers share it. A connection that broke is made anew, and the statement repeated once: each can be.
//! - Each request ends within [a time](StoreBuilder::timeout).
//!
//! # TLS
//!
//! To a host that is not of this machine, TLS is required, and the server's certificate is verified by the platform's roots and those
//! that are added, for the host's name. `sslmode=disable` in the URL turns it off, for a network that is trusted.
#![forbid(unsafe_code)]

mod builder;
mod connection;
mod error;
mod password_file;
mod row;
mod statements;
mod store;

pub use builder::StoreBuilder;
pub use store::PostgresStore;

/// What the grants are sealed with, and what a list of them has.
pub mod keeper {
    #[doc(inline)]
    pub use concur_oauth_shared::keeper::{ListedGrant, SealingError, SealingKeys};
}
#[doc(no_inline)]
pub use concur_oauth_shared::rustls;
