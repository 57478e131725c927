//! The store.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use concur_oauth_core::keeper::{
    Claimed, GrantName, Record, Store, StoreError, StoredGrant, Version, Written,
};

use crate::file_name;
use crate::folder::Folder;
use crate::lease::{self, Held, Taken};
use crate::lock;
use crate::record::{Stored, seconds};

/// How long after its claim a request of a process that was killed may still arrive: the time to send within, and the deadline
/// of an exchange.
const QUIET: Duration = Duration::from_secs(75);
/// How long a lease is taken to be in force, for a process that only looks.
const LEASE: Duration = Duration::from_secs(300);

/// A store of files in one folder. The [crate](crate) says what it promises.
#[derive(Debug)]
pub struct FileStore {
    folder: Folder,
    quiet: Duration,
    /// The leases that this process has.
    held: Mutex<BTreeMap<GrantName, Held>>,
}

impl FileStore {
    /// Opens the store in this folder, which is made, for its owner alone, if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the folder cannot be made or read, or where others can use it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        Ok(Self {
            folder: Folder::open(folder.as_ref())?,
            quiet: QUIET,
            held: Mutex::new(BTreeMap::new()),
        })
    }

    /// Sets how long after the claim of a process that was killed nothing is sent: 75 seconds by default, which is the policy's
    /// time to send within and its deadline.
    #[must_use]
    pub fn wait_after_killed(mut self, quiet: Duration) -> Self {
        self.quiet = quiet;
        self
    }

    /// Writes a file and removes it, to find out before anything is obtained whether it could be stored.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the folder cannot be written, or the disk is full.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        self.folder.check_writable().map_err(|error| {
            let shown = self.folder.path().display();
            let advice = format!("cannot write to the folder {shown}: check the disk and its mode");
            StoreError::new(advice).because(error)
        })
    }

    /// Returns the names of all grants, in no order, without those that were forgotten. A file that cannot be read counts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the folder cannot be read.
    pub fn names(&self) -> Result<Vec<GrantName>, StoreError> {
        let mut names = self.all()?;
        names.retain(|name| {
            let record = file_name::encode(name).and_then(|file| self.read(name, &file));
            record.map_or(true, |record| record.is_some_and(|it| it.grant.is_some()))
        });
        Ok(names)
    }

    fn all(&self) -> Result<Vec<GrantName>, StoreError> {
        let failed = |error| {
            let shown = self.folder.path().display();
            StoreError::new(format!("cannot read the folder {shown}: check its mode"))
                .because(error)
        };
        let mut names = Vec::new();
        for file in std::fs::read_dir(self.folder.path()).map_err(failed)? {
            let file = file.map_err(failed)?.file_name();
            let name = file.to_str().and_then(|name| name.strip_suffix(".grant"));
            names.extend(name.and_then(file_name::decode));
        }
        Ok(names)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<GrantName, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed<'a>(
        &'a self,
        what: &'a str,
        name: &'a GrantName,
        ending: &'a str,
    ) -> impl Fn(io::Error) -> StoreError + 'a {
        move |error| {
            let file = file_name::encode(name).unwrap_or_default();
            let shown = self.folder.file(&file, ending);
            let advice = match error.kind() {
                io::ErrorKind::InvalidData => {
                    "restore that file from a copy, or remove it and connect the user or company anew"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room on the disk"
                }
                io::ErrorKind::ReadOnlyFilesystem => "the file system must be writable",
                io::ErrorKind::PermissionDenied => {
                    "check the owner and the mode of the folder and its files"
                }
                io::ErrorKind::IsADirectory => "a folder is in its place: remove it",
                io::ErrorKind::TimedOut => "see which process holds its lock",
                _ => "check the disk",
            };
            let advice = format!("cannot {what} {name}, {}: {advice}", shown.display());
            let is_of_record = error.kind() == io::ErrorKind::InvalidData;
            let failed = if is_of_record {
                StoreError::of_record
            } else {
                StoreError::new
            };
            failed(advice).because(error)
        }
    }

    fn read(&self, name: &GrantName, file: &str) -> Result<Option<Stored>, StoreError> {
        let path = self.folder.file(file, "grant");
        Stored::read(&path).map_err(self.failed("read the grant", name, "grant"))
    }

    fn record(&self, name: &GrantName, file: &str) -> Result<Option<Record>, StoreError> {
        let Some(stored) = self.read(name, file)? else {
            return Ok(None);
        };
        let mut record = stored.record();
        let own = self.held().get(name).map(|held| held.left(record.version));
        record.lease = if let Some(own) = own {
            own
        } else {
            let path = self.folder.file(file, "lease");
            let lease = lease::look(&path, record.version, LEASE, self.quiet);
            lease.map_err(self.failed("read the lease of", name, "lease"))?
        };
        Ok(Some(record))
    }

    /// Ends a lease of this process that is not in force any more: it has run out, or is of another version.
    fn end_lapsed(&self, name: &GrantName, version: Version) {
        let mut held = self.held();
        if held
            .get(name)
            .is_some_and(|held| held.left(version).is_none())
        {
            let lapsed = held.remove(name);
            drop(held);
            // The lock ends with the file, whatever becomes of the time in it.
            let _ = lapsed.map(Held::end);
        }
    }

    /// Compares the version, and writes what comes of the record, as one step.
    fn change(
        &self,
        name: &GrantName,
        at: Version,
        change: impl FnOnce(Option<Stored>) -> Option<Stored>,
    ) -> Result<Written, StoreError> {
        let file = file_name::encode(name)?;
        let path = self.folder.file(&file, "lock");
        let lock = lock::lock(&path).map_err(self.failed("lock the grant", name, "lock"))?;
        let stored = self.read(name, &file)?;
        let version = stored.as_ref().map_or(Version::NONE, |it| it.version);
        let new = (version == at).then(|| change(stored)).flatten();
        let Some(new) = new else {
            drop(lock);
            self.end_lapsed(name, version);
            return Ok(Written::No(self.record(name, &file)?));
        };
        new.write(&self.folder, &file)
            .map_err(self.failed("write the grant", name, "grant"))?;
        drop(lock);
        let held = self.held().remove(name);
        if let Some(held) = held {
            // The lock ends with the file, whatever becomes of the time in it: that is of a version that is no more.
            let _ = held.end();
        }
        Ok(Written::Yes)
    }
}

