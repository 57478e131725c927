//! `concur-oauth auto-connect`.

mod members;
mod print;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::auto_connect::{
    ConnectionRequest, ConnectionResult, Outcome, Pages, ReportConnection, Round, Status, Step,
    Version,
};
use concur_oauth::net2::RevokeToken;
use concur_oauth::{AccessToken, Application, TokenScheme};
use concur_oauth_emulator::{
    ConnectionRequest as Pressed, Emulator, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID,
};

use crate::args::{AutoConnectArgs, ListFormat};
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::secret::ADMIN_TOKEN;
use crate::{output, signal};
use members::Members;

pub(crate) fn run(args: AutoConnectArgs) -> Result<(), Failure> {
    output::is_open()?;
    let as_json = args.format == ListFormat::Json;
    if args.concur.client.emulator {
        let demo = Demo::start(&args.concur.client, with_pending())?;
        let administrator = demo.administrator()?;
        let members = Members::demo();
        say!("members      1001 Jones, 1002 Smith, 1003 whatever the name");
        return if args.apply {
            apply(
                &demo.concur,
                &Demo::application()?,
                &administrator,
                &members,
                as_json,
            )
        } else {
            dry_run(&demo.concur, &administrator, Some(&members), as_json)
        };
    }
    let members = args.members.as_deref().map(Members::read).transpose()?;
    let concur = Connection::new(&args.concur)?;
    if !args.apply {
        let administrator = concur.stored(
            TokenScheme::OAuth,
            ADMIN_TOKEN.read(args.admin_token_stdin)?,
        );
        return dry_run(&concur, &administrator, members.as_ref(), as_json);
    }
    let members = members.ok_or_else(|| {
        Failure::usage("--apply needs --members: a file of the loyalty numbers that are known")
    })?;
    let application = args.application.read()?;
    let administrator = concur.stored(
        TokenScheme::OAuth,
        ADMIN_TOKEN.read(args.admin_token_stdin)?,
    );
    apply(&concur, &application, &administrator, &members, as_json)
}

/// Lists the pending connection requests, and changes nothing.
fn dry_run(
    concur: &Connection,
    administrator: &AccessToken,
    members: Option<&Members>,
    as_json: bool,
) -> Result<(), Failure> {
    let mut pages = Pages::new(Version::default(), Status::Pending);
    let (mut page_number, mut listed) = (0, 0);
    while let Some(list) = pages
        .next_request(administrator)
        .map_err(|error| Failure::trouble(error.to_string()))?
    {
        let page = concur.send(list)?;
        page_number += 1;
        let now = SystemTime::now();
        for request in pages.accept(page) {
            listed += 1;
            let outcome = members.map(|members| members.outcome(&request));
            output::line(&print::pending(&request, outcome, now, as_json))
                .map_err(|failure| failure.and("check where it goes"))?;
        }
        if page_number > 1 {
            say!("page {page_number}: {listed} listed");
        }
    }
    say!("{listed} pending. Nothing was changed: --apply runs the round.");
    Ok(())
}

/// Runs a round.
fn apply(
    concur: &Connection,
    application: &Application,
    administrator: &AccessToken,
    members: &Members,
    as_json: bool,
) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let mut round = Round::new(application, administrator);
    let (mut done, mut failed) = (0, 0);
    let mut note = None;
    let end = loop {
        if stop.number().is_some() {
            round.stop();
        }
        match round.step(SystemTime::now()) {
            Step::Send(request) => {
                let received = concur.client.send(request);
                if let Err(error) = &received {
                    note = concur.route.note(error).or(note);
                }
                round.receive(received);
            }
            Step::Match { request, .. } => {
                let outcome = members.outcome(request);
                round.matched(outcome);
            }
            Step::Finished(result) => {
                done += 1;
                failed += usize::from(matches!(result, ConnectionResult::Failed(_)));
                let written = output::line(&print::finished(&result, as_json));
                written.map_err(|failure| unwritten(concur, administrator, result, failure))?;
                if done % 10 == 0 {
                    say!("{done} done");
                }
            }
            Step::Done(end) => break end,
        }
    };
    say!("{done} done, {failed} of them failed");
    end.map_err(|error| Failure::from(error).noting(note))?;
    if let Some(number) = stop.number() {
        let line = "interrupted: what was not begun is still pending";
        return Err(Failure::interrupted(line, number));
    }
    if failed > 0 {
        return Err(Failure::trouble(format!(
            "{failed} of {done} connection requests failed: see their lines"
        )));
    }
    Ok(())
}

