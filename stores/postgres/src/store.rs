//! The store.

use std::fmt;
use std::time::Duration;

use concur_oauth_core::keeper::{
    AsyncStore, Claimed, GrantName, Record, StoreError, StoreFuture, StoreRequest, StoreResponse,
    StoredGrant, Version, Written,
};
use concur_oauth_shared::keeper::{ListedGrant, SealedStore, SealingKeys};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::connection::{Connection, Value};
use crate::row;
use crate::statements::Statements;

/// A store in a table of PostgreSQL. The [crate](crate) says what it promises.
pub struct PostgresStore {
    sealed: SealedStore<Table>,
}

impl PostgresStore {
    pub(crate) fn new(connection: Connection, statements: Statements, keys: SealingKeys) -> Self {
        let table = Table {
            connection,
            statements,
        };
        Self {
            sealed: SealedStore::new(table, keys),
        }
    }

    /// Returns the SQL that creates the tables, for a migration of yours. Each statement can be run again.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.sealed.inner().statements.schema
    }

    /// Creates the tables that are not there yet. It needs the right to create tables, which the keeper does not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the database cannot be used, or refuses it.
    pub async fn create_schema(&self) -> Result<(), StoreError> {
        let table = self.sealed.inner();
        table.connection.create(&table.statements.schema).await
    }

    /// Lists grants in the order of their names, after a name, without those that were forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the database cannot be used.
    pub async fn list(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<ListedGrant>, StoreError> {
        let table = self.sealed.inner();
        let rows = table.page(&table.statements.list, after, limit).await?;
        let listed = rows.iter().map(|row| {
            Ok(ListedGrant {
                name: row::name(row)?,
                version: row::version(row::get(row, 1)?)?,
                dead: row::get(row, 2)?,
                age: row::seconds(row::get(row, 3)?),
                due_in: row::seconds(row::get(row, 4)?),
                lease: row::lease(row::get(row, 5)?),
            })
        });
        listed.collect()
    }
}

impl AsyncStore for PostgresStore {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        self.sealed.send(request)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// The table, whose grants are sealed already.
struct Table {
    connection: Connection,
    statements: Statements,
}

impl AsyncStore for Table {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        Box::pin(async move {
            Ok(match request {
                StoreRequest::Load { name } => StoreResponse::Loaded(self.load(&name).await?),
                StoreRequest::Claim {
                    name,
                    version,
                    nonce,
                    lease,
                } => StoreResponse::Claimed(self.claim(&name, version, nonce, lease).await?),
                StoreRequest::Commit {
                    name,
                    at,
                    version,
                    grant,
                    due_in,
                } => {
                    let written = self.commit(&name, at, version, grant.as_ref(), due_in);
                    StoreResponse::Written(written.await?)
                }
                StoreRequest::Release { name, nonce } => {
                    let nonce = &nonce.to_be_bytes()[..];
                    let values: [Value<'_>; 2] =
                        [(&name.as_str(), Type::TEXT), (&nonce, Type::BYTEA)];
                    self.connection
                        .run(&self.statements.release, &values)
                        .await?;
                    StoreResponse::Released
                }
                StoreRequest::MarkDead { name, version } => {
                    let version = row::number(version)?;
                    let values: [Value<'_>; 2] =
                        [(&name.as_str(), Type::TEXT), (&version, Type::INT8)];
                    let rows = self.connection.run(&self.statements.mark_dead, &values);
                    StoreResponse::Written(self.written(&name, &rows.await?).await?)
                }
                StoreRequest::ListDue { after, limit } => {
                    let rows = self.page(&self.statements.list_due, after.as_ref(), limit);
                    let names = rows.await?.iter().map(row::name).collect::<Result<_, _>>();
                    StoreResponse::Listed(names?)
                }
            })
        })
    }
}

impl Table {
    async fn page(
        &self,
        statement: &str,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        // Each name comes after the empty one, which is none.
        let after = after.map_or("", GrantName::as_str);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values: [Value<'_>; 2] = [(&after, Type::TEXT), (&limit, Type::INT8)];
        self.connection.run(statement, &values).await
    }

    async fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        let values: [Value<'_>; 1] = [(&name.as_str(), Type::TEXT)];
        let rows = self.connection.run(&self.statements.load, &values).await?;
        rows.first().map(row::record).transpose()
    }

    async fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        let (version, nonce) = (row::number(version)?, &nonce.to_be_bytes()[..]);
        let values: [Value<'_>; 4] = [
            (&name.as_str(), Type::TEXT),
            (&version, Type::INT8),
            (&nonce, Type::BYTEA),
            (&lease.as_secs_f64(), Type::FLOAT8),
        ];
        let rows = self.connection.run(&self.statements.claim, &values).await?;
        match rows.first() {
            Some(row) => Ok(Claimed::Yes(row::record(row)?)),
            None => Ok(Claimed::No(self.load(name).await?)),
        }
    }

    async fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        sealed: Option<&StoredGrant>,
        due_in: Duration,
    ) -> Result<Written, StoreError> {
        let (from, version) = (row::number(at)?, row::number(version)?);
        let sealed = sealed.map(StoredGrant::as_bytes);
        let values: [Value<'_>; 5] = [
            (&name.as_str(), Type::TEXT),
            (&version, Type::INT8),
            (&sealed, Type::BYTEA),
            (&due_in.as_secs_f64(), Type::FLOAT8),
            (&from, Type::INT8),
        ];
        let (statement, values) = if at == Version::NONE {
            (&self.statements.insert, &values[..4])
        } else {
            (&self.statements.update, &values[..])
        };
        let rows = self.connection.run(statement, values).await?;
        self.written(name, &rows).await
    }

    /// Returns what came of a write that returned these rows: those that it has changed.
    async fn written(&self, name: &GrantName, changed: &[Row]) -> Result<Written, StoreError> {
        if changed.is_empty() {
            return Ok(Written::No(self.load(name).await?));
        }
        Ok(Written::Yes)
    }
}
