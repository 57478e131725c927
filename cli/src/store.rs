//! Where grants are stored.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::keeper::{SealedStore, SealingKeys};
use concur_oauth::keeper::{GrantName, KeepError, Store, StoreError};
use concur_oauth_file::FileStore;
use zeroize::Zeroizing;

use crate::args::StoreArgs;
use crate::failure::Failure;

/// How long after a claim its request may be sent: the policy's default.
const SEND_WITHIN: Duration = Duration::from_secs(15);

/// A file in the folder of a store that is sealed, so that nothing is stored unsealed beside what is.
const MARK: &str = ".sealed";

/// The store of the command: files, sealed or not.
pub(crate) struct Grants {
    pub(crate) folder: PathBuf,
    files: Arc<FileStore>,
    pub(crate) store: Arc<dyn Store>,
}

impl Grants {
    /// Opens the store that the options name, for exchanges with this deadline. The folder is made if it is not there.
    pub(crate) fn open(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let folder = named(args)?;
        let keys = args.store_key_file.as_deref().map(read_keys).transpose()?;
        let bad = |error: StoreError| Failure::usage(error.report().to_string());
        let files = FileStore::open(&folder).map_err(bad)?;
        let files = Arc::new(files.wait_after_killed(deadline + SEND_WITHIN));
        let mark = folder.join(MARK);
        let store: Arc<dyn Store> = match keys {
            Some(keys) => {
                std::fs::write(&mark, "").map_err(|error| {
                    let shown = folder.display();
                    Failure::trouble(format!("cannot write to the folder {shown}: {error}"))
                })?;
                Arc::new(SealedStore::new(Arc::clone(&files), keys))
            }
            None if mark.exists() => {
                return Err(Failure::usage(format!(
                    "what is stored in {} is sealed: --store-key-file or CONCUR_STORE_KEY_FILE must name the keys",
                    folder.display()
                )));
            }
            None => Arc::clone(&files) as Arc<dyn Store>,
        };
        Ok(Self {
            folder,
            files,
            store,
        })
    }

    /// Opens the store that the options name, which must be there.
    pub(crate) fn existing(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let folder = named(args)?;
        if !folder.exists() {
            return Err(Failure::usage(format!(
                "nothing is stored in {}: a command with --save does that, and --store or CONCUR_STORE names another folder",
                folder.display()
            )));
        }
        Self::open(args, deadline)
    }

    /// Finds out whether a grant of this name could be stored.
    pub(crate) fn check(&self, name: &GrantName) -> Result<(), Failure> {
        let failed = |error: StoreError| {
            Failure::from(KeepError::Store {
                name: name.clone(),
                until: SystemTime::now(),
                source: Arc::new(error),
            })
        };
        self.store.load(name).map_err(failed)?;
        self.files.check_writable().map_err(failed)
    }

    /// Returns whether there is a grant of this name.
    pub(crate) fn has(&self, name: &GrantName) -> bool {
        let record = self.store.load(name).ok().flatten();
        record.is_some_and(|record| record.grant.is_some())
    }

    /// Returns the names of all grants, in their order.
    pub(crate) fn names(&self) -> Result<Vec<GrantName>, Failure> {
        let names = self.files.names();
        let mut names = names.map_err(|error| Failure::trouble(error.report().to_string()))?;
        names.sort_unstable();
        Ok(names)
    }
}

/// Reads the keys that seal what is stored.
fn read_keys(path: &Path) -> Result<SealingKeys, Failure> {
    let shown = path.display();
    let unreadable = |error: &dyn Display| {
        Failure::usage(format!(
            "cannot read the keys of the store from {shown}: {error}"
        ))
    };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    let keys = SealingKeys::parse(&Zeroizing::new(text)).map_err(|error| unreadable(&error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(path);
        if metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
            say!("warning: the keys of the store can be read by others: run `chmod 600 {shown}`");
        }
    }
    Ok(keys)
}

fn named(args: &StoreArgs) -> Result<PathBuf, Failure> {
    match &args.store {
        Some(store) => folder(store),
        None => default_folder(),
    }
}

fn folder(store: &str) -> Result<PathBuf, Failure> {
    match store.strip_prefix("file:") {
        Some(folder) if !folder.is_empty() => Ok(folder.into()),
        _ => Err(Failure::usage(
            "--store (or CONCUR_STORE) takes `file:` and a folder, such as file:/var/lib/acme/concur",
        )),
    }
}

/// Returns the folder of the user's state.
fn default_folder() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let absolute = |path: &PathBuf| path.is_absolute();
    let home = || variable("HOME").filter(absolute);
    let state = if cfg!(windows) {
        variable("LOCALAPPDATA").filter(absolute)
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        // (XDG Base Directory Specification.)
        let named = variable("XDG_STATE_HOME").filter(absolute);
        named.or_else(|| home().map(|home| home.join(".local/state")))
    };
    let none =
        || Failure::usage("there is no home folder to store in: give --store or set CONCUR_STORE");
    Ok(state.ok_or_else(none)?.join("concur-oauth"))
}
