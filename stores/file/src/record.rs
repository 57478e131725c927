//! The file of a record: a line of JSON about it, and the grant.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{Record, StoredGrant, Version};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::folder::{Folder, options};

/// The number of this form.
const FORMAT: u64 = 1;
/// The longest record that is read, in bytes.
const MAX_LEN: u64 = 256 * 1024;

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) version: Version,
    pub(crate) grant: Option<StoredGrant>,
    pub(crate) dead: bool,
    /// Both in seconds since 1970.
    pub(crate) written_at: u64,
    pub(crate) due_at: u64,
}

impl Stored {
    pub(crate) fn record(self) -> Record {
        Record {
            version: self.version,
            grant: self.grant,
            age: Duration::from_secs(seconds().saturating_sub(self.written_at)),
            dead: self.dead,
            lease: None,
        }
    }

    /// Reads a file. `None` where there is none.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        let file = match options().read(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length > MAX_LEN {
            return Err(foreign("it is longer than any record"));
        }
        let capacity = usize::try_from(length).unwrap_or(0).saturating_add(1);
        // Sized first: a buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        file.take(length).read_to_end(&mut bytes)?;
        Self::parse(&bytes).map(Some)
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (about, rest) = end
            .and_then(|end| bytes.split_at_checked(end))
            .ok_or_else(|| foreign("it has no first line"))?;
        let about: Value = serde_json::from_slice(about)
            .map_err(|_| foreign("its first line is no JSON of this store"))?;
        let number = |name: &str| about.get(name).and_then(Value::as_u64);
        match number("format") {
            Some(FORMAT) => {}
            Some(_) => {
                return Err(foreign(
                    "it was written by a later version of this program, which can read it",
                ));
            }
            None => return Err(foreign("its first line is no JSON of this store")),
        }
        let field = |name| number(name).ok_or_else(|| foreign("its first line lacks a number"));
        let grant = rest.get(1..).unwrap_or_default();
        // A file that was copied or restored in part.
        if u64::try_from(grant.len()).ok() != number("length") {
            return Err(foreign("it is not whole"));
        }
        let is_forgotten = about.get("forgotten").and_then(Value::as_bool);
        Ok(Self {
            version: Version::new(field("version")?),
            grant: (is_forgotten != Some(true)).then(|| StoredGrant::new(grant.to_vec())),
            dead: about.get("dead").and_then(Value::as_bool) == Some(true),
            written_at: field("written_at")?,
            due_at: field("due_at")?,
        })
    }

    /// Writes a file in the place of what is there, so that a loss of power leaves the one or the other. The lock of the record
    /// must be held.
    pub(crate) fn write(&self, folder: &Folder, name: &str) -> io::Result<()> {
        let grant = self.grant.as_ref().map_or(&[][..], StoredGrant::as_bytes);
        let about = json!({
            "format": FORMAT,
            "version": self.version.get(),
            "written_at": self.written_at,
            "due_at": self.due_at,
            "dead": self.dead,
            "forgotten": self.grant.is_none(),
            "length": grant.len(),
        });
        let new = folder.file(name, "new");
        // One that a killed process has left.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = options().write(true).create_new(true).open(&new)?;
        let written = file
            .write_all(format!("{about}\n").as_bytes())
            .and_then(|()| file.write_all(grant))
            .and_then(|()| file.sync_all());
        drop(file);
        let place = folder.file(name, "grant");
        let renamed = written.and_then(|()| fs::rename(&new, &place));
        if renamed.is_err() {
            // It holds a token. Nothing can be done where even that fails.
            let _ = fs::remove_file(&new);
        }
        renamed?;
        folder.sync(&place)
    }
}

fn foreign(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Returns the time in seconds since 1970.
pub(crate) fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
