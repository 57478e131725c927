//! The folder that holds the grants.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use concur_oauth_core::keeper::StoreError;

/// The folder that holds the grants.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens a folder, and makes it if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let shown = path.display();
        if path.exists() && !path.is_dir() {
            return Err(StoreError::new(format!(
                "{shown} is no folder: name another"
            )));
        }
        make(path).map_err(|error| {
            StoreError::new(format!(
                "cannot make the folder {shown}: check that its parent can be written"
            ))
            .because(error)
        })?;
        let metadata = fs::metadata(path).map_err(|error| {
            StoreError::new(format!(
                "cannot read the folder {shown}: check its owner and mode"
            ))
            .because(error)
        })?;
        check_mode(path, &metadata)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Writes a file as large as a record can be, and removes it.
    pub(crate) fn check_writable(&self) -> io::Result<()> {
        let path = self.path.join(format!(".{}.new", std::process::id()));
        let mut file = options()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        let written = file
            .write_all(&[0; 16 * 1024])
            .and_then(|()| file.sync_all());
        drop(file);
        fs::remove_file(&path)?;
        written
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of a file.
    pub(crate) fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.path.join(format!("{name}.{ending}"))
    }

    /// Has a file that was renamed survive a loss of power.
    #[cfg(unix)]
    pub(crate) fn sync(&self, _: &Path) -> io::Result<()> {
        fs::File::open(&self.path)?.sync_all()
    }

    /// Writes out what a file system knows of a file that was renamed. A folder cannot be synced.
    #[cfg(not(unix))]
    pub(crate) fn sync(&self, file: &Path) -> io::Result<()> {
        options().write(true).open(file)?.sync_all()
    }
}

#[cfg(unix)]
fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)?;
    // So that it survives a loss of power with what is in it. A parent that cannot be read is synced by its own time.
    if let Some(parent) = path.parent().and_then(|parent| fs::File::open(parent).ok()) {
        let _ = parent.sync_all();
    }
    Ok(())
}

#[cfg(not(unix))]
fn make(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Refuses a folder that other users can read or change.
#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let shown = path.display();
        return Err(StoreError::new(format!(
            "the folder {shown} can be used by others (mode {mode:03o}): run `chmod 700 {shown}`, or name another"
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), StoreError> {
    Ok(())
}

/// Returns how files are opened: for their owner alone.
pub(crate) fn options() -> fs::OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = fs::OpenOptions::new();
        options.mode(0o600);
        options
    }
    #[cfg(not(unix))]
    fs::OpenOptions::new()
}
