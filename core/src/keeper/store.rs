//! What a keeper asks of a store.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::{Grant, GrantName, StoreError, Version};

/// What a store has under a name.
///
/// Its times are ages by the store's clock. So no two processes' clocks are ever compared.
#[derive(Clone)]
pub struct Record {
    /// The version of the grant.
    pub version: Version,
    /// The grant. `None` where it was forgotten: what is left is its version.
    pub grant: Option<StoredGrant>,
    /// How long ago this version was stored.
    pub age: Duration,
    /// Whether the grant was marked as dead.
    pub dead: bool,
    /// The lease that is in force.
    pub lease: Option<Lease>,
}

impl Record {
    /// Reads the grant, for a list of what a store has. `None` where it was forgotten.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be read: it was sealed, or was stored by a later version of this crate.
    pub fn read_grant(&self, now: SystemTime) -> Result<Option<Grant>, StoreError> {
        let Some(grant) = &self.grant else {
            return Ok(None);
        };
        if grant.as_bytes().starts_with(b"sealed ") {
            let advice = "the record is sealed: give the keys with which it was";
            return Err(StoreError::wrong_key(advice));
        }
        let grant = Grant::decode(grant.as_bytes(), self.age, now).map_err(|reason| {
            StoreError::of_record(format!("the record cannot be read: {reason}"))
        })?;
        Ok(Some(grant))
    }
}

impl fmt::Debug for Record {
    /// Writes all but the grant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("version", &self.version)
            .field("age", &self.age)
            .field("dead", &self.dead)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// A lease that a process has on a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// How long it is still in force.
    pub left: Duration,
    /// Whether the store knows that the process that had it has ended. Only a store of one machine can know.
    pub is_abandoned: bool,
}

/// What came of a claim.
#[derive(Debug, Clone)]
pub enum Claimed {
    /// The lease was given. The record is what the store has.
    Yes(Record),
    /// Another process has the lease, or the version is another, or the grant is dead. The record is what the store has.
    No(Option<Record>),
}

/// What came of a commit or a mark.
#[derive(Debug, Clone)]
pub enum Written {
    /// It was written.
    Yes,
    /// The store has another version, and was left as it is. The record is what the store has.
    No(Option<Record>),
}

/// A grant in the form in which a keeper stores it, with secrets in the clear. It is wiped when it is dropped, and `Debug`
/// shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredGrant(Zeroizing<Vec<u8>>);

impl StoredGrant {
    /// Takes bytes that were stored. They are wiped with the spare capacity of their buffer.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Returns the bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StoredGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredGrant([REDACTED], {} bytes)", self.0.len())
    }
}

/// What a keeper asks of a store: a value, so that a store can be driven by any runtime.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreRequest {
    /// Reads a record.
    Load {
        /// The grant's name.
        name: GrantName,
    },
    /// Takes the lease, where the version is this, the grant is neither dead nor forgotten, and no lease is in force but the
    /// one with this nonce.
    Claim {
        /// The grant's name.
        name: GrantName,
        /// The version that the record must have.
        version: Version,
        /// Names the claim, so that it can be repeated when its acknowledgement was lost.
        nonce: u128,
        /// How long the lease is to be in force.
        lease: Duration,
    },
    /// Writes a record where the version is `at`, whether a lease is in force or not, and ends the lease. Where `at` is
    /// [`Version::NONE`], there must be no record. The mark of a dead grant ends with it.
    Commit {
        /// The grant's name.
        name: GrantName,
        /// The version that the record must have.
        at: Version,
        /// The version that it is to have.
        version: Version,
        /// The grant. `None` leaves a tombstone: the version alone.
        grant: Option<StoredGrant>,
        /// After how long the grant is due if no caller asks for it.
        due_in: Duration,
    },
    /// Ends the lease with this nonce, if it is in force.
    Release {
        /// The grant's name.
        name: GrantName,
        /// Names the claim.
        nonce: u128,
    },
    /// Marks the grant as dead, where the version is this, and ends the lease. The version stays.
    MarkDead {
        /// The grant's name.
        name: GrantName,
        /// The version that the record must have.
        version: Version,
    },
    /// Lists the grants that are due, in the order of their names, without those that are forgotten, dead or leased.
    ListDue {
        /// The name after which the list begins.
        after: Option<GrantName>,
        /// How many at most.
        limit: usize,
    },
}

impl fmt::Debug for StoreRequest {
    /// Writes what is asked and for which grant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load { name } => write!(f, "Load({name})"),
            Self::Claim { name, version, .. } => write!(f, "Claim({name}, {version})"),
            Self::Commit {
                name, at, version, ..
            } => write!(f, "Commit({name}, at {at}, {version})"),
            Self::Release { name, .. } => write!(f, "Release({name})"),
            Self::MarkDead { name, version } => write!(f, "MarkDead({name}, {version})"),
            Self::ListDue { .. } => write!(f, "ListDue"),
        }
    }
}

