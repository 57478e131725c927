//! Database servers of the tests' own, on loopback, each with a data folder that is removed with it.
#![allow(dead_code, unused_imports, reason = "each test uses some of it")]

mod certificates;
mod pgbouncer;
mod postgres;
mod redis;
mod server;

pub(crate) use certificates::Authority;
pub(crate) use pgbouncer::PgBouncer;
pub(crate) use postgres::{PASSWORD as POSTGRES_PASSWORD, Postgres};
pub(crate) use redis::{PASSWORD as REDIS_PASSWORD, Redis};
pub(crate) use server::{Folder, SmallDisk, free_port};
