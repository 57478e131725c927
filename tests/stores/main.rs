//! What a keeper relies on in a store: one table of tests, for every store.
#![cfg(all(feature = "blocking", feature = "keeper"))]

#[path = "../databases/mod.rs"]
mod databases;
mod postgres_trouble;
mod redis_trouble;
mod rows;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::keeper::{BlockOn, MemoryStore, SealedStore, SealingKeys};
use concur_oauth::keeper::{Grant, GrantName, Store};
use concur_oauth::{BaseUrl, ConsumerKey, TokenParts, TokenScheme};
use concur_oauth_file::FileStore;
use concur_oauth_postgres::PostgresStore;
use concur_oauth_redis::RedisStore;
use databases::{Postgres, Redis};
use tokio::runtime::Runtime;

const KEYS: &str = "a 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An empty store, which ends with it.
pub(crate) struct Fresh {
    pub(crate) store: Arc<dyn Store>,
    folder: Option<PathBuf>,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn keys() -> SealingKeys {
    SealingKeys::parse(KEYS).unwrap()
}

fn folder() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("concur-oauth-stores-{}-{number}", std::process::id());
    std::env::temp_dir().join(name)
}

fn memory() -> Fresh {
    Fresh {
        store: Arc::new(MemoryStore::new()),
        folder: None,
    }
}

fn sealed_memory() -> Fresh {
    Fresh {
        store: Arc::new(SealedStore::new(MemoryStore::new(), keys())),
        folder: None,
    }
}

fn file() -> Fresh {
    let folder = folder();
    Fresh {
        store: Arc::new(FileStore::open(&folder).unwrap()),
        folder: Some(folder),
    }
}

fn sealed_file() -> Fresh {
    let folder = folder();
    let store = FileStore::open(&folder).unwrap();
    Fresh {
        store: Arc::new(SealedStore::new(store, keys())),
        folder: Some(folder),
    }
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A prefix of its own on one server.
fn redis() -> Fresh {
    static SERVER: LazyLock<Redis> = LazyLock::new(|| Redis::start(&[]));
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let store = RedisStore::builder(&SERVER.url()).unwrap();
    let store = store
        .prefix(format!("grants {number}"))
        .build(keys())
        .unwrap();
    Fresh {
        store: Arc::new(BlockOn::new(store, |future| RUNTIME.block_on(future))),
        folder: None,
    }
}

/// A table of its own in one database.
fn postgres() -> Fresh {
    static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start(&["fsync=off"]));
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let store = PostgresStore::builder(&SERVER.url()).unwrap();
    let store = store
        .table(format!("grants_{number}"))
        .build(keys())
        .unwrap();
    RUNTIME.block_on(store.create_schema()).unwrap();
    Fresh {
        store: Arc::new(BlockOn::new(store, |future| RUNTIME.block_on(future))),
        folder: None,
    }
}

pub(crate) fn name(name: &str) -> GrantName {
    GrantName::new(name).unwrap()
}

/// A grant that lives for an hour, and whose secrets begin with `hidden`.
pub(crate) fn grant(refresh_token: &str) -> Grant {
    let mut parts = TokenParts::new(TokenScheme::Bearer, "hidden-access", BaseUrl::EU2);
    parts.refresh_token = Some(refresh_token.into());
    parts.expires_at = Some(SystemTime::now() + Duration::from_secs(3600));
    let key = ConsumerKey::new("key").unwrap();
    Grant::new(key, parts.into(), SystemTime::now()).unwrap()
}

/// A test for each row, in each column.
macro_rules! table {
    ($($row:ident),* $(,)?) => {
        table!(@column memory; $($row),*);
        table!(@column sealed_memory; $($row),*);
        table!(@column file; $($row),*);
        table!(@column sealed_file; $($row),*);
        table!(@database postgres; $($row),*);
        table!(@database redis; $($row),*);
    };
    (@column $column:ident; $($row:ident),*) => {
        mod $column {
            $(#[test]
            fn $row() {
                let fresh = super::$column();
                super::rows::$row(&*fresh.store);
            })*
        }
    };
    (@database $column:ident; $($row:ident),*) => {
        mod $column {
            $(#[test]
            #[ignore = "needs databases, which .ci/run installs"]
            fn $row() {
                let fresh = super::$column();
                super::rows::$row(&*fresh.store);
            })*
        }
    };
}

table! {
    name_that_was_never_stored_has_no_record,
    commit_inserts_once,
    commit_at_another_version_changes_nothing,
    claim_is_given_to_one,
    claim_can_be_repeated_by_its_nonce_alone,
    claim_needs_the_version_a_grant_and_life,
    release_needs_the_nonce,
    commit_ends_the_lease_and_the_mark,
    put_needs_no_lease,
    mark_needs_the_version,
    tombstone_keeps_the_version,
    due_grants_are_listed_in_order,
    names_of_any_kind_are_kept_apart,
    one_of_many_threads_commits_each_version,
}
