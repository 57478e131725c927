//! The keeper of the command, and what it says of what happens.

use std::process;
use std::thread;
use std::time::Duration;

use concur_oauth::blocking::Client;
use concur_oauth::blocking::keeper::Keeper;
use concur_oauth::keeper::{Event, Grant, GrantName, KeepError, Policy};
use concur_oauth::{AccessToken, Application, BaseUrl, ConsumerKey, Rfc3339, TokenScheme};

use crate::args::{Format, RenewalArgs, SaveArgs};
use crate::connect::Connection;
use crate::failure::Failure;
use crate::output;
use crate::secret::{CLIENT_SECRET, CONSUMER_SECRET};
use crate::signal;
use crate::store::Grants;

/// How long a lease is after the deadline of the exchange that it protects.
const AFTER_DEADLINE: Duration = Duration::from_secs(240);

/// A keeper over a store.
pub(crate) struct Stored {
    pub(crate) keeper: Keeper,
    pub(crate) grants: Grants,
    args: RenewalArgs,
}

impl Stored {
    pub(crate) fn open(args: RenewalArgs) -> Result<Self, Failure> {
        if args.client.emulator {
            return Err(Failure::usage(
                "--emulator has no stored grants: start `concur-oauth emulator`, and give its address as --server to the \
                 command that has --save",
            ));
        }
        let deadline = Duration::from_secs(args.client.timeout);
        let grants = Grants::open(&args.store, deadline)?;
        // Each grant knows where it lives.
        let concur = Connection::to(BaseUrl::GLZ, &args.client)?;
        let keeper = keeper(concur.client(), &grants, deadline)?;
        Ok(Self {
            keeper,
            grants,
            args,
        })
    }

    /// Returns whether a grant is of the application that was named, if one was.
    pub(crate) fn is_meant(&self, grant: &Grant) -> bool {
        let named = self.args.client_id.as_deref();
        named.is_none_or(|named| named == grant.client_id().as_str())
    }

    /// Reads the secret of the application that a grant is for, so that it can be renewed.
    pub(crate) fn read_secret(
        &self,
        client_id: &ConsumerKey,
        scheme: TokenScheme,
    ) -> Result<(), Failure> {
        let given = self.args.client_id.as_deref();
        if given.is_some_and(|given| given != client_id.as_str()) {
            return Err(Failure::usage(format!(
                "the grant is for the application {}, and --client-id names another: leave it out",
                client_id.as_str()
            )));
        }
        let secret = match scheme {
            TokenScheme::OAuth => &CONSUMER_SECRET,
            _ => &CLIENT_SECRET,
        };
        let mut secret = secret.read(self.args.client_secret_stdin)?;
        let application = Application::new(client_id.clone(), std::mem::take(&mut *secret))?;
        self.keeper.set_application(application);
        Ok(())
    }
}

pub(crate) fn keeper(
    client: &Client,
    grants: &Grants,
    deadline: Duration,
) -> Result<Keeper, Failure> {
    let policy = Policy::default().lease(deadline + AFTER_DEADLINE);
    let keeper = Keeper::builder(client.clone(), std::sync::Arc::clone(&grants.store))
        .policy(policy)
        .on_event(say)
        .build();
    keeper.map_err(|error| Failure::trouble(error.to_string()))
}

/// Says what a person would want to know.
fn say(event: &Event) {
    match event {
        Event::Abandoned { name, until } => say!(
            "warning: the command before was killed while it renewed {name}: waiting until {}",
            Rfc3339(*until)
        ),
        Event::RenewalFailed {
            name,
            may_have_reached_concur: true,
            ..
        } => say!("warning: it is not known whether Concur renewed {name}"),
        Event::Unsaved { name, .. } => {
            say!("warning: {name} was renewed and cannot be stored; storing it is tried again");
        }
        Event::Saved { name, .. } => say!("{name} is stored now"),
        Event::Superseded { name, .. } => say!("another command has stored {name} in the meantime"),
        Event::StoreWentBack { name, .. } => {
            say!("warning: the store had an older grant of {name}, and was given the newer one");
        }
        Event::RefreshTokenEnds { name, at } => {
            say!(
                "warning: the refresh token of {name} ends at {}",
                Rfc3339(*at)
            );
        }
        _ => {}
    }
}

