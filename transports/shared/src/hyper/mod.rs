//! What it takes to have hyper carry an exchange, and refuse what core refuses.
//!
//! Hyper reads HTTP, and is more forgiving than a client with credentials may be: it takes a length
//! beside `chunked`, any transfer coding that ends in it, and 1xx answers without end. It also has
//! one error for a connection that broke before a byte of answer and after eleven. So a [`Watched`]
//! stream under it has core read each answer's head first, and what it finds comes out again as hyper's
//! own error's cause, where [`Failure::of`] finds it.

mod abort;
mod answer;
mod failure;
#[cfg(feature = "http2")]
mod proven;
mod request;
mod verdict;
mod watch;
mod watched;

pub use abort::Abort;
pub use answer::{parse, receive};
pub use failure::Failure;
#[cfg(feature = "http2")]
pub use proven::Proven;
pub use request::{Body, ready};
pub use watched::Watched;
