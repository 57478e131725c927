//! The connection, which is made when it is needed, and again when it broke.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use concur_oauth_shared::rustls::ClientConfig;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ConnectionInfo, FromRedisValue, RedisError, Script, ScriptInvocation,
    Value,
};
use tokio::task::JoinHandle;

use crate::error::{failed, is_of_connection, late};
use crate::scripts::SCHEMA;
use crate::stream;

/// A connection that is made when it is needed.
pub(crate) struct Connection {
    pub(crate) info: ConnectionInfo,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) timeout: Duration,
    /// How many replicas must have a commit.
    pub(crate) replicas: u32,
    pub(crate) schema: Script,
    pub(crate) schema_key: String,
    pub(crate) live: tokio::sync::Mutex<Option<Arc<Live>>>,
    pub(crate) warning: Mutex<Warning>,
}

/// What is to be said of the server's settings, once.
#[derive(Default)]
pub(crate) struct Warning {
    pub(crate) next: Option<Box<str>>,
    is_said: bool,
}

/// A connection that was made, and the task that carries it.
pub(crate) struct Live {
    connection: MultiplexedConnection,
    task: JoinHandle<()>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Runs a script, within the time. Where the connection broke, it is run once more over a new one.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        is_commit: bool,
    ) -> Result<T, StoreError> {
        let attempts = async {
            let (live, is_new) = self.live().await?;
            match self.attempt(&live, script, is_commit).await {
                Err(Failure::Server(error)) if is_of_connection(&error) => {
                    self.drop_live(&live).await;
                    if is_new {
                        return Err(failed(error));
                    }
                    let (live, _) = self.live().await?;
                    self.attempt(&live, script, is_commit)
                        .await
                        .map_err(Failure::into)
                }
                done => done.map_err(Failure::into),
            }
        };
        if let Ok(result) = tokio::time::timeout(self.timeout, attempts).await {
            return result;
        }
        // What stalls here would stall the next one too.
        if let Ok(mut live) = self.live.try_lock() {
            *live = None;
        }
        Err(late(self.timeout))
    }

    async fn attempt<T: FromRedisValue>(
        &self,
        live: &Live,
        script: &ScriptInvocation<'_>,
        is_commit: bool,
    ) -> Result<T, Failure> {
        let mut connection = live.connection.clone();
        let done = script.invoke_async(&mut connection).await?;
        if is_commit && self.replicas > 0 {
            let half = self.timeout.as_millis() / 2;
            let mut wait = redis::cmd("WAIT");
            wait.arg(self.replicas)
                .arg(u64::try_from(half).unwrap_or(u64::MAX));
            let have: u32 = wait.query_async(&mut connection).await?;
            if have < self.replicas {
                return Err(Failure::Replicas {
                    have,
                    want: self.replicas,
                });
            }
        }
        Ok(done)
    }

    /// Returns the connection, and whether it was made just now.
    async fn live(&self) -> Result<(Arc<Live>, bool), StoreError> {
        let mut live = self.live.lock().await;
        if let Some(live) = live.as_ref().filter(|live| !live.task.is_finished()) {
            return Ok((Arc::clone(live), false));
        }
        let new = Arc::new(self.connect().await?);
        let mut connection = new.connection.clone();
        self.check_schema(&mut connection).await?;
        self.look_at_settings(&mut connection).await;
        *live = Some(Arc::clone(&new));
        Ok((new, true))
    }

    async fn connect(&self) -> Result<Live, StoreError> {
        let socket = stream::connect(self.info.addr(), self.tls.as_ref()).await?;
        // Its own times are replaced by this store's.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let settings = self.info.redis_settings();
        let connected = MultiplexedConnection::new_with_config(settings, socket, config).await;
        let (connection, carry) = connected.map_err(failed)?;
        let carry: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(carry);
        let task = tokio::spawn(carry);
        Ok(Live { connection, task })
    }

    async fn drop_live(&self, broken: &Arc<Live>) {
        let mut live = self.live.lock().await;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, broken)) {
            *live = None;
        }
    }

    async fn check_schema(&self, connection: &mut MultiplexedConnection) -> Result<(), StoreError> {
        let mut check = self.schema.key(&self.schema_key);
        let found: String = check
            .arg(SCHEMA)
            .invoke_async(connection)
            .await
            .map_err(failed)?;
        if found.parse::<u32>().is_ok_and(|found| found <= SCHEMA) {
            return Ok(());
        }
        Err(StoreError::new(format!(
            "the grants are stored in form {found}, which a later version of this program reads: this one knows form {SCHEMA}"
        )))
    }

    /// Finds out whether the server keeps what it acknowledges. Where it does not say, nothing is said of it.
    async fn look_at_settings(&self, connection: &mut MultiplexedConnection) {
        let mut said = String::new();
        for section in ["persistence", "memory"] {
            let info = redis::cmd("INFO")
                .arg(section)
                .query_async(connection)
                .await;
            said.push_str(&info.unwrap_or_else(|_: RedisError| String::new()));
        }
        let mut warning = self.warning.lock().unwrap_or_else(PoisonError::into_inner);
        if !warning.is_said {
            warning.next = warning_of(&said).map(Into::into);
            warning.is_said = warning.next.is_some();
        }
    }
}

/// Returns what is wrong with a server that says this of itself.
fn warning_of(info: &str) -> Option<&'static str> {
    let is = |line: &str| info.lines().any(|it| it.trim_end() == line);
    let evicts = info
        .lines()
        .any(|line| line.starts_with("maxmemory_policy:allkeys"));
    if is("aof_enabled:0") {
        return Some(
            "the server has no append-only file, and forgets grants when it is killed: set `appendonly yes`",
        );
    }
    if evicts && !is("maxmemory:0") {
        return Some(
            "the server evicts records when its memory is full: set `maxmemory-policy noeviction`",
        );
    }
    None
}

/// Why an attempt failed.
enum Failure {
    Server(RedisError),
    Replicas { have: u32, want: u32 },
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Server(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Server(error) => failed(error),
            Failure::Replicas { have, want } => Self::new(format!(
                "{have} replicas have the grant, and {want} must: see why the others do not follow"
            )),
        }
    }
}

/// What a script returns that has nothing to say.
pub(crate) type Nothing = Value;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lose_grants_are_said() {
        let good =
            "# Persistence\r\naof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(warning_of(good), None);
        assert!(
            warning_of("aof_enabled:0\r\n")
                .unwrap()
                .contains("appendonly")
        );
        let evicts = "aof_enabled:1\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert!(warning_of(evicts).unwrap().contains("noeviction"));
        let unbounded = "aof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(warning_of(unbounded), None);
        // A server that says nothing of itself.
        assert_eq!(warning_of(""), None);
    }
}
