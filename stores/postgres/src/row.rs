//! Reading rows.

use std::time::Duration;

use concur_oauth_core::keeper::{GrantName, Lease, Record, StoreError, StoredGrant, Version};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::error::failed;

pub(crate) fn record(row: &Row) -> Result<Record, StoreError> {
    let grant: Option<Vec<u8>> = get(row, 1)?;
    Ok(Record {
        version: version(get(row, 0)?)?,
        grant: grant.map(StoredGrant::new),
        dead: get(row, 2)?,
        age: seconds(get(row, 3)?),
        lease: lease(get(row, 4)?),
    })
}

pub(crate) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(failed)
}

pub(crate) fn name(row: &Row) -> Result<GrantName, StoreError> {
    let name: &str = get(row, 0)?;
    GrantName::new(name).map_err(|error| {
        StoreError::new("a row of the table has a name that no keeper gave it: remove it")
            .because(error)
    })
}

pub(crate) fn version(number: i64) -> Result<Version, StoreError> {
    let number = u64::try_from(number);
    let number = number.map_err(|_| StoreError::of_record("the record's version is negative"))?;
    Ok(Version::new(number))
}

/// Returns a version as the database stores it.
pub(crate) fn number(version: Version) -> Result<i64, StoreError> {
    let number = i64::try_from(version.get());
    number.map_err(|_| StoreError::of_record("the version is greater than the database's numbers"))
}

pub(crate) fn lease(left: Option<f64>) -> Option<Lease> {
    let left = seconds(left?);
    (!left.is_zero()).then_some(Lease {
        left,
        is_abandoned: false,
    })
}

/// Returns a span of time: none where the database's clock was set back.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
