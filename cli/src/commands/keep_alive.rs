//! `concur-oauth keep-alive`.

use std::thread;
use std::time::SystemTime;

use concur_oauth::keeper::{Grant, KeepError, Store};
use concur_oauth::{ConsumerKey, TokenScheme};

use crate::args::KeepAliveArgs;
use crate::failure::Failure;
use crate::keeper::{Stored, finish_on_signal, take_renewed};

pub(crate) fn run(args: KeepAliveArgs) -> Result<(), Failure> {
    let stored = Stored::open(args.renewal)?;
    let (client_id, scheme) = application(&stored)?;
    stored.read_secret(&client_id, scheme)?;
    finish_on_signal(&stored.keeper)?;
    let Some(every) = args.every else {
        return round(&stored, &client_id);
    };
    loop {
        if let Err(failure) = round(&stored, &client_id) {
            say!("warning: {failure}");
        }
        thread::sleep(every);
    }
}

/// Returns the application of the grants, which must be one.
fn application(stored: &Stored) -> Result<(ConsumerKey, TokenScheme), Failure> {
    let mut found: Option<(ConsumerKey, TokenScheme)> = None;
    for name in stored.grants.names()? {
        // One that cannot be read is said below.
        let record = stored.grants.store.load(&name).ok().flatten();
        let grant = record.and_then(|record| record.read_grant(SystemTime::now()).ok().flatten());
        // An application's own token does not age out.
        let grant = grant.filter(|grant| grant.refresh_ends_at().is_some());
        let Some(grant) = grant.filter(|grant| stored.is_meant(grant.client_id())) else {
            continue;
        };
        let application = |grant: &Grant| (grant.client_id().clone(), grant.token().scheme());
        match &found {
            Some((known, _)) if known != grant.client_id() => {
                return Err(Failure::usage(
                    "the grants are for several applications: name one with --client-id, and run the command for each, \
                     with its secret",
                ));
            }
            Some(_) => {}
            None => found = Some(application(&grant)),
        }
    }
    let shown = &stored.grants.shown;
    found.ok_or_else(|| {
        Failure::usage(match stored.named() {
            Some(named) => format!("no grant of the application {named} can be read in {shown}"),
            None => format!("no grant can be read in {shown}: see `concur-oauth grants`"),
        })
    })
}

/// Renews what is due, and says what was not and should have been.
fn round(stored: &Stored, client_id: &ConsumerKey) -> Result<(), Failure> {
    let states = stored.keeper.keep_alive();
    let states = states.map_err(|error| Failure::trouble(error.report().to_string()))?;
    let mut failures = Vec::new();
    for state in states {
        match state.failure {
            // Another application's is left to another run.
            None | Some(KeepError::NoApplication { .. }) => {}
            Some(failure) => failures.push(stored.failure(failure)),
        }
    }
    let (mut grants, mut unfit) = (0_usize, Vec::new());
    for name in stored.grants.names()? {
        match stored.grants.store.load(&name) {
            Ok(Some(record)) if record.dead => unfit.push(Failure::refused(&format!(
                "the grant {name} needs consent: connect the user or company anew, and store it with --save {name}"
            ))),
            Ok(Some(record)) => match record.read_grant(SystemTime::now()) {
                Ok(Some(grant)) => {
                    let ages = grant.refresh_ends_at().is_some();
                    grants += usize::from(ages && grant.client_id() == client_id);
                }
                Ok(None) => {}
                Err(error) => unfit.push(Failure::trouble(format!("{name}: {}", error.report()))),
            },
            Ok(None) => {}
            Err(error) => unfit.push(Failure::trouble(error.report().to_string())),
        }
    }
    let (renewed, failed) = (take_renewed(), failures.len());
    say!(
        "{grants} grants, {renewed} renewed, {failed} due and not renewed, {} that cannot be renewed",
        unfit.len()
    );
    failures.extend(unfit);
    let Some(last) = failures.pop() else {
        return Ok(());
    };
    for failure in failures {
        say!("warning: {failure}");
    }
    Err(last)
}
