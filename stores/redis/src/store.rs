//! The store.

use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

use concur_oauth_core::keeper::{
    AsyncStore, Claimed, GrantName, Record, StoreError, StoreFuture, StoreRequest, StoreResponse,
    StoredGrant, Version, Written,
};
use concur_oauth_shared::keeper::{ListedGrant, SealedStore, SealingKeys};
use redis::{Script, ScriptInvocation};

use crate::connection::{Connection, Nothing};
use crate::scripts::Scripts;
use crate::value::{self, ListedRow, Row};

/// How many names a script looks at, so that it ends soon.
const NAMES: usize = 1000;

/// A store under a prefix of a Redis server. The [crate](crate) says what it promises.
pub struct RedisStore {
    sealed: SealedStore<Keys>,
}

impl RedisStore {
    pub(crate) fn new(connection: Connection, prefix: &str, keys: SealingKeys) -> Self {
        let unsealed = Keys {
            connection,
            scripts: Scripts::new(),
            grants: format!("{{{prefix}}}:grant:"),
            names: format!("{{{prefix}}}:names"),
        };
        Self {
            sealed: SealedStore::new(unsealed, keys),
        }
    }

    /// Lists grants in the order of their names, after a name, without those that were forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the server cannot be used.
    pub async fn list(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let rows = self.sealed.inner().list(after, limit, false).await?;
        rows.iter().map(value::listed).collect()
    }
}

impl AsyncStore for RedisStore {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        self.sealed.send(request)
    }

    fn take_warning(&self) -> Option<Box<str>> {
        self.sealed.take_warning()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

/// The keys of the server, whose grants are sealed already.
struct Keys {
    connection: Connection,
    scripts: Scripts,
    /// What the key of each grant begins with.
    grants: String,
    /// The key of the set of names.
    names: String,
}

impl AsyncStore for Keys {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        Box::pin(async move {
            Ok(match request {
                StoreRequest::Load { name } => {
                    let load = self.of(&self.scripts.load, &name);
                    let row: Option<Row> = self.connection.run(&load, false).await?;
                    StoreResponse::Loaded(row.map(value::record).transpose()?)
                }
                StoreRequest::Claim {
                    name,
                    version,
                    nonce,
                    lease,
                } => {
                    let mut claim = self.of(&self.scripts.claim, &name);
                    claim.arg(version.get()).arg(format!("{nonce:032x}"));
                    claim.arg(milliseconds(lease));
                    StoreResponse::Claimed(match self.changed(&claim, false).await? {
                        (true, Some(record)) => Claimed::Yes(record),
                        (_, record) => Claimed::No(record),
                    })
                }
                StoreRequest::Commit {
                    name,
                    at,
                    version,
                    grant,
                    due_in,
                } => {
                    let commit = self.commit(&name, at, version, grant.as_ref(), due_in);
                    StoreResponse::Written(self.written(&commit, true).await?)
                }
                StoreRequest::Release { name, nonce } => {
                    let mut release = self.of(&self.scripts.release, &name);
                    release.arg(format!("{nonce:032x}"));
                    let _: Nothing = self.connection.run(&release, false).await?;
                    StoreResponse::Released
                }
                StoreRequest::MarkDead { name, version } => {
                    let mut mark = self.of(&self.scripts.mark_dead, &name);
                    mark.arg(version.get());
                    StoreResponse::Written(self.written(&mark, false).await?)
                }
                StoreRequest::ListDue { after, limit } => {
                    let rows = self.list(after.as_ref(), limit, true).await?;
                    let names = rows.iter().map(|(name, ..)| value::read_name(name));
                    StoreResponse::Listed(names.collect::<Result<_, _>>()?)
                }
            })
        })
    }

    fn take_warning(&self) -> Option<Box<str>> {
        let warning = self.connection.warning.lock();
        warning.unwrap_or_else(PoisonError::into_inner).next.take()
    }
}

impl Keys {
    /// Begins the call of a script for one grant.
    fn of<'a>(&self, script: &'a Script, name: &GrantName) -> ScriptInvocation<'a> {
        script.key([&self.grants, name.as_str()].concat())
    }

    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        sealed: Option<&StoredGrant>,
        due_in: Duration,
    ) -> ScriptInvocation<'_> {
        let mut commit = self.of(&self.scripts.commit, name);
        commit.key(&self.names);
        commit.arg(at.get()).arg(version.get());
        commit.arg(milliseconds(due_in)).arg(name.as_str());
        if let Some(sealed) = sealed {
            commit.arg(sealed.as_bytes());
        }
        commit
    }

    /// Returns whether a script has changed something, and the record that the server has.
    async fn changed(
        &self,
        script: &ScriptInvocation<'_>,
        is_commit: bool,
    ) -> Result<(bool, Option<Record>), StoreError> {
        let (changed, row): (u8, Option<Row>) = self.connection.run(script, is_commit).await?;
        Ok((changed == 1, row.map(value::record).transpose()?))
    }

    async fn written(
        &self,
        script: &ScriptInvocation<'_>,
        is_commit: bool,
    ) -> Result<Written, StoreError> {
        Ok(match self.changed(script, is_commit).await? {
            (true, _) => Written::Yes,
            (false, record) => Written::No(record),
        })
    }

    async fn list(
        &self,
        after: Option<&GrantName>,
        limit: usize,
        due_only: bool,
    ) -> Result<Vec<ListedRow>, StoreError> {
        let mut rows = Vec::new();
        let mut after = after.map(|after| after.as_str().to_owned());
        while rows.len() < limit {
            let from = after.map_or("-".to_owned(), |after| format!("({after}"));
            let count = if due_only { NAMES } else { NAMES.min(limit) };
            let mut script = self.scripts.list.key(&self.names);
            script.arg(&self.grants).arg(from).arg(count);
            script.arg(u8::from(due_only));
            let (last, found): (Option<String>, Vec<ListedRow>) =
                self.connection.run(&script, false).await?;
            rows.extend(found);
            after = last;
            if after.is_none() {
                break;
            }
        }
        rows.truncate(limit);
        Ok(rows)
    }
}

/// Returns a span of time as the scripts count it. No part of a lease is cut off.
fn milliseconds(span: Duration) -> u64 {
    let milliseconds = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    // No later time is exact in a script, and none is of use.
    milliseconds.min(1 << 50)
}
