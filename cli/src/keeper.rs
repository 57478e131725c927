//! The keeper of the command, and what it says of what happens.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

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
    concur: Connection,
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
        let grants = Grants::existing(&args.store, deadline)?;
        // Each grant knows where it lives.
        let concur = Connection::to(BaseUrl::GLZ, &args.client)?;
        let keeper = keeper(concur.client(), &grants, deadline)?;
        Ok(Self {
            keeper,
            grants,
            concur,
            args,
        })
    }

    /// Returns whether an application is the one that was named, if one was.
    pub(crate) fn is_meant(&self, client_id: &ConsumerKey) -> bool {
        let named = self.args.client_id.as_deref();
        named.is_none_or(|named| named == client_id.as_str())
    }

    /// Returns how long a command waits for another by default.
    pub(crate) fn wait(&self) -> Duration {
        self.grants
            .wait(Duration::from_secs(self.args.client.timeout))
    }

    /// Returns the application that was named.
    pub(crate) fn named(&self) -> Option<&str> {
        self.args.client_id.as_deref()
    }

    /// Refuses an application that is not the one that was named.
    pub(crate) fn check_application(&self, client_id: &ConsumerKey) -> Result<(), Failure> {
        if self.is_meant(client_id) {
            return Ok(());
        }
        Err(Failure::usage(format!(
            "the grant is for the application {}, and --client-id names another: leave it out",
            client_id.as_str()
        )))
    }

    /// Says what went wrong, and which proxy was in the way.
    pub(crate) fn failure(&self, error: KeepError) -> Failure {
        let note = match &error {
            KeepError::Failed { source, .. } => self.concur.note(source),
            _ => None,
        };
        Failure::from(error).noting(note.as_deref())
    }

    /// Reads the secret of the application that a grant is for, so that it can be renewed.
    pub(crate) fn read_secret(
        &self,
        client_id: &ConsumerKey,
        scheme: TokenScheme,
    ) -> Result<(), Failure> {
        self.check_application(client_id)?;
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

/// How many grants were renewed since it was asked last.
static RENEWED: AtomicUsize = AtomicUsize::new(0);

/// Returns how many grants were renewed since this was asked last.
pub(crate) fn take_renewed() -> usize {
    RENEWED.swap(0, Ordering::Relaxed)
}

/// Says what a person would want to know.
fn say(event: &Event) {
    match event {
        Event::Renewed { .. } => {
            RENEWED.fetch_add(1, Ordering::Relaxed);
        }
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
            say!("warning: {name} cannot be stored; storing it is tried again");
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

/// A store, and the name for it.
struct Save {
    name: GrantName,
    grants: Grants,
    deadline: Duration,
}

/// Where a token goes that a command has obtained: to the store, or to standard output.
pub(crate) struct Destination {
    save: Option<Save>,
}

impl Destination {
    /// Opens the store, if the token is to be stored, before anything is sent.
    pub(crate) fn open(args: SaveArgs, timeout: u64) -> Result<Self, Failure> {
        output::is_open()?;
        let deadline = Duration::from_secs(timeout);
        let save = args.save.map(|name| {
            let grants = Grants::open(&args.store, deadline)?;
            // Nothing is obtained that could not be stored.
            grants.check(&name, args.replace)?;
            Ok::<_, Failure>(Save {
                name,
                grants,
                deadline,
            })
        });
        Ok(Self {
            save: save.transpose()?,
        })
    }

    /// Stores a token that has a refresh token, or prints it.
    pub(crate) fn deliver(
        self,
        token: &AccessToken,
        application: &ConsumerKey,
        concur: &Connection,
        format: Format,
    ) -> Result<(), Failure> {
        let grant = || {
            let grant = Grant::new(application.clone(), token.clone(), SystemTime::now());
            grant.map_err(|_| {
                Failure::trouble("Concur gave no refresh token, without which nothing can be kept")
            })
        };
        self.deliver_grant(
            grant,
            concur,
            || output::warn(token),
            || output::print(token, format),
        )
    }

    /// Stores a grant, and warns of what could not be read; or prints what it was made of, which warns too.
    pub(crate) fn deliver_grant(
        self,
        grant: impl FnOnce() -> Result<Grant, Failure>,
        concur: &Connection,
        warn: impl FnOnce(),
        print: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(save) = self.save else {
            return print();
        };
        let Save { name, grants, .. } = &save;
        let is_there = grants.has(name);
        match grant().and_then(|grant| store(&save, grant, concur)) {
            Ok(()) => {
                warn();
                let replaced = if is_there {
                    ", in place of the one before"
                } else {
                    ""
                };
                say!("stored{replaced}: `concur-oauth token {name}` prints a fresh token");
                output::line(name.as_str())
                    .map_err(|failure| failure.and("the grant is stored all the same"))
            }
            // What was obtained is not lost.
            Err(failure) => {
                print()?;
                Err(failure.and("the token was printed, and is not stored"))
            }
        }
    }
}

fn store(save: &Save, grant: Grant, concur: &Connection) -> Result<(), Failure> {
    let keeper = keeper(concur.client(), &save.grants, save.deadline)?;
    keeper.put(&save.name, grant).map_err(Failure::from)
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
        match error {
            KeepError::Name(error) => error.into(),
            KeepError::Unknown { name } => Self::usage(format!(
                "there is no grant {name}: `concur-oauth grants` lists those that are stored"
            )),
            KeepError::NeedsConsent { name, source } => {
                let why = source.map_or(String::new(), |why| format!(" ({})", why.report()));
                Self::refused(&format!(
                    "the grant {name} needs consent: connect the user or company anew, and store it with --save {name}{why}"
                ))
            }
            KeepError::Refused { name, source, .. } => Self::refused(&format!(
                "Concur refuses the grant {name}: {}",
                source.report()
            )),
            KeepError::ApplicationRefused {
                client_id, source, ..
            } => Self::refused(&format!(
                "Concur refuses the application {}: correct its ID or secret ({})",
                client_id.as_str(),
                source.report()
            )),
            KeepError::Store { source, .. } if source.is_wrong_key() => Self::usage(format!(
                "{}; --store-key-file or CONCUR_STORE_KEY_FILE names the keys",
                source.report()
            )),
            KeepError::Store { source, .. } => Self::trouble(source.report().to_string()),
            KeepError::Failed {
                name,
                until,
                source,
            } => {
                let failure = Self::from(&*source).about(&format!("{name} was not renewed: "));
                if failure.is_temporary() {
                    failure.noting(Some(&format!("come again at {}", Rfc3339(until))))
                } else {
                    failure
                }
            }
            KeepError::Waiting { name, until } => Self::later(format!(
                "another command renews {name}: come again at {}",
                Rfc3339(until)
            )),
            other => Self::trouble(other.report().to_string()),
        }
    }
}