impl Store for FileStore {
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        self.record(name, &file_name::encode(name)?)
    }

    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        let file = file_name::encode(name)?;
        self.end_lapsed(name, version);
        let repeated = self
            .held()
            .get(name)
            .is_some_and(|held| held.nonce == nonce);
        let mut taken = None;
        if !repeated {
            let path = self.folder.file(&file, "lease");
            match Held::take(&path, version, nonce, lease, self.quiet).map_err(self.failed(
                "claim the grant",
                name,
                "lease",
            ))? {
                Taken::Yes(held) => taken = Some(held),
                Taken::No(lease) => {
                    let stored = self.read(name, &file)?;
                    return Ok(Claimed::No(stored.map(|stored| Record {
                        lease: Some(lease),
                        ..stored.record()
                    })));
                }
            }
        }
        // Only the process with the lease renews, so the record stays as it is, but for what a user puts.
        let stored = self.read(name, &file);
        let may = |it: &Stored| it.version == version && it.grant.is_some() && !it.dead;
        match stored {
            Ok(Some(stored)) if may(&stored) => {
                if let Some(held) = taken {
                    self.held().insert(name.clone(), held);
                }
                Ok(Claimed::Yes(stored.record()))
            }
            stored => {
                let held = taken.or_else(|| self.held().remove(name));
                let ended = held.map_or(Ok(()), Held::end);
                let stored = stored?;
                ended.map_err(self.failed("release the grant", name, "claim"))?;
                Ok(Claimed::No(stored.map(Stored::record)))
            }
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
        self.change(name, at, |_| {
            let now = seconds();
            Some(Stored {
                version,
                grant: grant.map(|grant| StoredGrant::new(grant.to_vec())),
                dead: false,
                written_at: now,
                due_at: now.saturating_add(due_in.as_secs()),
            })
        })
    }

    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
        let mut held = self.held();
        if held.get(name).is_none_or(|held| held.nonce != nonce) {
            return Ok(());
        }
        let lease = held.remove(name);
        drop(held);
        lease.map_or(Ok(()), |lease| {
            lease
                .end()
                .map_err(self.failed("release the grant", name, "claim"))
        })
    }

    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
        self.change(name, version, |stored| {
            let stored = stored.filter(|stored| stored.grant.is_some())?;
            Some(Stored {
                dead: true,
                ..stored
            })
        })
    }

    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError> {
        let mut names = self.all()?;
        names.retain(|name| after.is_none_or(|after| name > after));
        names.sort_unstable();
        let now = seconds();
        let due = names.into_iter().filter(|name| {
            let stored = file_name::encode(name).and_then(|file| self.read(name, &file));
            // One that cannot be read is said when it is asked for.
            let stored = stored.ok().flatten();
            let is_due = |it: &Stored| it.due_at <= now && it.grant.is_some() && !it.dead;
            stored.is_some_and(|it| is_due(&it))
                && self
                    .load(name)
                    .is_ok_and(|it| it.is_some_and(|it| it.lease.is_none()))
        });
        Ok(due.take(limit).collect())
    }
}
