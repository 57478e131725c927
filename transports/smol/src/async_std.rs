//! A transport on async-std, with rustls.
//!
//! **async-std has ended.** Its makers discontinued it in 2025
//! ([RUSTSEC-2025-0052](https://rustsec.org/advisories/RUSTSEC-2025-0052)) and advise its users to move
//! to [smol](https://docs.rs/smol), whose crates it was built on. This module is for applications
//! that use it already. On smol, use the module `smol`, which is enabled by the feature of that name; on tokio,
//! the module `hyper`. Their clients have the same methods and errors.
//!
//! # Examples
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub use concur_oauth_smol::async_std; }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # ::async_std::task::block_on(async {
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::async_std::Client;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::async_std::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
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
//! # Ok(()) }) }
//! ```
#![doc = include_str!("promises.md")]

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use async_std::net::TcpStream;
use concur_oauth_shared::Timer;

use crate::runtime::Runtime;

#[doc(no_inline)]
pub use rustls;

/// Sends exchanges on async-std.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply: make
/// one client, and give clones to as many tasks as you like.
pub type Client = crate::client::Client<AsyncStd>;

pub use concur_oauth_shared::verify_rs256;

/// Builds a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;

/// async-std's sockets and timers.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct AsyncStd;

impl Runtime for AsyncStd {
    type Socket = TcpStream;

    async fn connect(address: SocketAddr) -> io::Result<Self::Socket> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        Ok(socket)
    }

    fn timer(duration: Duration) -> Timer {
        Box::pin(async_std::task::sleep(duration))
    }
}

/// A keeper of tokens, for tasks on async-std.
///
/// What it promises, and how, is on the page of [`concur_oauth_core::keeper`].
#[cfg(feature = "keeper")]
pub mod keeper {
    use concur_oauth_shared::keeper::Parts;

    use super::Client;

    #[doc(inline)]
    pub use concur_oauth_shared::keeper::{MemoryStore, OnThreads};
    #[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
    #[doc(inline)]
    pub use concur_oauth_shared::keeper::{SealedStore, SealingError, SealingKeys};

    /// Keeps the tokens of many grants fresh.
    pub type Keeper = concur_oauth_shared::keeper::Keeper<Client>;

    /// Builds a [`Keeper`].
    pub type KeeperBuilder = concur_oauth_shared::keeper::KeeperBuilder<Parts<Client>>;

    /// Runs a [`Keeper`].
    pub type Runner = concur_oauth_shared::keeper::Runner<Client>;
}
