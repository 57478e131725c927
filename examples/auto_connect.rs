//! The Auto-Connect flow: users of Concur press Connect for a TripLink supplier. Its application lists their
//! connection requests on a timer, exchanges each request token, matches the user with its own records, and reports
//! the outcome.
//!
//! It runs against an emulator in this process. In an application, `round` runs every few minutes.

use std::collections::HashMap;
use std::time::SystemTime;

use concur_oauth::auto_connect::{ConnectionRequest, ConnectionResult, Outcome, Round, Step};
use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::NativeFlow;
use concur_oauth::{AccessToken, Application, BaseUrl, ConsumerKey, Credentials, Rfc3339};
use concur_oauth_emulator::{
    ConnectionRequest as Pressed, Emulator, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY,
    SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};

/// The supplier's records: last names by loyalty number.
type Members = HashMap<&'static str, &'static str>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder()
        .emulator(twelve_pressed_connect())
        .start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;

    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
    let application = Application::new(key.clone(), SAMPLE_CONSUMER_SECRET)?;
    let credentials = Credentials::with_password(SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_PASSWORD)?;
    let administrator = client.send(NativeFlow::new(base_url, key, credentials))?;

    let members = Members::from([("1001", "Jones"), ("1002", "Smith")]);
    round(&client, &application, &administrator, &members)
}

fn round(
    client: &Client,
    application: &Application,
    administrator: &AccessToken,
    members: &Members,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut round = Round::new(application, administrator);
    loop {
        match round.step(SystemTime::now()) {
            Step::Send(request) => round.receive(client.send(request)),
            Step::Match { request, token: _ } => {
                let outcome = matched(request, members);
                round.matched(outcome);
            }
            // Store the token with the member.
            Step::Finished(ConnectionResult::Connected { request, token }) => println!(
                "connected {}, with a token until {}",
                request.loyalty_number().unwrap_or_default(),
                token
                    .expires_at()
                    .map(|at| Rfc3339(at).to_string())
                    .unwrap_or_default()
            ),
            Step::Finished(ConnectionResult::Rejected {
                request, outcome, ..
            }) => println!(
                "rejected {}: {outcome}",
                request.loyalty_number().unwrap_or_default()
            ),
            Step::Finished(ConnectionResult::Failed(failure)) => {
                println!("failed: {}", failure.report());
                if failure.token().is_some() {
                    println!("its token may still be valid: keep it, and revoke it later");
                }
            }
            // An error says when the next round is worth beginning.
            Step::Done(end) => return Ok(end?),
        }
    }
}

fn matched(request: &ConnectionRequest, members: &Members) -> Outcome {
    let number = request.loyalty_number().unwrap_or_default();
    match members.get(number) {
        None => Outcome::LoyaltyNumberNotFound,
        Some(name) if request.last_name() != Some(name) => Outcome::NameMismatch,
        Some(_) => Outcome::Connected,
    }
}

/// Concur, with a page and more of connection requests; the request token of one cannot be used.
fn twelve_pressed_connect() -> Emulator {
    let mut emulator = Emulator::with_sample_account();
    for number in 1001..1013 {
        let request = Pressed::new(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID)
            .with_loyalty_number(number.to_string())
            .with_name("Jo", "Jones");
        let request = match number {
            1003 => request.with_request_token(""),
            _ => request,
        };
        emulator.add_connection_request(request, SystemTime::now());
    }
    emulator
}
