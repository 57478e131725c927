//! A transport over hyper, on tokio and rustls.
//!
//! # Examples
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub use concur_oauth_hyper as hyper; }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::hyper::Client;
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::hyper::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
//! # /*
//! let client = Client::new()?; // reads the platform's trusted roots: make one, clone it
//! # */
//! let base_url = BaseUrl::US_PRODUCTION;
//! # let client = Client::builder().no_proxy().add_root(root).build()?;
//! # let base_url: BaseUrl = server.url().parse()?;
//! let flow = NativeFlow::new(
//!     base_url,
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(flow).await?;
//! if let Some(at) = token.expires_at() {
//!     println!("a token until {}", Rfc3339(at));
//! }
//! # Ok(()) }
//! ```
//!
//! # Runtimes
//!
//! Any tokio runtime works, of many threads or one, with a `LocalSet` or without. None is started. The runtime
//! needs its timer and its I/O (`enable_all`). Where one is missing, or there is no runtime
//! at all, [`Client::send`] returns [`Error::Unsupported`](concur_oauth_core::Error::Unsupported) before anything is
//! sent. (Tokio can only be checked by having it panic, so a missing driver also prints tokio's panic message, and
//! aborts where panics abort.) A client may be used on one runtime after another. Its connections end with the
//! runtime that made them.
//!
//! Dropping the future of an exchange closes its connection. Nothing stays behind but idle pooled
//! connections, each with hyper's task for it, and one task that closes those that were idle too long
//! (on the first runtime only: on another they are closed when the next exchange finds them too
//! old). A name lookup runs to its end on a thread of tokio's.
//!
//! # What it promises
//!
//! - https only, with TLS 1.2 or newer, and the server verified against the platform's trusted roots.
//!   Plain http goes to loopback hosts only.
//! - Redirects are never followed. Credentials go to one place.
//! - One deadline, 60 seconds by default, for the whole exchange.
//! - At most 64 KiB of body are read, and heads are bounded. A response that is cut short, ambiguous or
//!   compressed is an error.
//! - Connections are reused, bounded in number and idle time. Where a reused connection breaks before the head of
//!   a response, a resendable exchange is sent once more. An exchange that is not resendable has a connection of its
//!   own.
//! - The proxy that the environment or the builder names is used, and one that fails is an error, never a direct connection.
//!   See [behind a proxy](concur_oauth_core::guide::behind_a_proxy).
//! - No error, `Debug` output or log line holds a secret.
//!
//! # What hyper does otherwise
//!
//! This transport is hyper's own client, connection pool and HTTP codec, bounded by hyper's settings. The other
//! transports run the codec of this project. Where the two differ:
//!
//! | | the other transports | this transport |
//! |---|---|---|
//! | copies of a request | every buffer is wiped | hyper's write buffers, and h2's, are not |
//! | head | 16 KiB, 1xx responses included | 24 KiB for each head over HTTP/1.1, 16 KiB over HTTP/2; too large is reported as malformed |
//! | 1xx responses | bounded together with the head | skipped without end, until the deadline |
//! | lowered limits | apply to head, header fields and body | apply to header fields and body; to a head with 8 KiB added |
//! | empty lines before a head | refused | skipped |
//! | a length beside `chunked`, two lengths | refused by name | refused, some of them as a malformed head |
//! | trailers and chunk extensions | 1 KiB | 16 KiB each |
//! | a chunk that is announced as too large | refused at once | refused when that much of it came |
//! | a response before its request | read as the response | the connection counts as broken |
//! | a TLS alert after the handshake | a TLS error | a TLS error, or a broken connection |
//! | a reused connection that breaks inside a head | an error | a resendable exchange is sent once more |
//! | a peer that never reads a dropped request | the connection is closed at once | hyper's task waits until the peer closes |
//! | `max_idle_connections` | all base URLs together | each base URL |
//! | a connection for a second attempt | kept | not kept |
//! | a deadline that passes while the request is sent | the stage is `Send` | the stage is `Receive` |
//!
//! An exchange that begins at the moment another ends may open a second connection, because hyper's pool
//! takes one back a moment after its response is read. Where secrets in freed memory matter, use another transport.
//!
//! # HTTP/2
//!
//! With the feature `http2` it is offered by ALPN, and used where the server accepts it. All resendable exchanges
//! with a base URL then share one connection. Framing is h2's. A head past its limit is an interrupted
//! connection, because h2 says no more, and a stream that the server resets is not sent again, even where HTTP/2 would
//! allow it. After a deadline that passed, the connection takes no further exchange: it may be dead.
//!
//! # Features
//!
//! `ring` (default) or `aws-lc-rs` does the cryptography. Features add up across a build, so both
//! can be enabled: then aws-lc-rs is used. With neither, the process's default provider is used, or the
//! rustls configuration given to the builder. `http2` is described above.
#![forbid(unsafe_code)]

mod carried;
mod client;
mod connector;
mod failure;
#[cfg(feature = "keeper")]
pub mod keeper;
mod progress;
mod response;
mod runtime;

pub use client::Client;
#[doc(no_inline)]
pub use rustls;

pub use concur_oauth_shared::verify_rs256;

/// Builds a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;
