//! `concur-oauth doctor`: what stands between this machine and Concur.

use std::net::ToSocketAddrs;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::http::header::DATE;
use concur_oauth::http::{Request, Response};
use concur_oauth::v0::{ClientCredentialsGrant, ClientId, FetchJwks};
use concur_oauth::{
    Application, BaseUrl, Error, Exchange, InputError, ResponseContext, ResponseError, SecretBody,
};
use concur_oauth_emulator::Emulator;
use serde_json::json;

use crate::args::{DoctorArgs, ListFormat};
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;

/// How far a clock may be off. A token of an hour is renewed twelve minutes before its end.
const CLOCK: Duration = Duration::from_secs(60);

/// An application that no data center knows.
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) fn run(args: &DoctorArgs) -> Result<(), Failure> {
    output::is_open()?;
    let client = &args.concur.client;
    if client.emulator {
        let demo = Demo::start(client, Emulator::with_sample_account())?;
        return examine(&demo.concur, args);
    }
    let base_url = args.concur.base_url(Some(&BaseUrl::GLZ))?;
    examine(&Connection::to(base_url, client)?, args)
}

fn examine(concur: &Connection, args: &DoctorArgs) -> Result<(), Failure> {
    let mut findings = Findings {
        format: args.format,
        bad: 0,
    };
    findings.good("data center", &concur.base_url.to_string())?;
    findings.good("proxy", concur.route.shown())?;
    let timeout = Duration::from_secs(args.concur.client.timeout);
    if concur.route.is_direct() {
        match look_up(&concur.base_url, timeout) {
            Ok(addresses) => findings.good("name lookup", &format!("{addresses} addresses"))?,
            Err(why) => findings.bad("name lookup", &why)?,
        }
    } else {
        findings.good("name lookup", "left to the proxy")?;
    }
    let start = Instant::now();
    match concur.client.send(Probe(FetchJwks::new(&concur.base_url))) {
        Ok(date) => {
            let how = if concur.base_url.is_https() {
                "TLS, with a certificate that is trusted"
            } else {
                "plain http on this machine"
            };
            let words = format!("{how}; a response in {} ms", start.elapsed().as_millis());
            findings.good("connection", &words)?;
            clock(&mut findings, date)?;
            service(&mut findings, concur)?;
        }
        Err(error) => {
            let note = concur.note(&error);
            let note = note.map_or(String::new(), |note| format!(" ({note})"));
            findings.bad("connection", &format!("{}{note}", error.report()))?;
        }
    }
    if findings.bad == 0 {
        return Ok(());
    }
    Err(Failure::trouble(format!(
        "{} of these must be mended: the first is mostly the cause of the others",
        findings.bad
    )))
}

/// Compares this machine's clock with the server's.
fn clock(findings: &mut Findings, date: Option<SystemTime>) -> Result<(), Failure> {
    let Some(date) = date else {
        return findings.good("clock", "not compared: the response has no date");
    };
    let now = SystemTime::now();
    let (off, which) = match now.duration_since(date) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    if off <= CLOCK {
        return findings.good("clock", "that of the server, but for a minute at most");
    }
    let seconds = off.as_secs();
    findings.bad(
        "clock",
        &format!("it is {seconds} s {which} the server's: set it, and keep it right by NTP"),
    )
}

/// Asks for a token with an application that does not exist. What must come is Concur's own refusal.
fn service(findings: &mut Findings, concur: &Connection) -> Result<(), Failure> {
    let application = Application::new(ClientId::new(UNKNOWN)?, "none")?;
    let grant = ClientCredentialsGrant::new(&concur.base_url, &application);
    match concur.client.send(grant) {
        Err(Error::Response(ResponseError::Refused(refusal))) => {
            let code = refusal
                .code()
                .map_or(String::new(), |code| format!(", code {code}"));
            findings.good(
                "token service",
                &format!("it refuses an application that does not exist, as it should{code}"),
            )
        }
        Err(error) => findings.bad("token service", &error.report().to_string()),
        Ok(_) => findings.bad(
            "token service",
            "it gives a token to an application that does not exist: this is not Concur",
        ),
    }
}

/// Looks the host up, as a connection would.
fn look_up(base_url: &BaseUrl, timeout: Duration) -> Result<usize, String> {
    let (host, port) = (base_url.host().to_owned(), base_url.port());
    let (sender, receiver) = mpsc::channel();
    let look = move || {
        let host = host.trim_matches(['[', ']']);
        let found = (host, port).to_socket_addrs().map(Iterator::count);
        let _ = sender.send(found);
    };
    thread::Builder::new()
        .spawn(look)
        .map_err(|error| format!("no thread can be run: {error}"))?;
    match receiver.recv_timeout(timeout) {
        Ok(Ok(count)) => Ok(count),
        Ok(Err(error)) => Err(format!(
            "the host is not known here ({error}): check --server, and the name server of this machine"
        )),
        Err(_) => Err(format!(
            "no response within {} s: check the name server of this machine",
            timeout.as_secs()
        )),
    }
}

/// Fetches Concur's public keys, and keeps the date of the response alone.
struct Probe<'a>(FetchJwks<'a>);

impl Exchange for Probe<'_> {
    type Output = Option<SystemTime>;

    fn base_url(&self) -> &BaseUrl {
        self.0.base_url()
    }

    fn is_resendable(&self) -> bool {
        self.0.is_resendable()
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        self.0.into_request()
    }

    fn parse(
        response: Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<Self::Output, ResponseError> {
        let date = response.headers().get(DATE).and_then(|it| it.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(date.map(|date| date.timestamp().into()))
    }
}

/// What was found, a line each.
struct Findings {
    format: ListFormat,
    bad: usize,
}

impl Findings {
    fn good(&mut self, what: &str, words: &str) -> Result<(), Failure> {
        self.line(what, words, true)
    }

    fn bad(&mut self, what: &str, words: &str) -> Result<(), Failure> {
        self.bad += 1;
        self.line(what, words, false)
    }

    fn line(&self, what: &str, words: &str, is_good: bool) -> Result<(), Failure> {
        output::line(&match self.format {
            ListFormat::Json => {
                output::one_line(&json!({ "check": what, "ok": is_good, "found": words }))
            }
            ListFormat::Text => {
                let mark = if is_good { "ok  " } else { "BAD " };
                format!("{mark}  {what:<14}{words}")
            }
        })
    }
}
