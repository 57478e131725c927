//! An emulator of Concur's token service, for tests, demos and your own continuous integration.
//!
//! A server starts in one line, over TLS, with a certificate authority made at start and the account of Concur's
//! documentation:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let server = concur_oauth_emulator::Server::start()?;
//! println!("{}: trust {}", server.url(), server.ca_pem());
//! # Ok(()) }
//! ```
//!
//! It stops when it is dropped. It speaks HTTP/1.1, over TLS or without. It accepts what real clients send (GET or POST
//! for tokens, doubled slashes, any case of path), responds in XML or JSON, as `Accept` asks, and refuses with Concur's error
//! document.
//!
//! For a browser it has `/net2/oauth2/Login.aspx`, where a user consents, and `/appcenter`, where a user connects to the
//! listed applications, those of travel suppliers included. A test needs no browser: [`Emulator::approve`] and
//! [`Emulator::deny`] do what a browser does.
//!
//! # Faults
//!
//! [`Server::inject`] makes the next response come late, drip, break off, have a wrong length, or worse: see [`Fault`].
//! [`ServerBuilder::certificate`] gives the server a certificate that clients must refuse.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use concur_oauth_emulator::{Fault, Server};
//!
//! let server = Server::start()?;
//! server.inject(Fault::Unavailable);
//! // ... the client under test sends a request, gets a 503 with an HTML page, and should wait five minutes.
//! # Ok(()) }
//! ```
//!
//! A [`FaultRule`] applies a fault to more than the next response: to the next three, to the third, to each, or to the requests of
//! one path. [`Server::requests`] gives what was asked, and what came of it. [`ServerBuilder::route`] adds a fake of the API that
//! tokens are for.
//!
//! # From any language
//!
//! The command `concur-oauth emulator` serves an index page at `/`, and JSON under `/_emulator/`; a server of a test does with
//! [`ServerBuilder::control`]. Both are for this machine alone, and no page of another site can use them.
//!
//! | request | |
//! |---|---|
//! | `POST /_emulator/faults` with `{"fault": "status=503,next=3"}` | adds a fault, in the text form of [`FaultRule`]; `path`, `next`, `at`, `always` and `retry_after` can be fields of their own |
//! | `GET`, `DELETE /_emulator/faults` | lists those that are still to come, or takes them back |
//! | `GET`, `DELETE /_emulator/requests` | lists the last 1,000 requests with status, token, error and fault, or forgets them |
//! | `GET /_emulator/clock`, `POST` with `{"advance": "1h"}` or `{"set": "2026-12-01T00:00:00Z"}` | shows or moves the clock |
//! | `GET /_emulator/tokens` | lists the tokens that were issued, without their values |
//! | `POST /_emulator/tokens/ID/expire` | ends one now |
//!
//! An error is `{"error": "…"}` with status 400, 403, 404 or 405, and says what to send.
//!
//! # Proxies
//!
//! A [`Proxy`] stands between a client and the server, to try what a client does behind one. [`ProxyFault`] has what can
//! go wrong there.
//!
//! # Time
//!
//! [`Server::advance`] moves the clock forward, and [`v0::Service::set_token_life`] and its like set how long tokens live, so that a
//! month passes in a test.
//!
//! # Accounts
//!
//! Applications, users and connection requests are added one by one, before the server starts or while it runs
//! ([`Server::emulator`]), or read from a JSON text: [`Emulator::from_json`].
//!
//! # Without sockets
//!
//! [`Emulator`] does no I/O: [`respond`](Emulator::respond) takes a request and the time, and returns a response.
//!
//! This crate is written from Concur's documentation and shares no code with the client, so that it is a second opinion
//! on what goes over the wire. It checks nothing that Concur's documentation does not state, keeps all secrets in the
//! clear, and is for tests only.
#![forbid(unsafe_code)]

mod accounts;
mod emulator;
mod http;
mod listed_tokens;
mod sample;
mod server;
mod services;
mod state;
mod time;

pub use accounts::AccountsError;
pub use emulator::Emulator;
pub use sample::{
    SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_COMPANY_ID,
    SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD,
    SAMPLE_REDIRECT_URI,
};
pub use server::{
    Certificate, End, Fault, FaultRule, FaultRuleError, Proxy, ProxyBuilder, ProxyFault,
    ProxyRequest, RequestRecord, Server, ServerBuilder,
};
pub use state::application::Application;
pub use state::connection_requests::ConnectionRequest;
pub use state::user::User;

/// The newer token service, under `/oauth2/v0`: JSON documents, tokens of an hour, several data centers.
///
/// # Examples
///
/// Two data centers besides the Global Landing Zone, on ports of their own, and a company that lives in one of them:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use std::time::SystemTime;
///
/// use concur_oauth_emulator::v0::{Company, Rotation};
/// use concur_oauth_emulator::{SAMPLE_CLIENT_ID, Server};
///
/// let server = Server::builder().data_centers(["glz", "us2", "eu2"]).start()?;
/// let eu2 = server.data_center("eu2").expect("it was asked for");
/// println!("{} {eu2}", server.url());
///
/// let mut emulator = server.emulator();
/// emulator.v0().add_company(Company::new("a5c3...").in_data_center("eu2"));
/// emulator.v0().set_rotation(Rotation::KillOld);
/// let request_token = emulator.v0().make_request_token(SAMPLE_CLIENT_ID, "a5c3...", SystemTime::now());
/// # Ok(()) }
/// ```
pub mod v0 {
    pub use crate::state::v0::{Application, Company, Rotation, Service, User};
}
