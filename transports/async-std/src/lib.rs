//! A transport for [`concur_oauth_core`] on async-std, or on smol.
#![forbid(unsafe_code)]

mod client;
mod connect;
mod connection;
mod deadline;
mod runtime;

pub use client::Client;
pub use concur_oauth_core::transport::{BuildError, Error, Limits, Stage};
pub use concur_oauth_shared::Settings;
pub use rustls;

/// Makes a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
