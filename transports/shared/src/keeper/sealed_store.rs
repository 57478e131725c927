//! A store whose grants are sealed.

use std::time::Duration;

use concur_oauth_core::keeper::{
    AsyncStore, Claimed, GrantName, Record, Store, StoreError, StoreFuture, StoreRequest,
    StoreResponse, StoredGrant, Version, Written,
};

use super::{SealingError, SealingKeys};

/// A store whose grants are sealed, on the way to another and back.
///
/// A sealed grant opens only under the name and the version that it was sealed for: one that was moved to another grant, or put
/// back from an older copy of the same, does not open. What was stored unsealed is read, and is sealed when it is next stored.
#[derive(Debug)]
pub struct SealedStore<S> {
    inner: S,
    keys: SealingKeys,
}

impl<S> SealedStore<S> {
    /// Seals what goes into this store with the first of these keys, and opens what comes from it with any.
    #[must_use]
    pub fn new(inner: S, keys: SealingKeys) -> Self {
        Self { inner, keys }
    }

    /// Returns the store beneath.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn seal(
        &self,
        name: &GrantName,
        version: Version,
        grant: Option<&[u8]>,
    ) -> Result<Option<StoredGrant>, StoreError> {
        let sealed = grant.map(|grant| self.keys.seal(name, version, grant));
        sealed.transpose().map_err(|error| {
            StoreError::new(format!("the grant {name} cannot be sealed")).because(error)
        })
    }

    fn open(&self, name: &GrantName, mut record: Record) -> Result<Record, StoreError> {
        let Some(grant) = &record.grant else {
            return Ok(record);
        };
        match self.keys.open(name, record.version, grant.as_bytes()) {
            Ok(opened) => record.grant = Some(opened),
            Err(SealingError::NotSealed) => {}
            Err(error) => {
                let advice = format!("the grant {name} cannot be opened");
                return Err(StoreError::wrong_key(advice).because(error));
            }
        }
        Ok(record)
    }

    /// Opens what another process has stored, if that can be. Otherwise it stays as it is, and is an error when it is read.
    fn try_open(&self, name: &GrantName, record: Option<Record>) -> Option<Record> {
        let record = record?;
        Some(self.open(name, record.clone()).unwrap_or(record))
    }

    fn open_written(&self, name: &GrantName, written: Written) -> Written {
        match written {
            Written::Yes => Written::Yes,
            Written::No(record) => Written::No(self.try_open(name, record)),
        }
    }
}

impl<S: Store> Store for SealedStore<S> {
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        let record = self.inner.load(name)?;
        record.map(|record| self.open(name, record)).transpose()
    }

    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        Ok(match self.inner.claim(name, version, nonce, lease)? {
            Claimed::Yes(record) => {
                let opened = self.open(name, record);
                if opened.is_err() {
                    // A process that has the key can renew it.
                    self.inner.release(name, nonce)?;
                }
                Claimed::Yes(opened?)
            }
            Claimed::No(record) => Claimed::No(self.try_open(name, record)),
        })
    }

    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        grant: Option<&[u8]>,
        due_in: Duration,
    ) -> Result<Written, StoreError> {
        let sealed = self.seal(name, version, grant)?;
        let sealed = sealed.as_ref().map(StoredGrant::as_bytes);
        let written = self.inner.commit(name, at, version, sealed, due_in)?;
        Ok(self.open_written(name, written))
    }

    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
        self.inner.release(name, nonce)
    }

    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
        let written = self.inner.mark_dead(name, version)?;
        Ok(self.open_written(name, written))
    }

    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError> {
        self.inner.list_due(after, limit)
    }
}

impl<S: AsyncStore> AsyncStore for SealedStore<S> {
    fn send(&self, mut request: StoreRequest) -> StoreFuture<'_> {
        Box::pin(async move {
            let (name, nonce) = match &mut request {
                StoreRequest::Load { name } | StoreRequest::MarkDead { name, .. } => {
                    (name.clone(), None)
                }
                StoreRequest::Claim { name, nonce, .. } => (name.clone(), Some(*nonce)),
                StoreRequest::Commit {
                    name,
                    version,
                    grant,
                    ..
                } => {
                    let open = grant.as_ref().map(StoredGrant::as_bytes);
                    *grant = self.seal(name, *version, open)?;
                    (name.clone(), None)
                }
                StoreRequest::Release { .. } | StoreRequest::ListDue { .. } => {
                    return self.inner.send(request).await;
                }
            };
            Ok(match self.inner.send(request).await? {
                StoreResponse::Loaded(record) => {
                    let record = record.map(|record| self.open(&name, record));
                    StoreResponse::Loaded(record.transpose()?)
                }
                StoreResponse::Claimed(Claimed::Yes(record)) => {
                    let opened = self.open(&name, record);
                    if let (true, Some(nonce)) = (opened.is_err(), nonce) {
                        // A process that has the key can renew it.
                        let release = StoreRequest::Release { name, nonce };
                        self.inner.send(release).await?;
                    }
                    StoreResponse::Claimed(Claimed::Yes(opened?))
                }
                StoreResponse::Claimed(Claimed::No(record)) => {
                    StoreResponse::Claimed(Claimed::No(self.try_open(&name, record)))
                }
                StoreResponse::Written(written) => {
                    StoreResponse::Written(self.open_written(&name, written))
                }
                other => other,
            })
        })
    }

    fn take_warning(&self) -> Option<Box<str>> {
        self.inner.take_warning()
    }
}
