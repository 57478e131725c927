//! `concur-oauth grants`.

use std::time::{Duration, SystemTime};

use concur_oauth::keeper::{Grant, GrantName, Record, StoreError};
use concur_oauth::{Rfc3339, TokenScheme};
use serde_json::json;

use crate::args::{GrantsArgs, ListFormat};
use crate::failure::Failure;
use crate::output;
use crate::store::Grants;

/// A grant in the list.
struct Line {
    name: GrantName,
    state: String,
    grant: Option<Grant>,
}

pub(crate) fn run(args: &GrantsArgs) -> Result<(), Failure> {
    output::is_open()?;
    let grants = Grants::existing(&args.store, Duration::from_secs(60))?;
    let names = grants.names()?;
    let records = grants.load(&names);
    let now = SystemTime::now();
    let lines = names.into_iter().zip(records);
    let lines: Vec<_> = lines
        .filter_map(|(name, record)| read(name, record, now))
        .collect();
    if lines.is_empty() && args.format == ListFormat::Text {
        let shown = &grants.shown;
        say!("no grant is stored in {shown}: a command that gets a token stores it with --save");
    }
    match args.format {
        ListFormat::Json => lines
            .iter()
            .try_for_each(|line| output::line(&output::one_line(&value(line)))),
        ListFormat::Text if lines.is_empty() => Ok(()),
        ListFormat::Text => {
            let mut rows = vec![HEAD.map(str::to_owned)];
            rows.extend(lines.iter().map(row));
            table(&rows)
                .iter()
                .try_for_each(|row| output::line(row.trim_end()))
        }
    }
}

const HEAD: [&str; 6] = [
    "NAME",
    "STATE",
    "EXPIRES",
    "REFRESH ENDS",
    "SERVICE",
    "APPLICATION",
];

/// Pads each column to its longest text.
fn table(rows: &[[String; 6]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let padded = |row: &[String; 6]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ")
    };
    rows.iter().map(padded).collect()
}

fn read(
    name: GrantName,
    record: Result<Option<Record>, StoreError>,
    now: SystemTime,
) -> Option<Line> {
    let record = match record {
        Ok(record) => record?,
        Err(error) => {
            say!("warning: {}", error.report());
            return Some(Line {
                name,
                state: "unreadable".to_owned(),
                grant: None,
            });
        }
    };
    match record.read_grant(now) {
        Ok(grant) => {
            let grant = grant?;
            let state = state(&record, &grant, now).to_owned();
            Some(Line {
                name,
                state,
                grant: Some(grant),
            })
        }
        Err(error) => {
            say!("warning: {name}: {}", error.report());
            Some(Line {
                name,
                state: "unreadable".to_owned(),
                grant: None,
            })
        }
    }
}

fn state(record: &Record, grant: &Grant, now: SystemTime) -> &'static str {
    let is_expired = grant.token().is_expired_at(now) == Some(true);
    match record.lease {
        _ if record.dead => "needs consent",
        Some(_) => "renewing",
        None if !grant.has_token() => "no token yet",
        None if is_expired => "expired",
        None => "valid",
    }
}

fn expires_at(grant: &Grant) -> Option<SystemTime> {
    let expires_at = grant.token().expires_at();
    expires_at.filter(|_| grant.has_token())
}

/// Of the older service none is documented, so what the keeper goes by is not shown.
fn refresh_ends_at(grant: &Grant) -> Option<SystemTime> {
    match grant.token().scheme() {
        TokenScheme::OAuth => grant.token().refresh_expires_at(),
        _ => grant.refresh_ends_at(),
    }
}

fn service(grant: &Grant) -> &'static str {
    match grant.token().scheme() {
        TokenScheme::OAuth => "net2",
        _ => "v0",
    }
}

fn row(line: &Line) -> [String; 6] {
    let time = |at: Option<SystemTime>| at.map_or("-".to_owned(), |at| Rfc3339(at).to_string());
    let grant = line.grant.as_ref();
    [
        line.name.as_str().to_owned(),
        line.state.clone(),
        time(grant.and_then(expires_at)),
        time(grant.and_then(refresh_ends_at)),
        grant.map_or("-", service).to_owned(),
        grant
            .map_or("-", |grant| grant.client_id().as_str())
            .to_owned(),
    ]
}

fn value(line: &Line) -> serde_json::Value {
    let time = |at: Option<SystemTime>| at.map(|at| Rfc3339(at).to_string());
    let grant = line.grant.as_ref();
    json!({
        "name": line.name.as_str(),
        "state": line.state,
        "expires_at": time(grant.and_then(expires_at)),
        "refresh_expires_at": time(grant.and_then(refresh_ends_at)),
        "service": grant.map(service),
        "client_id": grant.map(|grant| grant.client_id().as_str()),
        "geolocation": grant.map(|grant| grant.token().base_url().to_string()),
        "scope": grant.and_then(|grant| grant.token().scope()),
    })
}
