//! A server, by real sockets.

mod control;
mod log;
mod plain;
mod postman;
mod requests;
