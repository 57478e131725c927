//! What the keepers of all transports share: the [tokens](Tokens) that need no question, the
//! [store in memory](MemoryStore), sealing, and the [keeper](Keeper) for tasks.

mod asynchronous;
mod block_on;
mod builder;
mod listed_grant;
mod memory_store;
mod on_threads;
mod runner;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealed_store;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealing_keys;
mod tokens;

pub use asynchronous::{Keeper, Parts, Transport};
pub use block_on::BlockOn;
pub use builder::{KeeperBuilder, KeeperParts, OnEvent, Setup};
pub use listed_grant::ListedGrant;
pub use memory_store::MemoryStore;
pub use on_threads::OnThreads;
pub use runner::Runner;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealed_store::SealedStore;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealing_keys::{SealingError, SealingKeys};
pub use tokens::Tokens;

/// How long a store that fails is tried again before a caller that puts or forgets is told.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
