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
//! | `NAME.lease` | locked by the process that renews the grant; holds the time of its claim meanwhile |
//! | `NAME.lock` | locked for the moment of a write |
//! | `NAME.new` | a record that is being written |
//!
//! What a file name cannot hold in a name is percent-encoded. A lock file is never removed, because two processes could then
//! hold two locks.
//!
//! # What it protects from
//!
//! The folder has the mode 0700 and each file 0600, and a folder that others can use is refused. That protects from other
//! users of the machine, and from nothing that runs as the same user or as root, nor from whoever gets a backup: for those,
//! seal the grants.
//!
//! A record is written to a file of its own, synced, and renamed, and the folder is synced: after a loss of power, the old
//! record is there, or the new one, and a commit that has returned is the new one. That is so as far as the disk and its file
//! system keep their word.
//!
//! The lease is the kernel's lock (`flock`). It ends with its process, however that ends. Where a process was killed in a
//! renewal, its request may still be on its way: others wait until 75 seconds after its claim. A file system over a network is
//! not supported.
#![forbid(unsafe_code)]

mod file_name;
mod folder;
mod lease;
mod lock;
mod record;
mod store;

pub use store::FileStore;
