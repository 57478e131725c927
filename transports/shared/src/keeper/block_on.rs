//! A store that is awaited, for a keeper of threads.

use std::fmt;
use std::time::Duration;

use concur_oauth_core::keeper::{
    AsyncStore, Claimed, GrantName, Record, Store, StoreError, StoreFuture, StoreRequest,
    StoreResponse, StoredGrant, Version, Written,
};

type Response = Result<StoreResponse, StoreError>;

/// A store that is awaited, for a keeper of threads: each call is waited for by the runtime of your choice.
///
/// # Examples
///
/// ```ignore
/// let runtime = tokio::runtime::Runtime::new()?;
/// let handle = runtime.handle().clone();
/// let store = BlockOn::new(store, move |future| handle.block_on(future));
/// ```
pub struct BlockOn<S, F> {
    store: S,
    block_on: F,
}

impl<S: AsyncStore, F: Fn(StoreFuture<'_>) -> Response + Send + Sync> BlockOn<S, F> {
    /// Has each call of this store be waited for by this function.
    #[must_use]
    pub fn new(store: S, block_on: F) -> Self {
        Self { store, block_on }
    }

    /// Returns the store beneath.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.store
    }

    fn send(&self, request: StoreRequest) -> Response {
        (self.block_on)(self.store.send(request))
    }
}

/// A store that responds to something else is broken.
fn mixed_up() -> StoreError {
    StoreError::new("the store's response is to another request")
}

impl<S: AsyncStore, F: Fn(StoreFuture<'_>) -> Response + Send + Sync> Store for BlockOn<S, F> {
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        let name = name.clone();
        match self.send(StoreRequest::Load { name })? {
            StoreResponse::Loaded(record) => Ok(record),
            _ => Err(mixed_up()),
        }
    }

    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        let name = name.clone();
        match self.send(StoreRequest::Claim {
            name,
            version,
            nonce,
            lease,
        })? {
            StoreResponse::Claimed(claimed) => Ok(claimed),
            _ => Err(mixed_up()),
        }
    }

    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        grant: Option<&[u8]>,
        due_in: Duration,
    ) -> Result<Written, StoreError> {
        let (name, grant) = (name.clone(), grant.map(|it| StoredGrant::new(it.to_vec())));
        match self.send(StoreRequest::Commit {
            name,
            at,
            version,
            grant,
            due_in,
        })? {
            StoreResponse::Written(written) => Ok(written),
            _ => Err(mixed_up()),
        }
    }

    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
        let name = name.clone();
        self.send(StoreRequest::Release { name, nonce }).map(drop)
    }

    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
        let name = name.clone();
        match self.send(StoreRequest::MarkDead { name, version })? {
            StoreResponse::Written(written) => Ok(written),
            _ => Err(mixed_up()),
        }
    }

    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError> {
        let after = after.cloned();
        match self.send(StoreRequest::ListDue { after, limit })? {
            StoreResponse::Listed(names) => Ok(names),
            _ => Err(mixed_up()),
        }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for BlockOn<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockOn")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
