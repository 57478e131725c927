//! A transport on smol's sockets and timers, with rustls.
//!
//! # Examples
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub use concur_oauth_smol::smol; }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # async_io::block_on(async {
//! use concur_oauth::net2::NativeFlow;
//! use concur_oauth::smol::Client;
//! use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Rfc3339};
//!
//! # let server = concur_oauth_emulator::Server::start()?;
//! # let root = concur_oauth::smol::rustls::pki_types::CertificateDer::from(server.ca_der().to_vec());
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
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use async_io::Async;
use concur_oauth_shared::Timer;

use crate::runtime::Runtime;

#[doc(no_inline)]
pub use rustls;

/// Sends exchanges on smol.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply: make
/// one client, and give clones to as many tasks as you like.
pub type Client = crate::client::Client<Smol>;

pub use concur_oauth_shared::verify_rs256;

/// Builds a [`Client`].
pub type ClientBuilder = concur_oauth_shared::ClientBuilder<Client>;

/// Smol's sockets and timers.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Smol;

impl Runtime for Smol {
    type Socket = Async<TcpStream>;

    async fn connect(address: SocketAddr) -> io::Result<Self::Socket> {
        let socket = Async::<TcpStream>::connect(address).await?;
        socket.get_ref().set_nodelay(true)?;
        Ok(socket)
    }

    fn timer(duration: Duration) -> Timer {
        let timer = async_io::Timer::after(duration);
        Box::pin(async {
            timer.await;
        })
    }
}

/// A keeper of tokens, for tasks on smol.
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
