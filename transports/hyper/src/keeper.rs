//! A keeper of tokens, for tasks on tokio.
//!
//! A [`Keeper`] has the access tokens of many grants, renews each before it ends, and keeps what came of it in a store, which
//! other processes can share. What it promises, and how, is on the page of [`concur_oauth_core::keeper`].
//!
//! # Examples
//!
//! ```
//! # mod concur_oauth { pub use concur_oauth_core::*; pub mod hyper { pub use concur_oauth_hyper::*; } }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # use concur_oauth::{AccessToken, BaseUrl, TokenParts, TokenScheme};
//! use std::time::SystemTime;
//!
//! use concur_oauth::hyper::{Client, keeper::{Keeper, MemoryStore, OnThreads}};
//! use concur_oauth::keeper::Grant;
//! use concur_oauth::{Application, ConsumerKey};
//!
//! # let root = concur_oauth::hyper::rustls::pki_types::CertificateDer::from(concur_oauth_emulator::Server::start()?.ca_der().to_vec());
//! # let client = Client::builder().no_proxy().add_root(root).build()?;
//! # /*
//! let client = Client::new()?;
//! # */
//! let id = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
//! let application = Application::new(id.clone(), "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
//! let store = OnThreads::new(MemoryStore::new()); // or a store of files, or of your own
//! let (keeper, runner) = Keeper::builder(client, store)
//!     .application(application)
//!     .on_event(|event| println!("{event:?}"))
//!     .build()?;
//! let running = tokio::spawn(runner);
//!
//! // Once, when a company has connected:
//! # let mut parts = TokenParts::new(TokenScheme::Bearer, "eyJ0", BaseUrl::EU2);
//! # parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
//! # parts.expires_at = Some(SystemTime::now() + std::time::Duration::from_secs(3600));
//! # let token = AccessToken::from(parts);
//! keeper.put("customer-4711", Grant::new(id, token, SystemTime::now())?).await?;
//!
//! // Whenever its token is needed:
//! let token = keeper.token("customer-4711").await?;
//! let header = token.token().authorization()?;
//!
//! // And at the end, so that nothing that is under way is lost:
//! keeper.stop();
//! running.await?;
//! # Ok(()) }) }
//! ```

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use concur_oauth_core::{Error, StepRequest, StepResponse};
use concur_oauth_shared::keeper::{Parts, Transport};
use concur_oauth_shared::{Settings, Timer};

use crate::{Client, runtime};

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

impl Transport for Client {
    fn send(
        &self,
        request: StepRequest<'static>,
    ) -> Pin<Box<dyn Future<Output = Result<StepResponse, Error>> + Send>> {
        let client = self.clone();
        Box::pin(async move { Client::send(&client, request).await })
    }

    fn timer(&self, duration: Duration) -> Timer {
        match runtime::sleep_until(tokio::time::Instant::now() + duration) {
            Ok(sleep) => Box::pin(sleep),
            // Outside of tokio there is no timer, and nothing runs the keeper either.
            Err(_) => Box::pin(std::future::pending()),
        }
    }

    fn settings(&self) -> &Settings {
        self.settings()
    }
}
