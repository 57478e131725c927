//! Grants in a database.

use std::path::Path;
use std::sync::Arc;

use concur_oauth::blocking::keeper::{BlockOn, SealingKeys};
use concur_oauth::keeper::{
    AsyncStore, GrantName, Record, Store, StoreError, StoreFuture, StoreRequest, StoreResponse,
};
use concur_oauth_postgres::PostgresStore;
use concur_oauth_redis::RedisStore;
use tokio::runtime::Runtime;

use crate::failure::Failure;

/// How many names are listed at a time.
const PAGE: usize = 1000;
/// How many records are asked for at a time.
const AT_ONCE: usize = 100;

/// A store in a database, and what its tasks run on.
#[derive(Clone)]
pub(crate) struct Database {
    runtime: Arc<Runtime>,
    engine: Arc<Engine>,
}

enum Engine {
    Postgres(PostgresStore),
    Redis(RedisStore),
}

impl AsyncStore for Engine {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        match self {
            Self::Postgres(store) => store.send(request),
            Self::Redis(store) => store.send(request),
        }
    }

    fn take_warning(&self) -> Option<Box<str>> {
        match self {
            Self::Postgres(store) => store.take_warning(),
            Self::Redis(store) => store.take_warning(),
        }
    }
}

impl Database {
    pub(crate) fn open(url: &str, keys: Option<SealingKeys>) -> Result<Self, Failure> {
        let keys = keys.ok_or_else(|| {
            Failure::usage(
                "a database needs keys that seal the grants: name a file of them by --store-key-file or CONCUR_STORE_KEY_FILE",
            )
        })?;
        let engine = engine(url, keys);
        let engine = engine.map_err(|error| Failure::usage(error.report().to_string()))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::trouble(format!("no task can be run: {error}")))?;
        Ok(Self {
            runtime: Arc::new(runtime),
            engine: Arc::new(engine),
        })
    }

    /// Creates the tables that are not there yet.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let Engine::Postgres(store) = &*self.engine else {
            return Ok(());
        };
        let created = self.runtime.block_on(store.create_schema());
        created.map_err(|error| Failure::trouble(error.report().to_string()))
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        let this = self.clone();
        Arc::new(BlockOn::new(Arc::clone(&self.engine), move |future| {
            let response = this.runtime.block_on(future);
            this.warn();
            response
        }))
    }

    fn warn(&self) {
        if let Some(advice) = self.engine.take_warning() {
            say!("warning: {advice}");
        }
    }

    /// Loads the records of these names, many at a time.
    pub(crate) fn load(&self, names: &[GrantName]) -> Vec<Result<Option<Record>, StoreError>> {
        let mut records = Vec::with_capacity(names.len());
        self.runtime.block_on(async {
            for names in names.chunks(AT_ONCE) {
                let tasks = names.iter().map(|name| {
                    let (engine, name) = (Arc::clone(&self.engine), name.clone());
                    tokio::spawn(async move { engine.send(StoreRequest::Load { name }).await })
                });
                for task in tasks.collect::<Vec<_>>() {
                    records.push(match task.await {
                        Ok(Ok(StoreResponse::Loaded(record))) => Ok(record),
                        Ok(Err(error)) => Err(error),
                        Ok(Ok(_)) | Err(_) => Err(StoreError::new("the store gave no record")),
                    });
                }
            }
        });
        self.warn();
        records
    }

    /// Returns the names of all grants, in their order.
    pub(crate) fn names(&self) -> Result<Vec<GrantName>, StoreError> {
        let mut names: Vec<GrantName> = Vec::new();
        loop {
            let after = names.last().cloned();
            let page = self.runtime.block_on(async {
                match &*self.engine {
                    Engine::Postgres(store) => store.list(after.as_ref(), PAGE).await,
                    Engine::Redis(store) => store.list(after.as_ref(), PAGE).await,
                }
            })?;
            let is_last = page.len() < PAGE;
            names.extend(page.into_iter().map(|grant| grant.name));
            if is_last {
                return Ok(names);
            }
        }
    }
}

fn engine(url: &str, keys: SealingKeys) -> Result<Engine, StoreError> {
    if url.starts_with("redis") {
        return Ok(Engine::Redis(RedisStore::builder(url)?.build(keys)?));
    }
    let mut builder = PostgresStore::builder(url)?;
    if let Some(file) = std::env::var_os("PGPASSFILE").filter(|file| !file.is_empty()) {
        builder = builder.password_file(Path::new(&file))?;
    }
    Ok(Engine::Postgres(builder.build(keys)?))
}