/// Revokes a token that could not be printed: it would be lost.
fn unwritten(
    concur: &Connection,
    administrator: &AccessToken,
    result: ConnectionResult,
    failure: Failure,
) -> Failure {
    let (request, token) = match result {
        ConnectionResult::Connected { request, token } => {
            // Concur must not go on showing the user as connected.
            if let Err(error) = take_back(concur, administrator, &request) {
                say!(
                    "warning: Concur may go on showing this user as connected: {error}: {}",
                    print::words(&request)
                );
            }
            (request, Some(token))
        }
        ConnectionResult::Rejected { request, .. } => (request, None),
        ConnectionResult::Failed(mut failure) => {
            let token = failure.take_token();
            (failure.request().clone(), token)
        }
    };
    if let Some(token) = token {
        let id = print::words(&request);
        let revoke = RevokeToken::new(administrator, token.token());
        match concur.send(revoke) {
            Ok(()) => say!(
                "warning: a token could not be printed, and was revoked: this user must connect again: {id}"
            ),
            Err(error) => say!("warning: a token could not be printed, nor revoked: {error}: {id}"),
        }
    }
    failure.and("check where it goes; what was not begun is still pending")
}

/// Reports that a user is not connected after all.
fn take_back(
    concur: &Connection,
    administrator: &AccessToken,
    request: &ConnectionRequest,
) -> Result<(), Failure> {
    let Some(id) = request.id() else {
        return Ok(());
    };
    let (version, outcome) = (Version::default(), Outcome::NetworkError);
    concur.send(ReportConnection::new(administrator, version, id, outcome))
}

/// Handles Ctrl-C: the first ends the round when the current connection request is finished, the second at once.
struct Stop(Arc<AtomicU8>);

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let trouble = |error| Failure::trouble(format!("cannot wait for signals: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(trouble)?;
        let mut signals = {
            let _context = runtime.enter();
            signal::stop().map_err(trouble)?
        };
        let received = Arc::new(AtomicU8::new(0));
        let number = Arc::clone(&received);
        std::thread::spawn(move || {
            number.store(runtime.block_on(signals.next()), Ordering::SeqCst);
            say!(
                "finishing the current connection request; Ctrl-C again, a second from now or later, ends it at once"
            );
            let first = Instant::now();
            let again = loop {
                let again = runtime.block_on(signals.next());
                // A terminal that is closed, and many a supervisor, signals twice without meaning it.
                if again != signal::HANGUP && first.elapsed() > Duration::from_secs(1) {
                    break again;
                }
            };
            say!("error: interrupted: the outcome of the current connection request is not known");
            std::process::exit(i32::from(signal::status(again)));
        });
        Ok(Self(received))
    }

    fn number(&self) -> Option<signal::Number> {
        Some(self.0.load(Ordering::SeqCst)).filter(|number| *number > 0)
    }
}

/// Twelve users, all called Jones, who pressed Connect.
fn with_pending() -> Emulator {
    let mut emulator = Emulator::with_sample_account();
    for number in 1001..1013 {
        let request = Pressed::new(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID)
            .with_loyalty_number(number.to_string())
            .with_name("Jo", "Jones");
        emulator.add_connection_request(request, SystemTime::now());
    }
    emulator
}
