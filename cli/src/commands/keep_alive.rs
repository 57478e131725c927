//! `concur-oauth keep-alive`.

use std::thread;
use std::time::SystemTime;

use concur_oauth::keeper::{Grant, KeepError, Store};
use concur_oauth::{ConsumerKey, TokenScheme};

use crate::args::KeepAliveArgs;
use crate::failure::Failure;
use crate::keeper::{Stored, finish_on_signal};

pub(crate) fn run(args: KeepAliveArgs) -> Result<(), Failure> {
    let stored = Stored::open(args.renewal)?;
    if let Some((client_id, scheme)) = application(&stored)? {
        stored.read_secret(&client_id, scheme)?;
    }
    finish_on_signal(&stored.keeper)?;
    let Some(every) = args.every else {
        return round(&stored);
    };
    loop {
        if let Err(failure) = round(&stored) {
            say!("warning: {failure}");
        }
        thread::sleep(every);
    }
}

/// Returns the application of the grants, which must be one.
fn application(stored: &Stored) -> Result<Option<(ConsumerKey, TokenScheme)>, Failure> {
    let failed =
        |error: concur_oauth::keeper::StoreError| Failure::trouble(error.report().to_string());
    let mut found: Option<(ConsumerKey, TokenScheme)> = None;
    for name in stored.grants.names().map_err(failed)? {
        // One that cannot be read is said when it is due.
        let record = stored.grants.store.load(&name).ok().flatten();
        let grant = record.and_then(|record| record.read_grant(SystemTime::now()).ok().flatten());
        let Some(grant) = grant.filter(|grant| stored.is_meant(grant)) else {
            continue;
        };
        let application = |grant: &Grant| (grant.client_id().clone(), grant.token().scheme());
        match &found {
            Some((known, _)) if known != grant.client_id() => {
                return Err(Failure::usage(
                    "the grants are for several applications: name one with --client-id, and run the command for each",
                ));
            }
            Some(_) => {}
            None => found = Some(application(&grant)),
        }
    }
    Ok(found)
}

/// Renews what is due, and says how much of it could not be.
fn round(stored: &Stored) -> Result<(), Failure> {
    let states = stored.keeper.keep_alive();
    let failures = states.iter().filter_map(|state| state.failure.as_ref());
    // Another application's is left to another run.
    let failures = failures.filter(|it| !matches!(it, KeepError::NoApplication { .. }));
    let failures: Vec<_> = failures.collect();
    say!(
        "{} due, {} of them not renewed",
        states.len(),
        failures.len()
    );
    let mut failures = failures.into_iter();
    let Some(first) = failures.next() else {
        return Ok(());
    };
    for failure in failures {
        say!("warning: {}", failure.report());
    }
    Err(first.clone().into())
}
