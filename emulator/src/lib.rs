//! Concur's side of its token flows, for tests, demos and your own CI.
//!
//! A server in one line, over TLS with a certificate authority made at start, with the account of
//! Concur's documentation in it:
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let server = concur_oauth_emulator::Server::start()?;
//! println!("{} trusts {}", server.url(), server.ca_pem());
//! # Ok(()) }
//! ```
//!
//! It stops when it is dropped. It speaks HTTP/1.1, over TLS or without, and answers what real clients
//! send (GET or POST, doubled slashes, any case of path) in XML or JSON, as `Accept` asks, and refuses
//! with Concur's error document.
//!
//! For a browser it has `/net2/oauth2/Login.aspx`, where a user consents, and `/appcenter`, where one
//! connects to the applications that are listed, travel suppliers too. A test needs no browser:
//! [`Emulator::approve`] and [`Emulator::deny`] are what one does.
//!
//! # Faults
//!
//! A client is only as good as what it does when things go wrong. [`Server::inject`] makes the next
//! answer come late, drip, break off, lie about its length, or worse: see [`Fault`]. And
//! [`ServerBuilder::certificate`] gives the server a certificate that no client may accept.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use concur_oauth_emulator::{Fault, Server};
//!
//! let server = Server::start()?;
//! server.inject(Fault::Unavailable);
//! // ... the client under test asks, gets a 503 with an HTML page, and should wait five minutes.
//! # Ok(()) }
//! ```
//!
//! # Accounts
//!
//! Applications, users and connection requests are added one by one, before it starts or while it runs
//! ([`Server::emulator`]), or read from a JSON text: [`Emulator::from_json`].
//!
//! # Without sockets
//!
//! Inside is [`Emulator`], which does no I/O: a request and the time go in, a response comes out.
//!
//! This crate is written against Concur's documentation and shares no code with the client, so that
//! it is a second opinion on what goes over the wire. It checks nothing that Concur's documentation
//! does not state, keeps all secrets in the clear, and is for tests only.
#![forbid(unsafe_code)]

mod account;
mod accounts;
mod app_center;
mod connections;
mod consent;
mod document;
mod emulator;
mod fault;
mod grants;
mod identity;
mod incoming;
mod page;
mod random;
mod server;

pub use account::{
    Application, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET,
    SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, User,
};
pub use accounts::AccountsError;
pub use connections::ConnectionRequest;
pub use emulator::Emulator;
pub use fault::{End, Fault};
pub use identity::Certificate;
pub use server::{Server, ServerBuilder};
