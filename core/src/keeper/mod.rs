//! Tokens that stay fresh: a state machine that renews grants, without I/O.
//!
//! An access token of [`v0`](crate::v0) lives an hour. Each renewal can bring another refresh token, and whoever loses that
//! must ask a person at the customer to consent anew. A [`Keeper`] renews each grant before its token ends, once for all who
//! wait, and stores what came before it is used; processes that share a store renew a grant once for all of them.
//!
//! Applications use a driver: the `keeper` module of a transport, over a store. Its page has an example.
//!
//! # How a grant is renewed
//!
//! ```text
//!            ask                 due, and asked for          another process renews it
//!  caller ─────────▶ token held ──────────────────▶ LOOK ◀───────────────────────────┐
//!    ▲                   ▲                           │ load                          │ wait, 50 ms to 1 s
//!    │ at once, while    │ fresh in the store        ├───────────────────────────────┘
//!    │ it lives          ├───────────────────────────┤
//!    │                   │                           ▼ not fresh, no lease
//!    │                   │                         CLAIM   version as looked at; five minutes
//!    │                   │                           │
//!    │                   │        over 15 s later    ▼ what the claim returned is sent
//!    │                   │   RELEASE ◀───────────── SEND   the exchange, 60 s at most
//!    │                   │     ▲  ▲  refused, or     │
//!    │                   │     │  │  not sent        ├──── no response ───▶ the lease runs out: nobody sends
//!    │                   │     │  └──────────────────┤
//!    │                   │     │                     ├──── code 108 ──────▶ still the stored one? ─▶ NEEDS CONSENT
//!    │     version + 1   │     │                     ▼ new tokens
//!    └───────────────────┴─────┼──────────────────COMMIT   compare-and-set; tried again until it is stored
//!                              │                     │ the store fails: handed out from memory (Unsaved)
//!                        fails, and is tried         │ the store has a later grant: that one is used
//!                        again when it may           ▼
//! ```
//!
//! - **Served while it lives.** A token that is due is handed out at once while it is renewed, and a failed renewal never
//!   displaces it.
//! - **One exchange.** All who wait for a renewal share its outcome, failures included. A failure is not repeated before its
//!   time, whoever asks.
//! - **Stored before it is used**, and stored again and again where the store fails. A version of the store that moved is the
//!   truth, and is never written over; a store that went back is given the newer grant.
//! - **Refusals are told apart.** Code 108 ends this grant; codes such as 10 or 53 hold it for a day; codes such as 61 hold every
//!   grant of the application, and one is tried after a minute, two, four, up to an hour.
//! - **An unknown outcome is a pause.** Where Concur may have the request, nobody sends another until the lease has run out.
//! - **Not more than is asked for.** A token is renewed ahead only if it was asked for in its life. The others are renewed once a
//!   month by [`Keeper::keep_alive`].
//!
//! What no client can save: a rotated refresh token whose response was lost, or whose receiver was killed before it was stored.
//! Where Concur punishes reuse, also one whose process stood still for longer than its lease, or whose store forgot it.
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
//! The time is the wall clock's, so that a machine that slept needs no care. Where it steps back, what is waited for moves
//! with it.
//!
//! # How it was checked
//!
//! The state machine itself, not a model of it, is driven through every interleaving of two processes, and of three where that
//! ends, with crashes, stalls, lost responses, failed and unacknowledged writes, a store that goes back, grants that are put and
//! forgotten, and clocks that step, on five kinds of services: 130 mixes. The six that lose a grant are those named above.

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
mod look;
mod machine;
mod name;
mod outcomes;
mod policy;
mod refusal;
mod sent;
mod state;
mod step;
mod store;
mod time;
mod version;

pub use error::KeepError;
pub use event::{Event, Reason};
pub use grant::Grant;
pub use kept_token::KeptToken;
pub use machine::Keeper;
pub use name::GrantName;
pub use outcomes::Ticket;
pub use policy::{Policy, PolicyError};
pub use state::{Activity, GrantState};
pub use step::{Ask, JobId, Step};
pub use store::{
    AsyncStore, Claimed, Lease, Record, Store, StoreError, StoreFuture, StoreRequest,
    StoreResponse, StoredGrant, Written,
};
pub use version::Version;
