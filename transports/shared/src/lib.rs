//! What the transports of `concur-oauth` share, once for all of them: the [settings](ClientBuilder)
//! of a client and their defaults, the trusted roots, the [addresses](candidates) that are tried, what
//! a failure of the system or of TLS is [called](io_error), and the [connections that wait](Pool) for
//! another exchange. With the feature `hyper`, what it takes to have hyper refuse what core refuses.
//!
//! Applications use a transport, through the `concur-oauth` crate. Those who write a transport need
//! nothing of this: what they need is in [`concur_oauth_core::transport`].
#![forbid(unsafe_code)]

mod builder;
mod candidates;
mod error;
#[cfg(feature = "hyper")]
pub mod hyper;
mod pool;
mod tls;

pub use builder::{ClientBuilder, Settings};
pub use candidates::candidates;
pub use error::{io_error, second_try};
pub use pool::Pool;
pub use rustls;