/// Where a token goes that a command has obtained: to the store, or to standard output.
pub(crate) struct Destination {
    save: Option<(GrantName, Grants)>,
}

impl Destination {
    /// Opens the store, if the token is to be stored, before anything is sent.
    pub(crate) fn open(args: SaveArgs, timeout: u64) -> Result<Self, Failure> {
        output::is_open()?;
        let deadline = Duration::from_secs(timeout);
        let save = args.save.map(|name| {
            let grants = Grants::open(&args.store, deadline)?;
            Ok::<_, Failure>((name, grants))
        });
        Ok(Self {
            save: save.transpose()?,
        })
    }

    /// Stores the token, or prints it.
    pub(crate) fn deliver(
        self,
        token: &AccessToken,
        application: &ConsumerKey,
        concur: &Connection,
        format: Format,
    ) -> Result<(), Failure> {
        let Some((name, grants)) = self.save else {
            return output::print(token, format);
        };
        match store(&name, &grants, token, application, concur) {
            Ok(()) => {
                output::warn(token);
                say!("stored: `concur-oauth token {name}` prints a fresh token");
                output::line(name.as_str())
            }
            // What was obtained is not lost.
            Err(failure) => {
                output::print(token, format)?;
                Err(failure.and("the token was printed, and is not stored"))
            }
        }
    }
}

fn store(
    name: &GrantName,
    grants: &Grants,
    token: &AccessToken,
    application: &ConsumerKey,
    concur: &Connection,
) -> Result<(), Failure> {
    let grant = Grant::new(
        application.clone(),
        token.clone(),
        std::time::SystemTime::now(),
    );
    let grant = grant.map_err(|_| {
        Failure::trouble("Concur gave no refresh token, without which nothing can be kept")
    })?;
    let keeper = keeper(concur.client(), grants, Duration::from_secs(60))?;
    keeper.put(name, grant).map_err(Failure::from)
}

/// Has a renewal that is under way be finished and stored before a signal ends the command. A second signal ends it at once.
pub(crate) fn finish_on_signal(keeper: &Keeper) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::trouble(format!("signals cannot be received: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let mut signals = {
        let _context = runtime.enter();
        signal::stop().map_err(failed)?
    };
    let keeper = keeper.clone();
    let handler = move || {
        let number = runtime.block_on(signals.next());
        let status = i32::from(signal::status(number));
        keeper.stop();
        if !keeper.is_busy() {
            say!("error: interrupted: nothing was under way");
            process::exit(status);
        }
        say!("finishing the renewal that is under way; again to stop at once");
        let finished = async {
            while keeper.is_busy() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        runtime.block_on(async {
            tokio::select! {
                () = finished => say!("error: interrupted: the renewal was finished and stored"),
                _ = signals.next() => say!("error: interrupted: what became of the renewal is not known"),
            }
        });
        process::exit(status);
    };
    thread::Builder::new().spawn(handler).map_err(failed)?;
    Ok(())
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        let line = error.report().to_string();
        match error {
            KeepError::Name(error) => error.into(),
            KeepError::Unknown { name } => Self::usage(format!(
                "there is no grant {name}: `concur-oauth grants` lists those that are stored, and the commands that get a \
                 token store one with --save"
            )),
            KeepError::NoApplication { .. } => Self::usage(line),
            KeepError::NeedsConsent { .. }
            | KeepError::Refused { .. }
            | KeepError::ApplicationRefused { .. } => Self::refused(&line),
            KeepError::Store { source, .. } if source.is_wrong_key() => {
                Self::usage(source.report().to_string())
            }
            KeepError::Store { source, .. } => Self::trouble(source.report().to_string()),
            KeepError::Failed { source, .. } if source.retry_after().is_none() => {
                Self::trouble(line)
            }
            _ => Self::later(line),
        }
    }
}
