//! The tokens that are handed out without a question to the keeper.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use concur_oauth_core::keeper::{GrantName, KeptToken};

/// How many locks there are. Two threads that ask for two grants seldom meet at one.
const SHARDS: usize = 64;

type Shard = RwLock<HashMap<GrantName, Arc<KeptToken>>>;

/// The tokens that are handed out without a question to the keeper, by the names of their grants.
pub struct Tokens {
    shards: Box<[Shard]>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
        }
    }
}

impl Tokens {
    /// Returns the token of a grant that needs no question at `now`.
    #[must_use]
    pub fn get(&self, name: &str, now: SystemTime) -> Option<Arc<KeptToken>> {
        let tokens = self.shard(name);
        let tokens = tokens.read().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(name).filter(|token| token.is_current_at(now))?;
        Some(Arc::clone(token))
    }

    /// Keeps a token, in place of an earlier one of its grant.
    pub fn put(&self, token: &Arc<KeptToken>) {
        let name = token.name();
        let tokens = self.shard(name.as_str());
        let mut tokens = tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(name.clone(), Arc::clone(token));
    }

    /// Drops the token of a grant that has none any more.
    pub fn remove(&self, name: &str) {
        let tokens = self.shard(name);
        let mut tokens = tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(name);
    }

    fn shard(&self, name: &str) -> &Shard {
        // FNV-1a. Which lock it is, is no secret and no attack: at worst, all meet at one.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let index = usize::try_from(hash >> 58).unwrap_or(0);
        &self.shards[index]
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}
