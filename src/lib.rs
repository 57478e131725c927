//! SAP Concur's OAuth 2.0 token flows.
//!
//! Sign in with what Concur gave you, over the transport of your choice, and get a token that knows
//! where it may be sent and how long it lives:
//!
//! ```
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::blocking::Client;
//! use concur_oauth::{ConsumerKey, Credentials, InstanceUrl, NativeFlow};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::blocking::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
//! let client = Client::new()?;
//! let instance = InstanceUrl::default(); // https://www.concursolutions.com
//! # let client = Client::builder().add_root(root).build()?;
//! # let instance: InstanceUrl = server.url().parse()?;
//! let flow = NativeFlow::new(
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(&instance, flow)?;
//! assert_eq!(token.is_expired_at(std::time::SystemTime::now()), Some(false));
//! # Ok(()) }
//! # #[cfg(not(feature = "blocking"))] fn main() {}
//! ```
//!
//! Everything that is not a transport comes from the crate `concur-oauth-core`, which does no I/O and can be
//! embedded in any runtime: [`Exchange`] is its one idea.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `blocking` (default) | the module `blocking`: `std::net` and rustls, no async runtime |
//! | `hyper` | the module `hyper`: hyper's pooled client, on tokio |
//! | `http2` | the module `hyper` with HTTP/2, where the server speaks it |
//! | `smol` | the module `smol`: hyper's HTTP/1.1 connection, on smol's sockets (where `async-std` is on too, on its) |
//! | `async-std` | the module `async_std`: the same on async-std, which has ended |
//! | `ring` (default) | TLS by ring |
//! | `aws-lc-rs` | TLS by aws-lc-rs; it wins where `ring` is on too |
//!
//! Any combination builds. With `default-features = false` this crate is the core alone, which is
//! what a [transport of your own](transport::writing) needs.
//!
//! # One client, four runtimes
//!
//! Every transport is a `Client` with the same builder, and the same [`Error`] for the same cause. Where
//! `send` blocks for one, it is awaited for the others. Besides that, only the module's name changes:
//!
//! ```
//! # #[cfg(feature = "hyper")]
//! # async fn token(flow: concur_oauth::NativeFlow) -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::hyper::Client; // or concur_oauth::smol::Client
//! # use concur_oauth::InstanceUrl;
//!
//! let client = Client::new()?;
//! match client.send(&InstanceUrl::default(), flow).await {
//!     Ok(token) => println!("expires at {:?}", token.expires_at()),
//!     Err(error) => {
//!         println!("{}", error.with_causes());
//!         println!("may have reached Concur: {}", error.may_have_reached_concur());
//!         println!("worth trying again after: {:?}", error.retry_after());
//!     }
//! }
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

#[doc(inline)]
pub use concur_oauth_core::transport::{BuildError, Error};
#[doc(inline)]
pub use concur_oauth_core::*;

#[cfg(feature = "async-std")]
#[doc(inline)]
pub use concur_oauth_async_std as async_std;
#[cfg(feature = "smol")]
#[doc(inline)]
pub use concur_oauth_async_std as smol;
#[cfg(feature = "blocking")]
#[doc(inline)]
pub use concur_oauth_blocking as blocking;
#[cfg(feature = "hyper")]
#[doc(inline)]
pub use concur_oauth_hyper as hyper;
