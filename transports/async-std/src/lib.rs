//! A transport for [`concur_oauth_core`] on async-std, or on smol: hyper's HTTP/1.1 connection over
//! their sockets, and rustls.
//!
//! **async-std has ended.** Its makers discontinued it in 2025
//! ([RUSTSEC-2025-0052](https://rustsec.org/advisories/RUSTSEC-2025-0052)) and advise its users to move
//! to [smol](https://docs.rs/smol), whose crates it was built on. This transport is for applications
//! that are on it already. Where to go: with the feature `smol` in place of `async-std` this same crate
//! uses smol's sockets and timers and leaves async-std out, and nothing else changes; on tokio, use the
//! hyper transport, whose client has the same methods and errors.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # async_std::task::block_on(async {
//! use concur_oauth_async_std::Client;
//! use concur_oauth_core::{ConsumerKey, Credentials, InstanceUrl, NativeFlow};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth_async_std::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
//! let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
//! let instance = InstanceUrl::default(); // https://www.concursolutions.com
//! # let client = Client::builder().add_root(root).build()?;
//! # let instance: InstanceUrl = server.url().parse()?;
//! let flow = NativeFlow::new(
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(&instance, flow).await?;
//! println!("expires at {:?}", token.expires_at());
//! # Ok(()) }) }
//! ```
//!
//! # Executors
//!
//! Nothing is spawned. Whoever awaits an exchange drives its connection, on any executor, and dropping
//! the future closes it. Sockets and timers are woken by the thread that `async-io` runs for
//! async-std and smol alike. A name lookup under way runs to its end on a thread of the runtime's.
//!
//! # What it promises
//!
//! - https only, by TLS 1.2 or newer, with the server verified against the platform's trusted roots.
//!   Plain http goes to this machine and nowhere else.
//! - Redirects are never followed. Credentials go to one place.
//! - One deadline, 60 seconds by default, for the whole exchange.
//! - At most 16 KiB of head and 64 KiB of body are read; an answer that is cut short, ambiguous or
//!   compressed is an error. Core reads each head before hyper does, because hyper takes what must be
//!   refused here.
//! - Connections are kept and reused, few and not for long. When a kept one turns out to be dead
//!   before a byte of answer, an exchange that may be sent twice is sent once more.
//! - No error, `Debug` output or log line holds a secret.
//!
//! # What differs from the other transports
//!
//! - **Secrets.** The request's own buffers are wiped when they are dropped. The copy that hyper writes
//!   from is not: it can be left in freed memory. Where that matters, use the blocking transport.
//! - Idle connections are closed when the next exchange finds them too old, or when the last clone of
//!   the client is dropped; without a TLS goodbye, because nobody is there to wait for it.
//! - A time-out names [`Stage::Receive`] also where the request was not yet written to the end.
//! - Trailers and the extensions of chunks are bounded by hyper, at 16 KiB each, and not at 1 KiB. A
//!   chunk that is announced as larger than the limit is refused when that much of it came.
//!
//! # Features
//!
//! `async-std` (default) or `smol`: where both are on, async-std's sockets are used, and one of them
//! must be on. `ring` (default) or `aws-lc-rs` does the cryptography: where both are on, aws-lc-rs; with
//! neither, the process's default provider is used, or the rustls configuration given to the builder.
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
