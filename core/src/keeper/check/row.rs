//! A store with one record, that can fail and go back.

use std::time::SystemTime;

use super::service::Pair;
use super::{TICK, tokens_of};
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
    pub(super) fn life(&self, now: SystemTime) -> (bool, bool) {
        let age = TICK * self.age;
        let grant = Grant::decode(self.grant.as_ref().unwrap().as_bytes(), age, now).unwrap();
        let age = now.duration_since(grant.received_at()).unwrap();
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
