//! What the transports of `concur-oauth` share: the [settings](ClientBuilder) of a client and their defaults, the
//! trusted roots, [one exchange](Call) on its way, [name lookup](Lookup), the [route](Route) to a host, through a proxy or
//! not, the [names](io_error) of failures, and the [pool](Pool) of idle connections. With the feature `futures-io`, also
//! HTTP/1.1 over an asynchronous stream ([`exchange`], [`open_tunnel`]).
//!
//! Applications use a transport, through the `concur-oauth` crate. To write a transport, use
//! [`concur_oauth_core::transport`] and [`concur_oauth_core::http1`]: nothing of this is needed.
#![forbid(unsafe_code)]

#[cfg(feature = "futures-io")]
mod asynchronous;
mod builder;
mod call;
mod deadline;
mod error;
#[cfg(feature = "keeper")]
pub mod keeper;
mod lookup;
mod pool;
mod route;
mod tls;

#[cfg(feature = "futures-io")]
pub use asynchronous::{exchange, open_tunnel, within};
pub use builder::{ClientBuilder, Settings};
pub use call::{Call, Read};
pub use deadline::Deadline;
pub use error::{Failure, idle_timeout, io_error};
pub use lookup::Lookup;
pub use pool::Pool;
pub use route::Route;
#[doc(no_inline)]
pub use rustls;

/// A future of a runtime that ends after some time.
pub type Timer = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

pub use tls::{platform_config, server_name, verify_rs256};
