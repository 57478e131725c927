//! What a failure of the database means, and what to do about it.

use std::error::Error as _;
use std::time::Duration;

use concur_oauth_core::keeper::StoreError;
use concur_oauth_shared::rustls;
use tokio_postgres::Error;

/// Makes a store's error of the database's.
pub(crate) fn failed(error: Error) -> StoreError {
    StoreError::new(advice(&error)).because(error)
}

/// Returns the error of a request that did not end in time.
pub(crate) fn late(after: Duration) -> StoreError {
    StoreError::new(format!(
        "the database did not respond within {} s: see whether it is reachable, overloaded, or waits for a lock",
        after.as_secs_f32()
    ))
}

const READ_ONLY: &str = "the database is read-only: name the primary in the URL";

fn advice(error: &Error) -> &'static str {
    if let Some(code) = error.code() {
        // (PostgreSQL's documentation, appendix A: error codes.)
        return match code.code() {
            "28P01" | "28000" => "the database refuses the user or the password: correct the URL",
            "3D000" => "there is no database of this name: create it, or correct the URL",
            "42P01" => "the tables are not there: call create_schema, or run the printed schema",
            "42501" => {
                "the database's user may not use the tables: grant SELECT, INSERT and UPDATE"
            }
            "53300" => "the database has no connection left: raise its limit, or use a pooler",
            "53100" => "the database's disk is full: make room",
            "25006" => READ_ONLY,
            "57P01" | "57P02" | "57P03" => "the database is being started or stopped",
            _ => "the database refuses the statement",
        };
    }
    // The only text by which it can be told: what the URL lacks is its source.
    if error.to_string().starts_with("invalid configuration") {
        return "the URL lacks what the database asks for, such as a password";
    }
    if is_read_only(error) {
        return READ_ONLY;
    }
    if tls_error(error).is_some() {
        return "TLS with the database failed: see whether its certificate is valid and for this host, and add its authority";
    }
    if error.is_closed() {
        return "the connection to the database was closed";
    }
    "the database cannot be reached: see whether it runs, and whether the host and port are right"
}

/// Returns whether a connection was not made because its sessions cannot write.
fn is_read_only(error: &Error) -> bool {
    let cause = error
        .source()
        .and_then(|it| it.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied)
}

fn tls_error(error: &Error) -> Option<&rustls::Error> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        // An I/O error shows its own source, and not what it wraps.
        let wrapped = cause.downcast_ref::<std::io::Error>();
        let wrapped = wrapped.and_then(std::io::Error::get_ref);
        if let Some(tls) = wrapped.and_then(|wrapped| wrapped.downcast_ref::<rustls::Error>()) {
            return Some(tls);
        }
        source = cause.source();
    }
    None
}

/// Returns whether another connection can do what this one could not.
pub(crate) fn is_of_connection(error: &Error) -> bool {
    match error.code() {
        Some(code) => matches!(code.code(), "25006" | "57P01" | "57P02" | "57P03"),
        None => true,
    }
}
