//! A store of files, for a keeper: `concur_oauth::keeper`.
//!
//! Each grant is a file in one folder. Processes of one machine that use the folder share the grants: one of them renews,
//! and the others take what it has stored.
//!
//! # Examples
//!
//! ```
//! use concur_oauth_core::keeper::{GrantName, Store};
//! use concur_oauth_file::FileStore;
//!
//! # let folder = std::env::temp_dir().join(format!("concur-oauth-doc-{}", std::process::id()));
//! # /*
//! let folder = "/var/lib/acme/concur";
//! # */
//! let store = FileStore::open(&folder)?; // made if it is not there, for its owner alone
//! assert!(store.load(&GrantName::new("customer-4711")?)?.is_none());
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | file | what it is |
//! |---|---|
//! | `NAME.grant` | the record: a line of JSON with the version, and the grant |
//! | `NAME.lease` | locked by the process that renews the grant |
//! | `NAME.claim` | the time of that process's claim, meanwhile |
//! | `NAME.lock` | locked for the moment of a write |
//! | `NAME.new` | a record that is being written |
//!
//! What a file name cannot hold in a name is percent-encoded, on every system alike: `nul`, which Windows takes for a device, is
//! `%6eul.grant`. A lock file is never removed, because two processes could then
//! hold two locks.
//!
//! # What it protects from
//!
//! The folder has the mode 0700 and each file 0600, and a folder that others can use is refused. That keeps other users of the
//! machine out. It does not keep out what runs as the same user or as root, or a reader of a backup: for those, wrap the store in a
//! `SealedStore`, of the transports' `keeper` modules.
//!
//! On Windows there are no modes: a new folder has the permissions of the one that it is made in. In a user's own `AppData\Local` those
//! are that user's, the system's and the administrators'. Elsewhere check them, for instance with `icacls`, or wrap the store.
//!
//! A record is written to a file of its own, synced, and renamed, and the folder is synced. So after a loss of power the old
//! record is there or the new one, and once a commit has returned it is the new one, as far as the disk keeps what it acknowledges. Windows syncs no folder: there the file
//! is synced again after it was renamed, and whether the last commit survives a loss of power is up to the file system.
//!
//! The lease is the kernel's lock (`flock`, on Windows `LockFileEx`). It ends with its process, however that ends. Where a process was killed in a
//! renewal, its request may still be on its way, so the others wait until 75 seconds after its claim. A file system over a network
//! is not supported.
//!
//! # When a file cannot be read
//!
//! A record that is torn, or was written by a later version, is an error that names its file, and is never written over. Restore the
//! file from a copy, or remove it and connect the customer anew. To back the folder up, copy it while nothing renews: a copy with
//! an old refresh token can be useless. A forgotten grant leaves a record without secrets, which keeps its version.
#![forbid(unsafe_code)]

mod file_name;
mod folder;
mod lease;
mod lock;
mod record;
mod store;

pub use store::FileStore;
