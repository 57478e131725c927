//! Where grants are stored.

mod database;
mod files;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::keeper::SealingKeys;
use concur_oauth::keeper::{GrantName, KeepError, Record, Store, StoreError};
use zeroize::Zeroizing;

use self::database::Database;
use self::files::Files;
use crate::args::StoreArgs;
use crate::database_url::is_url;
use crate::failure::Failure;

/// The store of the command.
pub(crate) struct Grants {
    /// What it is called in messages.
    pub(crate) shown: String,
    pub(crate) store: Arc<dyn Store>,
    place: Place,
}

enum Place {
    Files(Files),
    Database(Database),
}

impl Grants {
    /// Opens the store that the options name, for exchanges with this deadline. The folder or the tables are made if they are not
    /// there.
    pub(crate) fn open(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let grants = Self::existing_or_new(args, deadline)?;
        if let Place::Database(database) = &grants.place {
            database.create()?;
        }
        Ok(grants)
    }

    /// Opens the store that the options name, which must be there.
    pub(crate) fn existing(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let is_database = args.store.as_deref().is_some_and(is_url);
        let folder = (!is_database).then(|| files::named(args)).transpose()?;
        if let Some(folder) = folder.filter(|folder| !folder.exists()) {
            return Err(Failure::usage(format!(
                "nothing is stored in {}: a command with --save does that, and --store or CONCUR_STORE names another place",
                folder.display()
            )));
        }
        Self::existing_or_new(args, deadline)
    }

    fn existing_or_new(args: &StoreArgs, deadline: Duration) -> Result<Self, Failure> {
        let keys = args.store_key_file.as_deref().map(read_keys).transpose()?;
        if let Some(url) = args.store.as_deref().filter(|store| is_url(store)) {
            let database = Database::open(url, keys)?;
            return Ok(Self {
                shown: "the database".to_owned(),
                store: database.store(),
                place: Place::Database(database),
            });
        }
        let folder = files::named(args)?;
        let (files, store) = Files::open(&folder, keys, deadline)?;
        Ok(Self {
            shown: folder.display().to_string(),
            store,
            place: Place::Files(files),
        })
    }

    /// Returns how long a command waits for another by default. In a database the lease of one that was killed runs out by itself.
    pub(crate) fn wait(&self, deadline: Duration) -> Duration {
        match self.place {
            Place::Files(_) => Duration::from_secs(90),
            Place::Database(_) => deadline + Duration::from_secs(250),
        }
    }

    /// Finds out whether a grant of this name could be stored, in place of one that lives or not.
    pub(crate) fn check(&self, name: &GrantName, replaces: bool) -> Result<(), Failure> {
        let failed = |error: StoreError| {
            Failure::from(KeepError::Store {
                name: name.clone(),
                until: SystemTime::now(),
                source: Arc::new(error),
            })
        };
        let record = self.store.load(name).map_err(failed)?;
        if let Some(record) = record {
            let grant = record.read_grant(SystemTime::now()).map_err(failed)?;
            if grant.is_some() && !record.dead && !replaces {
                return Err(Failure::usage(format!(
                    "there is a grant {name} already: take another name, or add --replace, and its refresh token is lost"
                )));
            }
        }
        match &self.place {
            Place::Files(files) => files.check_writable().map_err(failed),
            Place::Database(_) => Ok(()),
        }
    }

    /// Returns whether there is a grant of this name.
    pub(crate) fn has(&self, name: &GrantName) -> bool {
        let record = self.store.load(name).ok().flatten();
        record.is_some_and(|record| record.grant.is_some())
    }

    /// Loads the records of these names.
    pub(crate) fn load(&self, names: &[GrantName]) -> Vec<Result<Option<Record>, StoreError>> {
        match &self.place {
            Place::Files(_) => names.iter().map(|name| self.store.load(name)).collect(),
            Place::Database(database) => database.load(names),
        }
    }

    /// Returns the names of all grants, in their order.
    pub(crate) fn names(&self) -> Result<Vec<GrantName>, Failure> {
        let names = match &self.place {
            Place::Files(files) => files.names(),
            Place::Database(database) => database.names(),
        };
        names.map_err(|error| Failure::trouble(error.report().to_string()))
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
