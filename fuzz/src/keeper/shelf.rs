//! A store that a script drives.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use concur_oauth_core::ExposeSecret;
use concur_oauth_core::keeper::{
    Claimed, GrantName, Lease, Record, StoreRequest, StoreResponse, StoredGrant, Version, Written,
};

/// The records. Times are of the store's own clock.
#[derive(Default)]
pub struct Shelf {
    rows: BTreeMap<GrantName, Row>,
}

struct Row {
    version: Version,
    grant: Option<StoredGrant>,
    dead: bool,
    stored_at: Duration,
    due_at: Duration,
    lease: Option<(u128, Duration)>,
}

impl Row {
    fn record(&self, now: Duration) -> Record {
        let left = self
            .lease
            .map_or(Duration::ZERO, |(_, until)| until.saturating_sub(now));
        let lease = Lease {
            left,
            is_abandoned: false,
        };
        Record {
            version: self.version,
            grant: self.grant.clone(),
            age: now.saturating_sub(self.stored_at),
            dead: self.dead,
            lease: (!left.is_zero()).then_some(lease),
        }
    }
}

impl Shelf {
    /// Does what is asked, at this time of the store's own.
    pub fn respond(&mut self, request: &StoreRequest, now: Duration) -> StoreResponse {
        match request {
            StoreRequest::Load { name } => {
                StoreResponse::Loaded(self.rows.get(name).map(|row| row.record(now)))
            }
            StoreRequest::Claim {
                name,
                version,
                nonce,
                lease,
            } => {
                let Some(row) = self.rows.get_mut(name) else {
                    return StoreResponse::Claimed(Claimed::No(None));
                };
                let is_free = row
                    .lease
                    .is_none_or(|(it, until)| it == *nonce || until <= now);
                if row.version != *version || row.grant.is_none() || row.dead || !is_free {
                    return StoreResponse::Claimed(Claimed::No(Some(row.record(now))));
                }
                row.lease = Some((*nonce, now + *lease));
                StoreResponse::Claimed(Claimed::Yes(row.record(now)))
            }
            StoreRequest::Commit {
                name,
                at,
                version,
                grant,
                due_in,
            } => {
                let stored = self.rows.get(name).map_or(Version::NONE, |row| row.version);
                if stored != *at {
                    let record = self.rows.get(name).map(|row| row.record(now));
                    return StoreResponse::Written(Written::No(record));
                }
                assert!(version > at, "a version goes back");
                let row = Row {
                    version: *version,
                    grant: grant.clone(),
                    dead: false,
                    stored_at: now,
                    due_at: now + *due_in,
                    lease: None,
                };
                self.rows.insert(name.clone(), row);
                StoreResponse::Written(Written::Yes)
            }
            StoreRequest::Release { name, nonce } => {
                if let Some(row) = self.rows.get_mut(name) {
                    row.lease = row.lease.filter(|(holder, _)| holder != nonce);
                }
                StoreResponse::Released
            }
            StoreRequest::MarkDead { name, version } => match self.rows.get_mut(name) {
                Some(row) if row.version == *version && row.grant.is_some() => {
                    row.dead = true;
                    row.lease = None;
                    StoreResponse::Written(Written::Yes)
                }
                row => StoreResponse::Written(Written::No(row.map(|row| row.record(now)))),
            },
            StoreRequest::ListDue { after, limit } => {
                let due = self.rows.iter().filter(|(name, row)| {
                    let is_after = after.as_ref().is_none_or(|after| *name > after);
                    is_after && row.due_at <= now && row.grant.is_some() && !row.dead
                });
                StoreResponse::Listed(due.map(|(name, _)| name.clone()).take(*limit).collect())
            }
        }
    }

    /// Has another process renew a grant. Returns whether there is one.
    pub(super) fn renew(&mut self, name: &GrantName, number: u32, now: Duration) -> bool {
        let Some(row) = self.rows.get_mut(name).filter(|row| row.grant.is_some()) else {
            return false;
        };
        let old = row
            .grant
            .as_ref()
            .map(StoredGrant::as_bytes)
            .unwrap_or_default();
        let old = String::from_utf8(old.to_vec()).expect("JSON");
        if let Some(refresh) = refresh_token(&old) {
            let new = old.replace(&refresh, &format!("hidden-refresh-{number}"));
            row.grant = Some(StoredGrant::new(new.into_bytes()));
        }
        row.version = Version::new(row.version.get() + 1);
        row.stored_at = now;
        row.dead = false;
        row.lease = None;
        true
    }

    /// Returns the grant that has this refresh token.
    pub(super) fn holder(&self, refresh: &str) -> Option<GrantName> {
        let mut rows = self.rows.iter();
        let found = rows.find(|(_, row)| {
            let grant = row.grant.as_ref();
            grant.is_some_and(|grant| refresh_token_of(grant).as_deref() == Some(refresh))
        });
        found.map(|(name, _)| name.clone())
    }

    /// Returns whether a process has a lease on a grant.
    #[must_use]
    pub fn is_leased(&self, name: &GrantName, now: Duration) -> bool {
        let lease = self.rows.get(name).and_then(|row| row.lease);
        lease.is_some_and(|(_, until)| until > now)
    }

    pub(super) fn grant(&self, name: &GrantName) -> Option<StoredGrant> {
        self.rows.get(name)?.grant.clone()
    }
}

/// Returns the refresh token of a stored grant, unless it is the application's own.
pub(super) fn refresh_token_of(grant: &StoredGrant) -> Option<String> {
    let record = Record {
        version: Version::new(1),
        grant: Some(grant.clone()),
        age: Duration::ZERO,
        dead: false,
        lease: None,
    };
    let read = record.read_grant(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let read = read.expect("it can be read").expect("there is a grant");
    let text = std::str::from_utf8(grant.as_bytes()).expect("JSON");
    let access = read.token().token().expose_secret();
    assert!(text.contains(access), "the stored form lacks the token");
    refresh_token(text)
}

fn refresh_token(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(r#""refresh_token":""#)?;
    rest.split('"').next().map(str::to_owned)
}
