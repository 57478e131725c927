//! What the scripts return.

use std::time::Duration;

use concur_oauth_core::keeper::{GrantName, Lease, Record, StoreError, StoredGrant, Version};
use concur_oauth_shared::keeper::ListedGrant;

/// A record: its version, the sealed grant, whether it is dead, its age and what is left of its lease in milliseconds.
pub(crate) type Row = (String, Option<Vec<u8>>, u8, u64, u64);
/// A grant in a list: its name, version, whether it is dead, and in milliseconds its age, when it is due, and what is left of its
/// lease.
pub(crate) type ListedRow = (String, String, u8, u64, u64, u64);

pub(crate) fn record(row: Row) -> Result<Record, StoreError> {
    let (version, grant, dead, age, left) = row;
    Ok(Record {
        version: read_version(&version)?,
        grant: grant.map(StoredGrant::new),
        age: Duration::from_millis(age),
        dead: dead == 1,
        lease: lease(left),
    })
}

pub(crate) fn listed(row: &ListedRow) -> Result<ListedGrant, StoreError> {
    let (name, version, dead, age, due_in, left) = row;
    Ok(ListedGrant {
        name: read_name(name)?,
        version: read_version(version)?,
        dead: *dead == 1,
        age: Duration::from_millis(*age),
        due_in: Duration::from_millis(*due_in),
        lease: lease(*left),
    })
}

pub(crate) fn read_name(name: &str) -> Result<GrantName, StoreError> {
    GrantName::new(name).map_err(|error| {
        let advice = "a name among the server's is none that a keeper gave: remove it";
        StoreError::new(advice).because(error)
    })
}

fn read_version(version: &str) -> Result<Version, StoreError> {
    let number = version
        .parse()
        .map_err(|error| StoreError::of_record("the record's version is no number").because(error));
    Ok(Version::new(number?))
}

fn lease(left: u64) -> Option<Lease> {
    (left > 0).then_some(Lease {
        left: Duration::from_millis(left),
        is_abandoned: false,
    })
}
