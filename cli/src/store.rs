//! Where grants are stored.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth::blocking::keeper::{SealedStore, SealingKeys};
use concur_oauth::keeper::{GrantName, Store, StoreError};
use concur_oauth_file::FileStore;
use zeroize::Zeroizing;

use crate::args::StoreArgs;
use crate::failure::Failure;

/// How long after a claim its request may be sent: the policy's default.
const SEND_WITHIN: Duration = Duration::from_secs(15);

/// The store of the command: files, sealed or not.
pub(crate) struct Grants {
    files: Arc<FileStore>,
    pub(crate) store: Arc<dyn Store>,
}

impl Grants {
    /// Opens the store that the options name, for exchanges with this deadline.
    pub(crate) fn open(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let folder = match &args.store {
            Some(store) => folder(store)?,
            None => default_folder()?,
        };
        let keys = args.store_key_file.as_deref().map(|path| {
            let unreadable = |error: &dyn Display| {
                let shown = path.display();
                Failure::usage(format!(
                    "cannot read the keys of the store from {shown}: {error}"
                ))
            };
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
            SealingKeys::parse(&Zeroizing::new(text)).map_err(|error| unreadable(&error))
        });
        let keys = keys.transpose()?;
        let files = FileStore::open(folder)
            .map_err(|error| Failure::usage(StoreError::report(&error).to_string()))?;
        let files = Arc::new(files.wait_after_killed(deadline + SEND_WITHIN));
        let store: Arc<dyn Store> = match keys {
            Some(keys) => Arc::new(SealedStore::new(Arc::clone(&files), keys)),
            None => Arc::clone(&files) as Arc<dyn Store>,
        };
        Ok(Self { files, store })
    }

    /// Returns the names of all grants, in their order.
    pub(crate) fn names(&self) -> Result<Vec<GrantName>, StoreError> {
        let mut names = self.files.names()?;
        names.sort_unstable();
        Ok(names)
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
