//! Transports on smol and on async-std: HTTP/1.1 by the codec of [`concur_oauth_core`] over their sockets, and
//! rustls.
//!
//! Each runtime has a module of its own with a `Client`: `smol` by the feature `smol`, and `async_std` by the
//! feature `async-std`. Neither depends on which others are enabled.
#![forbid(unsafe_code)]

#[cfg(feature = "async-std")]
pub mod async_std;
mod client;
mod connection;
#[cfg(feature = "keeper")]
mod keeper;
mod runtime;
#[cfg(feature = "smol")]
pub mod smol;

#[cfg(not(any(feature = "smol", feature = "async-std")))]
compile_error!("enable the feature `smol` or `async-std`");
