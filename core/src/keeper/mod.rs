//! Tokens that stay fresh: a state machine that renews grants, without I/O.
//!
//! An access token of [`v0`](crate::v0) lives an hour. Each renewal can bring another refresh token, and a process that loses
//! it must ask a person at the customer to consent anew. A [`Keeper`] renews each grant before its token ends, once for all
//! waiting callers, and stores what came before it is used; processes that share a store renew a grant once for all of them.
//!
//! Applications use a driver: the `keeper` module of a transport, over a store. Its page has an example, and
//! [the guide](crate::guide::keeping_tokens) says which store, and what to do when.
//!
//! # Words
//!
//! - A **grant** is what Concur granted to an application: an access token, and the refresh token that renews it. It has a name that
//!   you choose, and a **version**: a number that each renewal moves.
//! - A token is **due** at about four fifths of its life. From then on it is renewed, while it is still handed out.
//! - A **lease** is the right of one process to renew a grant. It lasts five minutes, by the store's clock.
//!
//! # How a grant is renewed
//!
//! A process *looks* at the store: another may have renewed the grant already. If not, it *claims* the lease, and *sends* the
//! refresh token that the claim returned. What comes is *committed* to the store before it is used.
//!
//! ```text
//!            ask                 due, and asked for          another process has the lease
//!  caller ─────────▶ token held ──────────────────▶ LOOK ◀───────────────────────────┐
//!    ▲                   ▲                           │ load                          │ wait, 50 ms to 1 s
//!    │ at once, while    │ fresh in the store        ├───────────────────────────────┘
//!    │ it lives          ├───────────────────────────┤
//!    │                   │                           ▼ not fresh, no lease
//!    │                   │                         CLAIM   if the version is still the same
//!    │                   │                           │
//!    │                   │   not sent within 15 s    ▼
//!    │                   │   RELEASE ◀───────────── SEND   60 s at most
//!    │                   │     ▲  ▲  refused, or     │
//!    │                   │     │  │  not sent        ├──── no response ───▶ the lease runs out: no sending
//!    │                   │     │  └──────────────────┤
//!    │                   │     │                     ├──── code 108 ──────▶ still the stored one? ─▶ NEEDS CONSENT
//!    │     version + 1   │     │                     ▼ new tokens
//!    └───────────────────┴─────┼──────────────────COMMIT   if the version is still the same
//!                              │                     │ the store fails: handed out from memory, and tried again
//!                        fails, and is tried         │ the store has a later grant: that one is used
//!                        again when it may           ▼
//! ```
//!
//! - **Served while it lives.** A token that is due is handed out at once while it is renewed, and a failed renewal never
//!   displaces it.
//! - **One exchange.** All callers that wait for a renewal share its outcome, failures included. A failure is not repeated
//!   before its time, whichever caller asks.
//! - **Stored before it is used.** Where the store fails, storing is tried again as long as the process lives. Where another
//!   process has stored a later version, that one is used. Where the store has an older version than this process, because it was
//!   restored from a copy, it is given the newer one.
//! - **Refusals are told apart.** Code 108 ends this grant. After codes such as 10 or 53, this grant is not tried again for a day.
//!   After codes such as 61 or 64, no grant of the application is tried, but one after a minute, two, four, up to an hour.
//! - **An unknown outcome is a pause.** Where Concur may have the request, no process sends another until the lease has run out.
//! - **Idle grants cost little.** A token is renewed ahead only if it was asked for. The others are renewed once a month, by
//!   [`Keeper::keep_alive`], so that their refresh tokens do not age out.
//!
//! # Tokens of the application itself
//!
//! A token of the [client credentials grant](crate::v0::ClientCredentialsGrant) has no refresh token: the application's ID and secret
//! bring another at any time. Given [`ClientCredentials`], a keeper does that by itself, and keeps the token in memory alone,
//! without a lease. Processes that are to share the token put [`Grant::of_application`]. An unknown outcome loses nothing there, so
//! the request is repeated after the pause that Concur asks for, and no lease is left to run out.
//!
//! # What no client can save
//!
//! 1. A rotated refresh token whose response was lost, or whose receiver was killed before it was stored.
//! 2. Where Concur ends a grant because an old refresh token is used again: one whose process stood still for longer than its lease,
//!    or whose store forgot what it had acknowledged.
//!
//! # How it is driven
//!
//! A keeper holds no socket, clock, store or randomness. A driver asks [`Keeper::poll`] what is to be done, does it, and tells
//! what came of it:
//!
//! ```
//! # extern crate concur_oauth_core as concur_oauth;
//! use std::time::SystemTime;
//!
//! use concur_oauth::keeper::{Ask, GrantName, KeepError, Keeper, Policy, Step, Store};
//! use concur_oauth::{Error, StepRequest, StepResponse};
//!
//! fn token(
//!     keeper: &mut Keeper,
//!     name: &GrantName,
//!     store: &dyn Store,
//!     send: impl Fn(StepRequest<'static>) -> Result<StepResponse, Error>,
//! ) -> Result<String, KeepError> {
//!     loop {
//!         match keeper.ask(name, SystemTime::now()) {
//!             Ask::Use(token) => return Ok(format!("{:?}", token.token().authorization())),
//!             Ask::Failed(error) => return Err(error),
//!             Ask::Wait { .. } => {}
//!         }
//!         match keeper.poll(SystemTime::now()) {
//!             Step::Store { job, request } => {
//!                 let result = request.send(store);
//!                 keeper.stored(job, result, SystemTime::now());
//!             }
//!             Step::Send { job, request } => {
//!                 let result = send(request);
//!                 keeper.sent(job, result, SystemTime::now());
//!             }
//!             Step::Wait { until } => {
//!                 // Sleep until then, or until another thread has told the keeper something.
//!                 # return Err(KeepError::Unknown { name: name.clone() });
//!             }
//!         }
//!     }
//! }
//! # let mut keeper = Keeper::new(Policy::default(), 7)?;
//! # drop(keeper);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The time is the wall clock's, which goes on while a machine sleeps. Where it is set back, every wait is set back with it, so that
//! none becomes longer.
//!
//! # How it was checked
//!
//! Tests drive the state machine itself, not a model of it, through every order of the steps of two processes, and of three in five
//! of the mixes, with crashes, stalls, lost responses, failed and unacknowledged writes, a store that goes back, grants that are put
//! and forgotten, and clocks that are set back, on five kinds of services: 28 mixes of faults on each. Six of the 140 lose a grant,
//! all of them by the second point above.

#[cfg(test)]
mod check;
mod command;
mod commit;
mod ending;
mod entry;
mod error;
mod event;
mod flight;
mod gate;
mod grant;
mod kept_token;
mod listing;
mod look;
mod machine;
mod name;
mod outcomes;
mod policy;
mod refusal;
mod renewal;
mod sent;
mod state;
mod step;
mod store;
mod store_error;
mod time;
mod users;
mod version;

pub use error::KeepError;
pub use event::{Event, Reason};
pub use grant::Grant;
pub use kept_token::KeptToken;
pub use machine::Keeper;
pub use name::GrantName;
pub use outcomes::Ticket;
pub use policy::{Policy, PolicyError};
pub use renewal::ClientCredentials;
pub use state::{Activity, GrantState};
pub use step::{Ask, JobId, Step};
pub use store::{
    AsyncStore, Claimed, Lease, Record, Store, StoreFuture, StoreRequest, StoreResponse,
    StoredGrant, Written,
};
pub use store_error::StoreError;
pub use version::Version;
