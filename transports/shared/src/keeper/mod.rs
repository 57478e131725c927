//! What the keepers of all transports share: the [tokens](Tokens) that need no question, the
//! [store in memory](MemoryStore), sealing, and the [keeper](Keeper) for tasks.

mod asynchronous;
mod memory_store;
mod on_threads;
mod runner;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealed_store;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealing_keys;
mod tokens;

pub use asynchronous::{Keeper, KeeperBuilder, Transport};
pub use memory_store::MemoryStore;
pub use on_threads::OnThreads;
pub use runner::Runner;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealed_store::SealedStore;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealing_keys::{SealingError, SealingKeys};
pub use tokens::Tokens;
