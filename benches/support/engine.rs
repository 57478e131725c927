//! A store of either engine.

use std::fmt;

use concur_oauth_blocking::keeper::SealingKeys;
use concur_oauth_core::keeper::{AsyncStore, GrantName, StoreFuture, StoreRequest};
use concur_oauth_postgres::PostgresStore;
use concur_oauth_redis::RedisStore;

/// A store in the database that a URL names, sealed with a key that is no secret.
pub enum Engine {
    /// In PostgreSQL.
    Postgres(Box<PostgresStore>),
    /// In Redis.
    Redis(Box<RedisStore>),
}

impl AsyncStore for Engine {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        match self {
            Self::Postgres(store) => store.send(request),
            Self::Redis(store) => store.send(request),
        }
    }
}

impl Engine {
    /// Opens the store in this table, or of this prefix, and creates what it needs.
    ///
    /// # Panics
    ///
    /// Where the database cannot be used.
    pub async fn open(url: &str, table: &str) -> Self {
        let keys = SealingKeys::parse(&format!("a {}", "5e".repeat(32))).expect("keys");
        if url.starts_with("redis") {
            let store = RedisStore::builder(url).expect("a URL").prefix(table);
            return Self::Redis(Box::new(store.build(keys).expect("a store")));
        }
        let store = PostgresStore::builder(url).expect("a URL").table(table);
        let store = store.build(keys).expect("a store");
        store.create_schema().await.expect("tables");
        Self::Postgres(Box::new(store))
    }

    /// Lists all grants, and returns how many there are.
    ///
    /// # Panics
    ///
    /// Where the database cannot be used.
    pub async fn count(&self) -> usize {
        let (mut count, mut after): (usize, Option<GrantName>) = (0, None);
        loop {
            let page = match self {
                Self::Postgres(store) => store.list(after.as_ref(), 10_000).await,
                Self::Redis(store) => store.list(after.as_ref(), 10_000).await,
            };
            let page = page.expect("a page");
            count += page.len();
            match page.last() {
                Some(last) => after = Some(last.name.clone()),
                None => return count,
            }
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres(_) => "Engine::Postgres",
            Self::Redis(_) => "Engine::Redis",
        })
    }
}
