//! Grants in files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use concur_oauth::blocking::keeper::{SealedStore, SealingKeys};
use concur_oauth::keeper::{GrantName, Store, StoreError};
use concur_oauth_file::FileStore;

use crate::args::StoreArgs;
use crate::failure::Failure;

/// How long after a claim its request may be sent: the policy's default.
const SEND_WITHIN: Duration = Duration::from_secs(15);

/// A file in the folder of a store that is sealed, so that nothing is stored unsealed beside what is.
const MARK: &str = ".sealed";

/// A folder of grants.
pub(super) struct Files(Arc<FileStore>);

impl Files {
    /// Opens a folder, which is made if it is not there, and the store in it, sealed or not.
    pub(super) fn open(
        folder: &Path,
        keys: Option<SealingKeys>,
        deadline: Duration,
    ) -> Result<(Self, Arc<dyn Store>), Failure> {
        let bad = |error: StoreError| Failure::usage(error.report().to_string());
        let files = FileStore::open(folder).map_err(bad)?;
        let files = Arc::new(files.wait_after_killed(deadline + SEND_WITHIN));
        let mark = folder.join(MARK);
        let shown = folder.display();
        let store: Arc<dyn Store> = match keys {
            Some(keys) => {
                std::fs::write(&mark, "").map_err(|error| {
                    Failure::trouble(format!("cannot write to the folder {shown}: {error}"))
                })?;
                Arc::new(SealedStore::new(Arc::clone(&files), keys))
            }
            None if mark.exists() => {
                return Err(Failure::usage(format!(
                    "what is stored in {shown} is sealed: --store-key-file or CONCUR_STORE_KEY_FILE must name the keys"
                )));
            }
            None => Arc::clone(&files) as Arc<dyn Store>,
        };
        Ok((Self(files), store))
    }

    pub(super) fn check_writable(&self) -> Result<(), StoreError> {
        self.0.check_writable()
    }

    /// Returns the names of all grants, in their order.
    pub(super) fn names(&self) -> Result<Vec<GrantName>, StoreError> {
        let mut names = self.0.names()?;
        names.sort_unstable();
        Ok(names)
    }
}

/// Returns the folder that the options name.
pub(super) fn named(args: &StoreArgs) -> Result<PathBuf, Failure> {
    match &args.store {
        Some(store) => folder(store),
        None => default_folder(),
    }
}

fn folder(store: &str) -> Result<PathBuf, Failure> {
    match store.strip_prefix("file:") {
        Some(folder) if !folder.is_empty() => Ok(folder.into()),
        _ => Err(Failure::usage(
            "--store (or CONCUR_STORE) takes `file:` and a folder, such as file:/var/lib/acme/concur, or the URL of a \
             database: postgres://…, redis://… or rediss://…",
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
