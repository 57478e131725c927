//! What the transports of `concur-oauth` share: the [settings](ClientBuilder) of a client and their defaults, the
//! trusted roots, [one exchange](Call) on its way, [name lookup](Lookup) and the [addresses](candidates) to try,
//! the [names](io_error) of failures, and the [pool](Pool) of idle connections. With the feature `futures-io`, also
//! HTTP/1.1 over an asynchronous stream ([`exchange`]).
//!
//! Applications use a transport, through the `concur-oauth` crate. To write a transport, use
//! [`concur_oauth_core::transport`] and [`concur_oauth_core::http1`]: nothing of this is needed.
#![forbid(unsafe_code)]

#[cfg(feature = "futures-io")]
mod asynchronous;
mod builder;
mod call;
mod candidates;
mod deadline;
mod error;
mod lookup;
mod pool;
mod tls;

#[cfg(feature = "futures-io")]
pub use asynchronous::{Timer, exchange, within};
pub use builder::{ClientBuilder, Settings};
pub use call::{Call, Read};
pub use candidates::candidates;
pub use deadline::Deadline;
pub use error::{Failure, idle_timeout, io_error};
pub use lookup::Lookup;
pub use pool::Pool;
#[doc(no_inline)]
pub use rustls;
pub use tls::{server_name, verify_rs256};
