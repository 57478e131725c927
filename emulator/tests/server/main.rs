//! A server, by real sockets.

mod control;
mod plain;
mod postman;
