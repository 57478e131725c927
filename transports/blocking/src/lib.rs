//! A transport for [`concur_oauth_core`] that blocks the calling thread: `std::net` and rustls, and
//! no async runtime.
//!
//! ```no_run
//! use concur_oauth_blocking::Client;
//! use concur_oauth_core::{ConsumerKey, Credentials, InstanceUrl, NativeFlow};
//!
//! let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
//! let flow = NativeFlow::new(
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(&InstanceUrl::default(), flow)?;
//! println!("expires at {:?}", token.expires_at());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - https only, by TLS 1.2 or newer, with the server verified against the platform's trusted roots.
//!   Plain http goes to this machine and nowhere else.
//! - Redirects are never followed. Credentials go to one place.
//! - One deadline, 60 seconds by default, for the whole exchange: name lookup, every address, TLS,
//!   sending, receiving. A server that drips bytes does not outlive it.
//! - At most 16 KiB of head and 64 KiB of body are read; an answer that is cut short, ambiguous
//!   or compressed is an error.
//! - Connections are kept and reused, few and not for long. When a kept one turns out to be dead
//!   before a byte of answer, an exchange that may be sent twice is sent once more.
//! - No error, `Debug` output or log line holds a secret.
//!
//! # Secrets
//!
//! Every buffer of this crate that held a request is zeroed before it is freed, and rustls keeps no
//! plaintext of it, because nothing is written before the handshake is over. What cannot be
//! promised: received bytes pass through rustls' buffers, which are not wiped, so an *answer*, token
//! included, can be left in freed memory; and no process can wipe what the kernel holds.
//!
//! # Features
//!
//! `ring` (default) or `aws-lc-rs` does the cryptography. Features add up across a build, so both
//! can be on: then aws-lc-rs is used, because someone asked for it. With neither, the
//! process's default provider is used, or the rustls configuration given to the builder.
//!
//! # Limits of blocking
//!
//! A name lookup cannot be interrupted. It runs on a thread of its own, so that it does not outlive
//! the deadline for the caller; the thread itself ends when the system's resolver gives up, and past
//! 256 such threads in a process the next lookup is an error. Idle
//! connections are closed when the next exchange finds them too old, or when the last clone of the
//! client is dropped.
#![forbid(unsafe_code)]

mod client;
mod connect;
mod connection;
mod deadline;
mod lookup;
mod socket;

pub use client::Client;
pub use concur_oauth_core::transport::{BuildError, Error, Limits, Stage};
pub use concur_oauth_shared::Settings;
pub use rustls;

/// Makes a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
