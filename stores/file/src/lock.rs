//! The lock under which a record is compared and written.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::folder::options;

/// How long another's write is waited for. It takes milliseconds, unless its process stands still.
const DEADLINE: Duration = Duration::from_secs(10);

/// Opens a lock file, which is made if it is not there.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = options();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path)
}

/// Takes a lock if it is free.
pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Takes the lock of this path, which ends when the file is dropped.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let file = open(path)?;
    let until = Instant::now() + DEADLINE;
    let mut pause = Duration::from_millis(1);
    while !try_lock(&file)? {
        if Instant::now() >= until {
            let why = "another process has held the lock for 10 s: see what it does";
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    Ok(file)
}
