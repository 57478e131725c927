//! `concur-oauth token`.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::Rfc3339;
use concur_oauth::keeper::{KeepError, KeptToken};

use crate::args::TokenArgs;
use crate::failure::Failure;
use crate::keeper::{Stored, finish_on_signal};
use crate::output;

/// How long nothing is said of a wait.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) fn run(args: TokenArgs) -> Result<(), Failure> {
    output::is_open()?;
    let stored = Stored::open(args.renewal)?;
    finish_on_signal(&stored.keeper)?;
    let wait = args.wait.map(Duration::from_secs);
    let until = Instant::now() + wait.unwrap_or_else(|| stored.wait());
    let left = || until.saturating_duration_since(Instant::now());
    let name = &args.name;
    let ask_within = |after: Option<&KeptToken>, wait: Duration| match after {
        None => stored.keeper.token_within(name, wait),
        Some(token) => stored.keeper.token_after(name, token.version(), wait),
    };
    let ask = |after: Option<&KeptToken>| {
        let ask = || match ask_within(after, left().min(PATIENCE)) {
            Err(KeepError::Waiting { until, .. }) if !left().is_zero() => {
                say!(
                    "another process renews {name}, or was ended while it did: waiting, until {} at the latest",
                    Rfc3339(until)
                );
                ask_within(after, left())
            }
            result => result,
        };
        with_secret(&stored, ask)
    };
    let mut token = ask(None)?;
    let is_short = |token: &KeptToken| {
        let left = token.expires_at().duration_since(SystemTime::now());
        args.min_life
            .is_some_and(|least| left.unwrap_or_default() < least)
    };
    if is_short(&token) {
        token = ask(Some(&token))?;
        if is_short(&token) {
            say!("warning: a new token has less left than --min-life");
        }
    }
    let state = stored.keeper.state(name);
    if let Some(client_id) = state.as_ref().and_then(|state| state.client_id.as_ref()) {
        stored.check_application(client_id)?;
    }
    // It is due, and was not renewed, but lives.
    let failure = state.and_then(|state| state.failure);
    let failure = failure.filter(|it| !matches!(it, KeepError::NoApplication { .. }));
    if let Some(failure) = failure {
        say!("warning: {}", stored.failure(failure));
    }
    output::print_kept(&token, args.format)
}

/// Asks for a token, and once more with the application's secret where that is needed.
fn with_secret(
    stored: &Stored,
    ask: impl Fn() -> Result<Arc<KeptToken>, KeepError>,
) -> Result<Arc<KeptToken>, Failure> {
    match ask() {
        Err(KeepError::NoApplication { name, client_id }) => {
            let state = stored.keeper.state(&name);
            let scheme = state.and_then(|state| state.scheme);
            let scheme = scheme.ok_or_else(|| Failure::trouble("the grant is gone"))?;
            stored.read_secret(&client_id, scheme)?;
            ask().map_err(|error| stored.failure(error))
        }
        Ok(token) => {
            // It is due, and lives: without a secret it is printed as it is.
            let state = stored.keeper.state(token.name());
            let scheme = token.token().scheme();
            let wanted = state.and_then(|state| match state.failure {
                Some(KeepError::NoApplication { client_id, .. }) => Some(client_id),
                _ => None,
            });
            let Some(client_id) = wanted else {
                return Ok(token);
            };
            stored.check_application(&client_id)?;
            match stored.read_secret(&client_id, scheme) {
                Ok(()) => ask().map_err(|error| stored.failure(error)),
                Err(failure) => {
                    say!("warning: the token is due and was not renewed: {failure}");
                    Ok(token)
                }
            }
        }
        Err(error) => Err(stored.failure(error)),
    }
}
