//! A user's browser: sending it out, waiting for its return, and showing it the result.

mod door;
mod launch;
mod listener;
mod page;

use std::net::SocketAddr;
use std::time::Duration;

use concur_oauth::{AccessDenied, CallbackError, CsrfState};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::args::BrowserArgs;
use crate::failure::Failure;
use door::Door;
pub(crate) use door::Parse;
use listener::{Arrival, Event, Events};
use page::Page;

/// A listener for a browser's return.
pub(crate) struct Browser {
    runtime: Runtime,
    listener: TcpListener,
    here: SocketAddr,
    /// Whether the link is printed, and no browser started.
    prints_only: bool,
    wait: Duration,
}

impl Browser {
    /// Listens on a loopback address. Nothing is opened yet.
    pub(crate) fn listen(listen: SocketAddr, args: &BrowserArgs) -> Result<Self, Failure> {
        if !listen.ip().is_loopback() {
            return Err(Failure::usage(
                "--listen takes a loopback address, such as 127.0.0.1:8080: the callback is not encrypted",
            ));
        }
        let trouble = |error| Failure::trouble(format!("cannot wait for the user: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(trouble)?;
        let listener = runtime
            .block_on(TcpListener::bind(listen))
            .map_err(|error| Failure::trouble(format!("cannot listen on {listen}: {error}")))?;
        let here = listener.local_addr().map_err(trouble)?;
        Ok(Self {
            runtime,
            listener,
            here,
            prints_only: args.no_browser,
            wait: Duration::from_secs(args.wait),
        })
    }

    /// Returns the address that is listened on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.here
    }

    /// Sends the user to the URL that has this state, waits for the return to this host and path, does with it what
    /// `exchange` does, and shows the user the result.
    ///
    /// The browser sets out from the same host: a cookie of `127.0.0.1` is not one of `localhost`.
    pub(crate) fn sign_in<C: Send + 'static>(
        self,
        (host, path): (&str, &str),
        url: impl FnOnce(&CsrfState) -> String,
        parse: Parse<C>,
        exchange: impl FnOnce(&C) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let state = CsrfState::from_random(random()?);
        let secrets = [random()?, random()?].map(u128::from_be_bytes);
        let sign_in = url(&state);
        let ours = (self.here.port(), path.to_owned());
        let door = Door::new(ours, sign_in, (state, parse), secrets);
        let link = format!("http://{host}{}", door.start());
        let (prints_only, wait) = (self.prints_only, self.wait);
        self.runtime.block_on(async {
            let mut events = Events::listen(self.listener, door);
            // On a thread of its own: the browser comes while its launcher is watched.
            let opening = tokio::task::spawn_blocking(move || launch::open_at(&link, prints_only));
            let event = timeout(wait, events.next()).await.map_err(|_| {
                let seconds = wait.as_secs();
                Failure::trouble(format!(
                    "no user returned within {seconds} s: run it again, or give a longer --wait"
                ))
            })?;
            // So that what it says stands above what follows.
            let _ = opening.await;
            let arrival: Arrival<C> = match event {
                Event::Return(arrival) => arrival,
                Event::SecondVisit => {
                    return Err(Failure::trouble(
                        "the link was opened twice, and works once: run it again (if you did not open it twice, another \
                         user of this machine may have read it from the browser's command line: --no-browser prevents that)",
                    ));
                }
            };
            let result = match &arrival.callback {
                Ok(callback) => exchange(callback),
                Err(CallbackError::Denied(denied)) => Err(Failure::refused(denied)),
                Err(error) => Err(Failure::trouble(odd(error))),
            };
            let page = match (&result, &arrival.callback) {
                (Ok(()), _) => Page::connected(),
                (Err(_), Err(CallbackError::Denied(denied))) => Page::denied(words(denied)),
                (Err(_), Err(_)) => Page::odd(),
                (Err(_), Ok(_)) => Page::failed(),
            };
            arrival.show(page).await;
            result
        })
    }
}

/// Returns what is wrong with a callback that is the user's.
fn odd(error: &CallbackError) -> String {
    let what = match error {
        CallbackError::Neither => "neither a code nor an error",
        CallbackError::Both => "both a code and an error",
        CallbackError::Repeated(_) => "something more than once",
        _ => "a code that cannot be read",
    };
    format!("the user returned with {what}: run it again")
}

fn words(denied: &AccessDenied) -> &str {
    match denied.description() {
        Some(description) => description,
        None if denied.error().is_empty() => "no reason",
        None => denied.error(),
    }
}

/// Returns 16 random bytes, which cannot be guessed.
fn random() -> Result<[u8; 16], Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::trouble(format!("this machine has no randomness: {error}")))?;
    Ok(bytes)
}
