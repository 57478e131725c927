//! The statements, for a table of any name.

use concur_oauth_core::keeper::StoreError;

/// The number of the schema that this version reads and writes.
pub(crate) const SCHEMA: i32 = 1;
/// The table's name by default, which `schema.sql` has.
pub(crate) const TABLE: &str = "concur_oauth_grants";

const SCHEMA_SQL: &str = include_str!("../schema.sql");

/// A record's columns, in the order in which a row is read.
const RECORD: &str = "version, sealed, dead, \
     extract(epoch FROM now() - stored_at)::float8, extract(epoch FROM lease_until - now())::float8";

/// The statements of a table.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) schema: String,
    pub(crate) schema_version: String,
    pub(crate) load: String,
    pub(crate) claim: String,
    pub(crate) insert: String,
    pub(crate) update: String,
    pub(crate) release: String,
    pub(crate) mark_dead: String,
    pub(crate) list_due: String,
    pub(crate) list: String,
}

impl Statements {
    /// Writes the statements of this table, whose name must need no quotes.
    pub(crate) fn of(table: &str) -> Result<Self, StoreError> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well =
            table.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
        // The longest that is made of it is 7 bytes longer, and PostgreSQL cuts names at 63.
        if !begins_well || table.len() > 50 || !table.bytes().all(is_plain) {
            return Err(StoreError::new(
                "the table's name must have 1 to 50 of a-z, 0-9 and `_`, and no digit first",
            ));
        }
        let is_free = "(lease_until IS NULL OR lease_until <= now()";
        let is_alive = "sealed IS NOT NULL AND NOT dead";
        Ok(Self {
            schema: SCHEMA_SQL.replace(TABLE, table),
            schema_version: format!("SELECT max(version) FROM {table}_schema"),
            load: format!("SELECT {RECORD} FROM {table} WHERE name = $1"),
            claim: format!(
                "UPDATE {table} SET lease_nonce = $3, lease_until = now() + make_interval(secs => $4) \
                 WHERE name = $1 AND version = $2 AND {is_alive} AND {is_free} OR lease_nonce = $3) \
                 RETURNING {RECORD}"
            ),
            insert: format!(
                "INSERT INTO {table} (name, version, sealed, due_at) \
                 VALUES ($1, $2, $3, now() + make_interval(secs => $4)) ON CONFLICT (name) DO NOTHING RETURNING version"
            ),
            update: format!(
                "UPDATE {table} SET version = $2, sealed = $3, due_at = now() + make_interval(secs => $4), \
                 dead = false, stored_at = now(), lease_nonce = NULL, lease_until = NULL \
                 WHERE name = $1 AND version = $5 RETURNING version"
            ),
            release: format!(
                "UPDATE {table} SET lease_nonce = NULL, lease_until = NULL \
                 WHERE name = $1 AND lease_nonce = $2"
            ),
            mark_dead: format!(
                "UPDATE {table} SET dead = true, lease_nonce = NULL, lease_until = NULL \
                 WHERE name = $1 AND version = $2 AND sealed IS NOT NULL RETURNING version"
            ),
            list_due: format!(
                "SELECT name FROM {table} WHERE due_at <= now() AND {is_alive} AND {is_free}) \
                 AND name > $1 ORDER BY name LIMIT $2"
            ),
            list: format!(
                "SELECT name, version, dead, extract(epoch FROM now() - stored_at)::float8, \
                 extract(epoch FROM due_at - now())::float8, \
                 extract(epoch FROM lease_until - now())::float8 \
                 FROM {table} WHERE sealed IS NOT NULL AND name > $1 ORDER BY name LIMIT $2"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_quotes_are_refused() {
        for table in ["grants", "_g1", TABLE, &"g".repeat(50)] {
            assert!(Statements::of(table).is_ok(), "{table}");
        }
        for table in [
            "",
            "1g",
            "Grants",
            "a b",
            "a;b",
            "a\"b",
            "ä",
            &"g".repeat(51),
        ] {
            assert!(Statements::of(table).is_err(), "{table}");
        }
    }

    #[test]
    fn schema_is_written_for_any_table() {
        let statements = Statements::of("acme").unwrap();
        assert!(!statements.schema.contains(TABLE));
        assert!(
            statements
                .schema
                .contains("CREATE TABLE IF NOT EXISTS acme (")
        );
        let number = format!("VALUES ({SCHEMA})");
        assert!(statements.schema.contains(&number));
    }
}
