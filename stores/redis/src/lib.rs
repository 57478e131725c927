//! A store in Redis or Valkey, for a keeper: `concur_oauth::keeper`.
//!
//! Many processes, on many machines, share the grants under one prefix: one of them renews a grant, and the others take what it has
//! stored. Grants are sealed before they leave the process.
//!
//! # Examples
//!
//! ```no_run
//! use concur_oauth_redis::RedisStore;
//! use concur_oauth_redis::keeper::SealingKeys;
//!
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! // For each key a line: a name, a space, and what `openssl rand -hex 32` prints.
//! let keys = SealingKeys::parse(&std::fs::read_to_string("/etc/acme/store.keys")?)?;
//! let url = std::env::var("CONCUR_STORE")?; // rediss://concur:…@cache.example
//! let store = RedisStore::builder(&url)?.build(keys)?;
//! // let (keeper, runner) = Keeper::builder(client, store).application(application).build()?;
//! # Ok(()) }
//! ```
//!
//! # What the server must keep
//!
//! A grant that is lost costs a person at the customer. So:
//!
//! - **The append-only file must be on** (`appendonly yes`). Without it, which is the default of many packages, a server that is
//!   killed forgets all that it acknowledged since its last snapshot. The store says so by an
//!   [`Event::StoreWarning`](concur_oauth_core::keeper::Event::StoreWarning). With `appendfsync everysec`, the default, a loss of power
//!   can still cost the last second; `appendfsync always` costs none.
//! - **Nothing may be evicted.** Where `maxmemory` is set, its policy must be `noeviction`, or one of `volatile-…`: records have no time
//!   to live. There is a warning of this, too.
//! - **A failover can lose the last writes**, because a replica is written to later. [`wait_replicas`](StoreBuilder::wait_replicas)
//!   has each commit wait for so many. A keeper that still holds a newer grant than the server gives it back, with an event.
//!
//! Where a lost grant must not happen, use PostgreSQL: `concur-oauth-postgres`.
//!
//! # How it speaks to the server
//!
//! - Each request is one script, which is atomic. All times are the server's own.
//! - Keys are `{concur-oauth}:grant:NAME`, `{concur-oauth}:names` and `{concur-oauth}:schema`, with the [prefix](StoreBuilder::prefix)
//!   between the braces.
//! - A store has one connection, whose task it spawns on tokio when it connects; the task ends with the store. Requests of many
//!   callers share it. A connection that broke is made anew, and the request repeated once: each can be.
//! - Each request ends within [a time](StoreBuilder::timeout).
//!
//! # TLS
//!
//! A URL with `rediss://` demands TLS, and verifies the server's certificate by the platform's roots and those that are added. With
//! `redis://` the password of the URL crosses the network in the clear; the grants are sealed all the same.
#![forbid(unsafe_code)]

mod builder;
mod connection;
mod error;
mod scripts;
mod store;
mod stream;
mod value;

pub use builder::StoreBuilder;
pub use store::RedisStore;

/// What the grants are sealed with, and what a list of them has.
pub mod keeper {
    #[doc(inline)]
    pub use concur_oauth_shared::keeper::{ListedGrant, SealingError, SealingKeys};
}
#[doc(no_inline)]
pub use concur_oauth_shared::rustls;
