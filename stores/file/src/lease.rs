//! The lease of a grant: the lock of a file, and beside it the time of the claim.
//!
//! They are two files, because on Windows no other process can read what is locked.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use concur_oauth_core::keeper::{Lease, Version};

use crate::lock;
use crate::record::seconds;

/// A lease that this process has.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) nonce: u128,
    pub(crate) version: Version,
    until: Instant,
    claim: File,
    /// Holds the lock.
    _lease: File,
}

/// What is in the file of a claim.
#[derive(Debug, Clone, Copy)]
struct Claim {
    /// In seconds since 1970.
    at: u64,
    version: u64,
}

/// What came of taking a lease.
pub(crate) enum Taken {
    Yes(Held),
    No(Lease),
}

impl Held {
    /// Takes the lease of a version, unless another has it, or was killed with it not `quiet` ago.
    pub(crate) fn take(
        path: &Path,
        version: Version,
        nonce: u128,
        lease: Duration,
        quiet: Duration,
    ) -> io::Result<Taken> {
        let locked = lock::open(path)?;
        let mut claim = lock::open(&of_claim(path))?;
        if !lock::try_lock(&locked)? {
            return Ok(Taken::No(running(&mut claim, lease)?));
        }
        if let Some(left) = abandoned(&mut claim, version, quiet)? {
            return Ok(Taken::No(left));
        }
        write(&mut claim, seconds(), version)?;
        Ok(Taken::Yes(Self {
            nonce,
            version,
            until: Instant::now() + lease,
            claim,
            _lease: locked,
        }))
    }

    /// Returns what is left of the lease of this version, if it is in force.
    pub(crate) fn left(&self, version: Version) -> Option<Lease> {
        let left = self.until.saturating_duration_since(Instant::now());
        (self.version == version && !left.is_zero()).then_some(Lease {
            left,
            is_abandoned: false,
        })
    }

    /// Ends the lease.
    pub(crate) fn end(self) -> io::Result<()> {
        self.claim.set_len(0)
    }
}

/// Returns the lease of a version that is in force, by another process or by one that was killed.
pub(crate) fn look(
    path: &Path,
    version: Version,
    lease: Duration,
    quiet: Duration,
) -> io::Result<Option<Lease>> {
    let file = File::options().read(true).write(true).open(of_claim(path));
    let mut claim = match file {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if read(&mut claim)?.is_none_or(|claim| claim.version != version.get()) {
        return Ok(None);
    }
    let locked = lock::open(path)?;
    if !lock::try_lock(&locked)? {
        return Ok(Some(running(&mut claim, lease)?));
    }
    abandoned(&mut claim, version, quiet)
}

/// Returns the path of the claim beside that of a lease.
fn of_claim(lease: &Path) -> PathBuf {
    lease.with_extension("claim")
}

/// Returns the lease of a process that lives. It ends when that is done, which cannot be known.
fn running(claim: &mut File, lease: Duration) -> io::Result<Lease> {
    let age = read(claim)?.map_or(0, |claim| seconds().saturating_sub(claim.at));
    let left = lease.saturating_sub(Duration::from_secs(age));
    Ok(Lease {
        left: left.max(Duration::from_secs(1)),
        is_abandoned: false,
    })
}

/// Returns what is left of the lease of a process that was killed. The lock must be held.
fn abandoned(file: &mut File, version: Version, quiet: Duration) -> io::Result<Option<Lease>> {
    let Some(claim) = read(file)?.filter(|claim| claim.version == version.get()) else {
        return Ok(None);
    };
    let now = seconds();
    if claim.at > now {
        // The clock has stepped back since. Count from now on.
        write(file, now, version)?;
    }
    let age = Duration::from_secs(now.saturating_sub(claim.at));
    let left = quiet.saturating_sub(age);
    Ok((!left.is_zero()).then_some(Lease {
        left,
        is_abandoned: true,
    }))
}

/// Writes a claim. It is not synced: it is for processes that start while this machine runs.
fn write(file: &mut File, at: u64, version: Version) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(format!("{at} {}\n", version.get()).as_bytes())
}

/// Reads a claim. `None` where there is none, or what is there was damaged.
fn read(file: &mut File) -> io::Result<Option<Claim>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(64).read_to_end(&mut bytes)?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    Ok(match (numbers.next(), numbers.next()) {
        (Some(Ok(at)), Some(Ok(version))) => Some(Claim { at, version }),
        _ => None,
    })
}
