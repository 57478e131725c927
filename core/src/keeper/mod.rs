//! Tokens that stay fresh.

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
    Claimed, Lease, Record, Store, StoreError, StoreRequest, StoreResponse, StoredGrant, Written,
};
pub use version::Version;
