//! `concur-oauth web`.

mod browser;
mod listener;
mod page;

use std::time::Duration;

use concur_oauth::{
    Application, CodeExchange, Denial, RedirectUri, RequestToken, ReturnError, Scope, State,
    WebFlow,
};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::args::{Format, WebArgs};
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;
use listener::Arrivals;
use page::Page;

pub(crate) fn run(args: WebArgs) -> Result<(), Failure> {
    output::is_open()?;
    let scopes: Result<Vec<_>, _> = args.scopes.iter().cloned().map(Scope::new).collect();
    let request = Request {
        scopes: scopes?,
        no_browser: args.no_browser,
        wait: Duration::from_secs(args.wait),
        format: args.format,
    };
    let listen = args.listen;
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(
            "--listen takes an address of this machine alone, such as 127.0.0.1:8080: what comes back is not \
             encrypted",
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("cannot wait for the user: {error}")))?;
    // Before a secret is asked for.
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
    /// Sends the user out, waits for them, and prints the token; the user is shown what came of it.
    async fn ask(
        self,
        concur: &Connection,
        application: &Application,
        listener: TcpListener,
    ) -> Result<(), Failure> {
        let trouble = |error| Failure::trouble(format!("cannot wait for the user: {error}"));
        let here = listener.local_addr().map_err(trouble)?;
        let redirect_uri = RedirectUri::new(format!("http://{here}/"))?;
        let state = State::new(random()?)?;
        let flow = WebFlow::new(application.key().clone(), redirect_uri, self.scopes)?;
        browser::send_out(&flow.url(&concur.instance, &state), self.no_browser);

        let mut arrivals = Arrivals::listen(listener, state);
        let arrival = timeout(self.wait, arrivals.next()).await.map_err(|_| {
            let seconds = self.wait.as_secs();
            Failure::trouble(format!(
                "nobody came back within {seconds} s: run it again, or give --wait more"
            ))
        })?;
        let result = match &arrival.returned {
            Ok(code) => exchange(concur, application, code, self.format),
            Err(ReturnError::Denied(denial)) => Err(Failure::refused(denial)),
            Err(error) => Err(Failure::trouble(odd(error))),
        };
        let page = match (&result, &arrival.returned) {
            (Ok(()), _) => Page::connected(),
            (Err(_), Err(ReturnError::Denied(denial))) => Page::denied(words(denial)),
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
    let exchange = CodeExchange::new(application, code);
    let token = concur.client.send(&concur.instance, exchange)?;
    output::print(&token, format)
}

/// What is wrong with a return that is the user's.
fn odd(error: &ReturnError) -> String {
    let what = match error {
        ReturnError::Neither => "neither a code nor an error",
        ReturnError::Both => "both a code and an error",
        ReturnError::Repeated(_) => "something more than once",
        _ => "a code that cannot be read",
    };
    format!("the user came back with {what}: run it again")
}

fn words(denial: &Denial) -> &str {
    match denial.description() {
        Some(description) => description,
        None if denial.error().is_empty() => "no reason",
        None => denial.error(),
    }
}

/// What nobody can guess: 16 random bytes.
fn random() -> Result<String, Failure> {
    let random = || {
        getrandom::u64()
            .map_err(|error| Failure::trouble(format!("this machine has no randomness: {error}")))
    };
    Ok(format!("{:016x}{:016x}", random()?, random()?))
}
