//! What the keepers of all transports share: the [tokens](Tokens) that need no question, and the
//! [store in memory](MemoryStore).

mod memory_store;
mod tokens;

pub use memory_store::MemoryStore;
pub use tokens::Tokens;
