//! `concur-oauth grants`.

use std::time::{Duration, SystemTime};

use concur_oauth::keeper::{Grant, GrantName, Record, Store};
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
    let now = SystemTime::now();
    let lines = names
        .into_iter()
        .filter_map(|name| read(&grants, name, now));
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() && args.format == ListFormat::Text {
        let shown = grants.folder.display();
        say!(
            "no grant is stored in {shown}: a command that gets a refresh token stores one with --save"
        );
    }
    if args.format == ListFormat::Text && !lines.is_empty() {
        output::line(&format!(
            "{:<20} {:<14} {:<21} {:<21} {:<7} APPLICATION",
            "NAME", "STATE", "EXPIRES", "REFRESH ENDS", "SERVICE"
        ))?;
    }
    for line in &lines {
        let text = match args.format {
            ListFormat::Text => text(line),
            ListFormat::Json => output::one_line(&value(line)),
        };
        output::line(&text)?;
    }
    Ok(())
}

fn read(grants: &Grants, name: GrantName, now: SystemTime) -> Option<Line> {
    let record = match grants.store.load(&name) {
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
        None if is_expired => "expired",
        None => "valid",
    }
}

fn service(grant: &Grant) -> &'static str {
    match grant.token().scheme() {
        TokenScheme::OAuth => "net2",
        _ => "v0",
    }
}

fn text(line: &Line) -> String {
    let time = |at: Option<SystemTime>| at.map_or("-".to_owned(), |at| Rfc3339(at).to_string());
    let grant = line.grant.as_ref();
    format!(
        "{:<20} {:<14} {:<21} {:<21} {:<7} {}",
        line.name.as_str(),
        line.state,
        time(grant.and_then(|grant| grant.token().expires_at())),
        time(grant.map(Grant::refresh_ends_at)),
        grant.map_or("-", service),
        grant.map_or("-", |grant| grant.client_id().as_str()),
    )
}

fn value(line: &Line) -> serde_json::Value {
    let time = |at: Option<SystemTime>| at.map(|at| Rfc3339(at).to_string());
    let grant = line.grant.as_ref();
    json!({
        "name": line.name.as_str(),
        "state": line.state,
        "expires_at": time(grant.and_then(|grant| grant.token().expires_at())),
        "refresh_expires_at": time(grant.map(Grant::refresh_ends_at)),
        "service": grant.map(service),
        "client_id": grant.map(|grant| grant.client_id().as_str()),
        "geolocation": grant.map(|grant| grant.token().base_url().to_string()),
        "scope": grant.and_then(|grant| grant.token().scope()),
    })
}
