//! A transport that blocks the calling thread: `std::net` and rustls, without an async runtime.
//!
//! # Examples
//!
//! ```no_run
//! # mod concur_oauth { pub use concur_oauth_core::*; pub use concur_oauth_blocking as blocking; }
//! use concur_oauth::blocking::Client;
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
//!
//! let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
//! let flow = NativeFlow::new(
//!     BaseUrl::US_PRODUCTION,
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(flow)?;
//! if let Some(at) = token.expires_at() {
//!     println!("a token until {}", Rfc3339(at));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - https only, with TLS 1.2 or newer, and the server verified against the platform's trusted roots.
//!   Plain http goes to loopback hosts only.
//! - Redirects are never followed. Credentials go to one place.
//! - One deadline, 60 seconds by default, for the whole exchange: name lookup, proxy, every address, TLS,
//!   sending, receiving. A server that drips bytes does not outlive it.
//! - At most 16 KiB of head and 64 KiB of body are read. A response that is cut short, ambiguous
//!   or compressed is an error.
//! - Connections are reused, bounded in number and idle time. Where a reused connection breaks before a byte of
//!   the response, a resendable exchange is sent once more. An exchange that is not resendable has a connection of its
//!   own.
//! - The proxy that the environment or the builder names is used, and one that fails is an error, never a direct connection.
//!   See [behind a proxy](concur_oauth_core::guide::behind_a_proxy).
//! - No error, `Debug` output or log line holds a secret.
//!
//! # Secrets
//!
//! Every buffer of this crate that held a request is zeroed before it is freed. Rustls keeps no
//! plaintext of it, because nothing is written before the handshake is finished. What cannot be
//! promised: received bytes pass through rustls' buffers, which are not wiped, so a *response*, token
//! included, can be left in freed memory; and no process can wipe what the kernel holds.
//!
//! # Features
//!
//! `ring` (default) or `aws-lc-rs` does the cryptography. Features add up across a build, so both
//! can be enabled: then aws-lc-rs is used. With neither, the process's default provider is used, or the rustls
//! configuration given to the builder.
//!
//! # Limits of blocking
//!
//! A name lookup cannot be interrupted. It runs on a thread of its own, so that the caller does not wait beyond
//! the deadline. The thread ends when the system's resolver gives up. Beyond 256 such threads in a process, the
//! next lookup is an error. Idle connections are closed when the next exchange finds them too old, or when
//! the last clone of the client is dropped.
#![forbid(unsafe_code)]

mod client;
mod connect;
mod connection;
mod deadline;
#[cfg(feature = "keeper")]
pub mod keeper;
mod socket;

pub use client::Client;
#[doc(no_inline)]
pub use rustls;

pub use concur_oauth_shared::verify_rs256;

/// Builds a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
