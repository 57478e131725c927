//! A store in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use concur_oauth_core::keeper::{
    Claimed, GrantName, Lease, Record, Store, StoreError, StoredGrant, Version, Written,
};

/// A store in memory, which ends with its process: for tests, and for grants that are obtained anew at each start.
#[derive(Default)]
pub struct MemoryStore {
    rows: Mutex<BTreeMap<GrantName, Row>>,
}

struct Row {
    version: Version,
    grant: Option<StoredGrant>,
    stored_at: Instant,
    due_in: Duration,
    dead: bool,
    lease: Option<(u128, Instant)>,
}

impl Row {
    fn lease(&self) -> Option<(u128, Duration)> {
        let (nonce, until) = self.lease?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some((nonce, left))
    }

    fn record(&self) -> Record {
        Record {
            version: self.version,
            grant: self.grant.clone(),
            age: self.stored_at.elapsed(),
            dead: self.dead,
            lease: self.lease().map(|(_, left)| Lease {
                left,
                is_abandoned: false,
            }),
        }
    }
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<GrantName, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        Ok(self.rows().get(name).map(Row::record))
    }

    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(name) else {
            return Ok(Claimed::No(None));
        };
        let is_free = row.lease().is_none_or(|(holder, _)| holder == nonce);
        if row.version != version || row.grant.is_none() || row.dead || !is_free {
            return Ok(Claimed::No(Some(row.record())));
        }
        row.lease = Instant::now().checked_add(lease).map(|at| (nonce, at));
        Ok(Claimed::Yes(row.record()))
    }

    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        grant: Option<&[u8]>,
        due_in: Duration,
    ) -> Result<Written, StoreError> {
        let mut rows = self.rows();
        let row = rows.get(name);
        if row.map_or(Version::NONE, |row| row.version) != at {
            return Ok(Written::No(row.map(Row::record)));
        }
        let row = Row {
            version,
            grant: grant.map(|grant| StoredGrant::new(grant.to_vec())),
            stored_at: Instant::now(),
            due_in,
            dead: false,
            lease: None,
        };
        rows.insert(name.clone(), row);
        Ok(Written::Yes)
    }

    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
        if let Some(row) = self.rows().get_mut(name) {
            row.lease = row.lease.filter(|(holder, _)| *holder != nonce);
        }
        Ok(())
    }

    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
        let mut rows = self.rows();
        match rows.get_mut(name) {
            Some(row) if row.version == version && row.grant.is_some() => {
                row.dead = true;
                row.lease = None;
                Ok(Written::Yes)
            }
            row => Ok(Written::No(row.map(|row| row.record()))),
        }
    }

    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError> {
        let rows = self.rows();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = rows.range::<GrantName, _>((start, Bound::Unbounded));
        let due = rows.filter(|(_, row)| {
            let is_due = row.stored_at.elapsed() >= row.due_in;
            is_due && row.grant.is_some() && !row.dead && row.lease().is_none()
        });
        Ok(due.map(|(name, _)| name.clone()).take(limit).collect())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grants = self.rows().len();
        f.debug_struct("MemoryStore")
            .field("grants", &grants)
            .finish_non_exhaustive()
    }
}
