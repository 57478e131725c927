//! The connection, which is made when it is needed, and again when it broke.

use std::sync::Arc;
use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{failed, is_of_connection, late};
use crate::statements::SCHEMA;

/// A value of a statement, and its type.
pub(crate) type Value<'a> = (&'a (dyn ToSql + Sync), Type);

/// A connection that is made when it is needed.
pub(crate) struct Connection {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
    pub(crate) timeout: Duration,
    /// Asks for the number of the schema, which a new connection must know.
    pub(crate) schema_version: String,
    pub(crate) live: Mutex<Option<Arc<Live>>>,
}

/// A connection that was made, and the task that carries it.
pub(crate) struct Live {
    client: Client,
    task: JoinHandle<()>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Runs a statement, within the time, and returns its rows. Where the connection broke, it is run once more over a new one.
    pub(crate) async fn run(
        &self,
        statement: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let attempts = async {
            let (live, is_new) = self.live().await?;
            match live.client.query_typed(statement, values).await {
                Err(error) if is_of_connection(&error) => {
                    self.drop_live(&live).await;
                    if is_new {
                        return Err(failed(error));
                    }
                    let (live, _) = self.live().await?;
                    live.client
                        .query_typed(statement, values)
                        .await
                        .map_err(failed)
                }
                done => done.map_err(failed),
            }
        };
        self.within_time(attempts).await
    }

    /// Runs statements that create the schema, as one transaction.
    pub(crate) async fn create(&self, schema: &str) -> Result<(), StoreError> {
        let create = async {
            let live = self.connect().await?;
            // Two processes that create one table at a time would be in each other's way.
            let locked = format!("SELECT pg_advisory_xact_lock(7463829);\n{schema}");
            live.client.batch_execute(&locked).await.map_err(failed)
        };
        self.within_time(create).await
    }

    async fn within_time<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if let Ok(result) = tokio::time::timeout(self.timeout, work).await {
            return result;
        }
        // What stalls here would stall the next one too.
        if let Ok(mut live) = self.live.try_lock() {
            *live = None;
        }
        Err(late(self.timeout))
    }

    /// Returns the connection, and whether it was made just now.
    async fn live(&self) -> Result<(Arc<Live>, bool), StoreError> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_ref().filter(|live| !live.client.is_closed()) {
            return Ok((Arc::clone(live), false));
        }
        let new = Arc::new(self.connect().await?);
        check_schema(&new.client, &self.schema_version).await?;
        *live = Some(Arc::clone(&new));
        Ok((new, true))
    }

    async fn connect(&self) -> Result<Live, StoreError> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, connection) = connected.map_err(failed)?;
        // Its error is that of the statements that wait for it.
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok(Live { client, task })
    }

    async fn drop_live(&self, broken: &Arc<Live>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, broken)) {
            *live = None;
        }
    }
}

async fn check_schema(client: &Client, schema_version: &str) -> Result<(), StoreError> {
    let row = client.query_typed_one(schema_version, &[]).await;
    let version: Option<i32> = row.and_then(|row| row.try_get(0)).map_err(failed)?;
    match version {
        Some(version) if version <= SCHEMA => Ok(()),
        Some(version) => Err(StoreError::new(format!(
            "the tables are of schema {version}, which a later version of this program reads: this one knows schema {SCHEMA}"
        ))),
        None => Err(StoreError::new(
            "the table of the schema's number is empty: call create_schema, or run the printed schema",
        )),
    }
}
