//! A transport for [`concur_oauth_core`] over hyper, on tokio and rustls.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth_core::{ConsumerKey, Credentials, InstanceUrl, NativeFlow};
//! use concur_oauth_hyper::Client;
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth_hyper::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
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
//! # Ok(()) }
//! ```
//!
//! # Runtimes
//!
//! Any tokio runtime will do, of many threads or one, with a `LocalSet` or without; none is brought or
//! started. It needs its timer and its I/O (`enable_all`). Where one is missing, or there is no runtime
//! at all, [`Client::send`] is [`Error::Unsupported`], before anything is sent. (Tokio can only be asked by
//! having it panic, so a missing driver prints tokio's panic message besides, and where panics abort, it
//! aborts.) A client may be used on one runtime after another; its connections end with the runtime that
//! made them.
//!
//! Dropping the future of an exchange closes its connection; nothing stays behind but idle pooled
//! connections, each with hyper's task for it, and one task that closes those that have waited too long
//! (on the first runtime only: on another they are closed when the next exchange finds them too
//! old). A name lookup under way runs to its end on a thread of tokio's.
//!
//! # What it promises
//!
//! - https only, by TLS 1.2 or newer, with the server verified against the platform's trusted roots.
//!   Plain http goes to this machine and nowhere else.
//! - Redirects are never followed. Credentials go to one place.
//! - One deadline, 60 seconds by default, for the whole exchange.
//! - At most 16 KiB of head and 64 KiB of body are read; an answer that is cut short, ambiguous or
//!   compressed is an error. Over HTTP/1.1 core reads each head before hyper does, because hyper takes
//!   what must be refused here.
//! - Connections are kept and reused, few and not for long. When a kept one turns out to be dead
//!   before a byte of answer, an exchange that may be sent twice is sent once more.
//! - No error, `Debug` output or log line holds a secret.
//!
//! # What differs from the other transports
//!
//! - **Secrets.** The request's own buffers are wiped when they are dropped. The copies that hyper
//!   writes from, and over HTTP/2 those of h2, are not: they can be left in freed memory. Where that
//!   matters, use the blocking transport.
//! - `max_idle_connections` counts for each instance, not for all together.
//! - An exchange that begins the very moment another ends may open a second connection: hyper's pool
//!   takes one back a moment after its answer is read.
//! - A connection made to send an exchange once more is not kept.
//! - A time-out names [`Stage::Receive`] also where the request was not yet written to the end.
//! - Trailers and the extensions of chunks are bounded by hyper, at 16 KiB each, and not at 1 KiB. A
//!   chunk that is announced as larger than the limit is refused when that much of it came.
//!
//! # HTTP/2
//!
//! With the feature `http2` it is offered by ALPN, and used where the server takes it: all exchanges
//! with an instance then share one connection. Framing, and with it most of T6, is then in h2's hands. A
//! head past its limit is [`Error::Interrupted`] there, because h2 says no more; and a stream that
//! the server resets is never sent again, even where HTTP/2 would allow it. After a deadline that passed,
//! the connection takes no more exchanges: it may be dead, and not that one stream alone.
//!
//! # Features
//!
//! `ring` (default) or `aws-lc-rs` does the cryptography. Features add up across a build, so both
//! can be on: then aws-lc-rs is used. With neither, the process's default provider is used, or the
//! rustls configuration given to the builder. `http2` is said above.
#![forbid(unsafe_code)]

mod call;
mod client;
mod connector;
mod runtime;
mod tcp;
mod unfinished;

pub use client::Client;
pub use concur_oauth_core::transport::{BuildError, Error, Limits, Stage};
pub use concur_oauth_shared::Settings;
pub use rustls;

/// Makes a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
