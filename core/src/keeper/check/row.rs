//! A store with one record, that can fail and go back.

use std::time::Duration;

use super::service::Pair;
use super::{TICK, start, tokens_of};
use crate::keeper::{
    Claimed, Grant, Lease, Record, StoreRequest, StoreResponse, StoredGrant, Version, Written,
};

/// The record of the one grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Zero where there never was one.
    pub(super) version: u64,
    pub(super) grant: Option<StoredGrant>,
    pub(super) tokens: Option<Pair>,
    pub(super) dead: bool,
    /// In ticks.
    pub(super) age: u32,
    /// How old the token was when it was stored.
    pub(super) age_at_commit: Duration,
    /// Nonce, and ticks left.
    pub(super) lease: Option<(u128, u32)>,
}

impl Row {
    pub(super) fn tick(&mut self) {
        self.age += 1;
        self.lease = self
            .lease
            .filter(|(_, left)| *left > 1)
            .map(|(nonce, left)| (nonce, left - 1));
    }

    /// Returns whether the token is not due, and whether it lives.
    pub(super) fn life(&self) -> (bool, bool) {
        let age = self.age_at_commit + TICK * self.age;
        (age < TICK * 45, age < TICK * 60)
    }

    fn record(&self) -> Option<Record> {
        (self.version > 0).then(|| Record {
            version: Version::new(self.version),
            grant: self.grant.clone(),
            age: TICK * self.age,
            dead: self.dead,
            lease: self.lease.map(|(_, left)| Lease {
                left: TICK * left,
                is_abandoned: false,
            }),
        })
    }

    pub(super) fn respond(&mut self, request: &StoreRequest) -> StoreResponse {
        match request {
            StoreRequest::Load { .. } => StoreResponse::Loaded(self.record()),
            StoreRequest::Claim {
                version,
                nonce,
                lease,
                ..
            } => {
                let is_free = self.lease.is_none_or(|(holder, _)| holder == *nonce);
                if self.version != version.get() || self.grant.is_none() || self.dead || !is_free {
                    return StoreResponse::Claimed(Claimed::No(self.record()));
                }
                let ticks = u32::try_from(lease.as_secs() / TICK.as_secs()).unwrap();
                let record = self.record().unwrap();
                self.lease = Some((*nonce, ticks));
                StoreResponse::Claimed(Claimed::Yes(record))
            }
            StoreRequest::Commit {
                at, version, grant, ..
            } => {
                if self.version != at.get() {
                    return StoreResponse::Written(Written::No(self.record()));
                }
                assert!(version > at, "a version goes back");
                *self = Self {
                    version: version.get(),
                    tokens: grant.as_ref().map(|grant| tokens_of(grant.as_bytes())),
                    age_at_commit: grant.as_ref().map_or(Duration::ZERO, age_of),
                    grant: grant.clone(),
                    ..Self::default()
                };
                StoreResponse::Written(Written::Yes)
            }
            StoreRequest::Release { nonce, .. } => {
                self.lease = self.lease.filter(|(holder, _)| holder != nonce);
                StoreResponse::Released
            }
            StoreRequest::MarkDead { version, .. } => {
                if self.version != version.get() || self.grant.is_none() {
                    return StoreResponse::Written(Written::No(self.record()));
                }
                self.dead = true;
                self.lease = None;
                StoreResponse::Written(Written::Yes)
            }
            StoreRequest::ListDue { .. } => StoreResponse::Listed(vec![super::name()]),
        }
    }
}

/// Returns how old a token was when it was stored.
pub(super) fn age_of(grant: &StoredGrant) -> Duration {
    let grant = Grant::decode(grant.as_bytes(), Duration::ZERO, start()).unwrap();
    start().duration_since(grant.received_at()).unwrap()
}
