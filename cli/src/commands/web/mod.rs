//! `concur-oauth web`.

mod browser;
mod door;
mod listener;
mod page;

use std::time::Duration;

use concur_oauth::Scope;
use concur_oauth::net2::{CodeExchange, WebFlow};
use concur_oauth::{
    AccessDenied, Application, CallbackError, CsrfState, RedirectUri, RequestToken,
};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::args::{Format, WebArgs};
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;
use door::Door;
use listener::{Arrival, Event, Events};
use page::Page;

pub(crate) fn run(args: WebArgs) -> Result<(), Failure> {
    output::is_open()?;
    let scopes: Result<Vec<_>, _> = args.scopes.iter().cloned().map(Scope::new).collect();
    let mut scopes = scopes?;
    if scopes.is_empty() {
        // The emulator needs no option.
        scopes.push(Scope::EXPRPT);
    }
    let request = Request {
        scopes,
        no_browser: args.no_browser,
        wait: Duration::from_secs(args.wait),
        format: args.format,
    };
    let listen = args.listen;
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(
            "--listen takes a loopback address, such as 127.0.0.1:8080: the callback is not encrypted",
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("cannot wait for the user: {error}")))?;
    // Before the prompt for a secret.
    let listener = runtime
        .block_on(TcpListener::bind(listen))
        .map_err(|error| Failure::trouble(format!("cannot listen on {listen}: {error}")))?;
    if args.concur.emulator {
        let demo = Demo::for_browsers(&args.concur)?;
        let application = Demo::application()?;
        runtime.block_on(request.ask(&demo.concur, &application, listener))
    } else {
        let concur = Connection::new(&args.concur)?;
        let application = args.application.read()?;
        runtime.block_on(request.ask(&concur, &application, listener))
    }
}

struct Request {
    scopes: Vec<Scope>,
    no_browser: bool,
    wait: Duration,
    format: Format,
}

impl Request {
    /// Sends the user to Concur, waits for the callback, prints the token, and shows the user the result.
    async fn ask(
        self,
        concur: &Connection,
        application: &Application,
        listener: TcpListener,
    ) -> Result<(), Failure> {
        let trouble = |error| Failure::trouble(format!("cannot wait for the user: {error}"));
        let here = listener.local_addr().map_err(trouble)?;
        let redirect_uri = RedirectUri::new(format!("http://{here}/"))?;
        let state = CsrfState::from_random(random()?);
        let flow = WebFlow::new(application.key().clone(), redirect_uri, self.scopes)?;
        let sign_in = flow.authorization_url(&concur.base_url, &state);
        let secrets = [random()?, random()?].map(u128::from_be_bytes);
        let door = Door::new(here.port(), sign_in, state, secrets);
        let link = format!("http://{here}{}", door.start());
        let mut events = Events::listen(listener, door);
        // On a thread of its own: the browser comes while its launcher is watched.
        let no_browser = self.no_browser;
        let opening = tokio::task::spawn_blocking(move || browser::open_at(&link, no_browser));
        let event = timeout(self.wait, events.next()).await.map_err(|_| {
            let seconds = self.wait.as_secs();
            Failure::trouble(format!(
                "no user returned within {seconds} s: run it again, or give a longer --wait"
            ))
        })?;
        // So that what it says stands above what follows.
        let _ = opening.await;
        let arrival: Arrival = match event {
            Event::Return(arrival) => arrival,
            Event::SecondVisit => {
                return Err(Failure::trouble(
                    "the link was opened twice, and works once: run it again (if you did not open it twice, another \
                     user of this machine may have read it from the browser's command line: --no-browser prevents that)",
                ));
            }
        };
        let result = match &arrival.callback {
            Ok(code) => exchange(concur, application, code, self.format),
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
    }
}

fn exchange(
    concur: &Connection,
    application: &Application,
    code: &RequestToken,
    format: Format,
) -> Result<(), Failure> {
    let exchange = CodeExchange::new(&concur.base_url, application, code);
    let token = concur.client.send(exchange)?;
    output::print(&token, format)
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