/// What a store responds.
#[derive(Debug, Clone)]
pub enum StoreResponse {
    /// To [`StoreRequest::Load`].
    Loaded(Option<Record>),
    /// To [`StoreRequest::Claim`].
    Claimed(Claimed),
    /// To [`StoreRequest::Commit`] and [`StoreRequest::MarkDead`].
    Written(Written),
    /// To [`StoreRequest::Release`].
    Released,
    /// To [`StoreRequest::ListDue`].
    Listed(Vec<GrantName>),
}

impl StoreRequest {
    /// Puts the request to a store, and blocks until it has responded.
    ///
    /// # Errors
    ///
    /// What the store says.
    pub fn send(self, store: &(impl Store + ?Sized)) -> Result<StoreResponse, StoreError> {
        Ok(match self {
            Self::Load { name } => StoreResponse::Loaded(store.load(&name)?),
            Self::Claim {
                name,
                version,
                nonce,
                lease,
            } => StoreResponse::Claimed(store.claim(&name, version, nonce, lease)?),
            Self::Commit {
                name,
                at,
                version,
                grant,
                due_in,
            } => {
                let grant = grant.as_ref().map(StoredGrant::as_bytes);
                StoreResponse::Written(store.commit(&name, at, version, grant, due_in)?)
            }
            Self::Release { name, nonce } => {
                store.release(&name, nonce)?;
                StoreResponse::Released
            }
            Self::MarkDead { name, version } => {
                StoreResponse::Written(store.mark_dead(&name, version)?)
            }
            Self::ListDue { after, limit } => {
                StoreResponse::Listed(store.list_due(after.as_ref(), limit)?)
            }
        })
    }
}

/// A store whose calls block. [A page of the guide](crate::guide::writing_a_store) is for those that write one. Each call is what the variant of [`StoreRequest`] of its name says.
///
/// Each is atomic: what it compares and what it writes is one step, for every process that shares the store. A commit that
/// has returned survives a loss of power.
pub trait Store: Send + Sync {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where it cannot be read.
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError>;

    /// Takes the lease: [`StoreRequest::Claim`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be used. The lease may have been taken.
    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError>;

    /// Writes a record: [`StoreRequest::Commit`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be used. The record may have been written.
    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        grant: Option<&[u8]>,
        due_in: Duration,
    ) -> Result<Written, StoreError>;

    /// Ends the lease: [`StoreRequest::Release`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be used.
    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError>;

    /// Marks the grant as dead: [`StoreRequest::MarkDead`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be used.
    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError>;

    /// Lists what is due: [`StoreRequest::ListDue`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store cannot be used.
    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError>;
}

/// Has a pointer to a store be one.
macro_rules! pointer {
    ($pointer:ident) => {
        impl<S: AsyncStore + ?Sized> AsyncStore for $pointer<S> {
            fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
                (**self).send(request)
            }

            fn take_warning(&self) -> Option<Box<str>> {
                (**self).take_warning()
            }
        }

        impl<S: Store + ?Sized> Store for $pointer<S> {
            fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
                (**self).load(name)
            }

            fn claim(
                &self,
                name: &GrantName,
                version: Version,
                nonce: u128,
                lease: Duration,
            ) -> Result<Claimed, StoreError> {
                (**self).claim(name, version, nonce, lease)
            }

            fn commit(
                &self,
                name: &GrantName,
                at: Version,
                version: Version,
                grant: Option<&[u8]>,
                due_in: Duration,
            ) -> Result<Written, StoreError> {
                (**self).commit(name, at, version, grant, due_in)
            }

            fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
                (**self).release(name, nonce)
            }

            fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
                (**self).mark_dead(name, version)
            }

            fn list_due(
                &self,
                after: Option<&GrantName>,
                limit: usize,
            ) -> Result<Vec<GrantName>, StoreError> {
                (**self).list_due(after, limit)
            }
        }
    };
}

pointer!(Arc);
pointer!(Box);

/// A future of a store.
pub type StoreFuture<'a> =
    Pin<Box<dyn Future<Output = Result<StoreResponse, StoreError>> + Send + 'a>>;

/// A store that is awaited. What each request asks is said on [`StoreRequest`], and what a store promises on [`Store`].
pub trait AsyncStore: Send + Sync {
    /// Does what is asked.
    ///
    /// A future that was polled once is polled until it is ready.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the store could not do it, or did it and could not say so.
    fn send(&self, request: StoreRequest) -> StoreFuture<'_>;

    /// Takes what its operator should know of it, such as that it loses writes when it is restarted: a sentence that says what to do.
    /// A driver asks after each response, and makes an [`Event::StoreWarning`](super::Event::StoreWarning) of it.
    fn take_warning(&self) -> Option<Box<str>> {
        None
    }
}
