//! What the keepers of all transports share: the [tokens](Tokens) that need no question, the
//! [store in memory](MemoryStore), and [sealing](SealedStore).

mod memory_store;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealed_store;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod sealing_keys;
mod tokens;

pub use memory_store::MemoryStore;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealed_store::SealedStore;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub use sealing_keys::{SealingError, SealingKeys};
pub use tokens::Tokens;
