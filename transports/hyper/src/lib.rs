//! A transport for [`concur_oauth_core`] over hyper, on tokio and rustls.
#![forbid(unsafe_code)]

mod call;
mod client;
mod connector;
mod runtime;
mod tcp;

pub use client::Client;
pub use concur_oauth_core::transport::{BuildError, Error, Limits, Stage};
pub use concur_oauth_shared::Settings;
pub use rustls;

/// Makes a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
