//! What a failure of the server means, and what to do about it.

use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Makes a store's error of the server's.
pub(crate) fn failed(error: RedisError) -> StoreError {
    StoreError::new(advice(&error)).because(error)
}

/// Returns the error of a request that did not end in time.
pub(crate) fn late(after: Duration) -> StoreError {
    StoreError::new(format!(
        "the server did not respond within {} s: see whether it is reachable or overloaded",
        after.as_secs_f32()
    ))
}

fn advice(error: &RedisError) -> &'static str {
    match error.code() {
        Some("WRONGPASS" | "NOAUTH") => {
            "the server refuses the user or the password: correct the URL"
        }
        Some("NOPERM") => "the server's user may not run scripts, or not on these keys: grant it",
        Some("OOM") => "the server is out of memory: raise `maxmemory`",
        Some("MISCONF") => "the server cannot write to its disk: see its log",
        _ => match error.kind() {
            ErrorKind::AuthenticationFailed => {
                "the server refuses the user or the password: correct the URL"
            }
            ErrorKind::Server(ServerErrorKind::ReadOnly) => {
                "the server is a replica: name the primary in the URL"
            }
            ErrorKind::Server(ServerErrorKind::BusyLoading) => "the server is being started",
            ErrorKind::Server(
                ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::CrossSlot,
            ) => "the server is a node of a cluster, which this store does not use",
            ErrorKind::Server(_) => "the server refuses the request",
            ErrorKind::Io if error.is_connection_dropped() => {
                "the connection to the server was closed"
            }
            ErrorKind::Io => {
                "the server cannot be reached: see whether it runs, and whether the host and port are right"
            }
            _ => "the server's response is not what this store expects",
        },
    }
}

/// Returns whether another connection can do what this one could not.
pub(crate) fn is_of_connection(error: &RedisError) -> bool {
    let kind = error.kind();
    error.is_connection_dropped()
        || error.is_unrecoverable_error()
        || matches!(
            kind,
            ErrorKind::Io | ErrorKind::Server(ServerErrorKind::ReadOnly)
        )
}
