//! SAP Concur's OAuth 2.0 token flows.
//!
//! Sign in with what Concur gave you, over the transport of your choice, and get a token that knows
//! where it may be sent and how long it lives.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::blocking::Client;
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::blocking::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
//! let client = Client::new()?;
//! let base_url = BaseUrl::US_PRODUCTION; // https://www.concursolutions.com
//! # let client = Client::builder().add_root(root).build()?;
//! # let base_url: BaseUrl = server.url().parse()?;
//! let flow = NativeFlow::new(
//!     base_url,
//!     ConsumerKey::new("hj7683jslks93lalkjss93")?,
//!     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
//! );
//! let token = client.send(flow)?;
//! if let Some(at) = token.expires_at() {
//!     println!("a token until {}", Rfc3339(at)); // a token until 2027-09-25T13:36:50Z
//! }
//! # Ok(()) }
//! # #[cfg(not(feature = "blocking"))] fn main() {}
//! ```
//!
//! Everything that is not a transport comes from the crate `concur-oauth-core`, which does no I/O and can be
//! embedded in any runtime. Its central trait is [`Exchange`]: one request to Concur, and how its response is read.
//!
//! # Which service
//!
//! This is for Concur's older token service, `/net2/oauth2`, which has been closed to new applications since 2021. See
//! [which flow](guide::which_flow).
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `blocking` (default) | the module `blocking`: `std::net` and rustls, no async runtime |
//! | `hyper` | the module `hyper`: hyper's pooled client, on tokio |
//! | `http2` | the module `hyper` with HTTP/2, where the server speaks it |
//! | `smol` | the module `smol`: smol's sockets and rustls |
//! | `async-std` | the module `async_std`: the same on async-std, which has been discontinued |
//! | `ring` (default) | TLS by ring |
//! | `aws-lc-rs` | TLS by aws-lc-rs; it is used where `ring` is enabled too |
//!
//! Any combination builds. With `default-features = false` this crate is the core alone, which is
//! what a [transport of your own](transport::writing) needs.
//!
//! # One client, four runtimes
//!
//! Every transport is a `Client` with the same builder, and the same [`Error`] for the same cause. Where
//! `send` blocks for one, it is awaited for the others. Otherwise only the name of the module changes:
//!
//! ```
//! # #[cfg(feature = "hyper")]
//! # async fn token(flow: concur_oauth::net2::NativeFlow) -> Result<(), Box<dyn std::error::Error>> {
//! use concur_oauth::hyper::Client; // or concur_oauth::smol::Client
//!
//! let client = Client::new()?;
//! match client.send(flow).await {
//!     Ok(token) => println!("a token for {}", token.base_url()),
//!     Err(error) => {
//!         println!("{}", error.report());
//!         println!("may have reached Concur: {}", error.may_have_reached_concur());
//!         println!("worth trying again after: {:?}", error.retry_after());
//!     }
//! }
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

#[doc(inline)]
pub use concur_oauth_core::*;

#[cfg(feature = "blocking")]
#[doc(inline)]
pub use concur_oauth_blocking as blocking;
#[cfg(feature = "hyper")]
#[doc(inline)]
pub use concur_oauth_hyper as hyper;
#[cfg(feature = "async-std")]
#[doc(inline)]
pub use concur_oauth_smol::async_std;
#[cfg(feature = "smol")]
#[doc(inline)]
pub use concur_oauth_smol::smol;
