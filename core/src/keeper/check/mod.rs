//! The real state machine under every interleaving of processes, faults and time.
//!
//! Processes, a store, a service and the wires between them are one value, and each thing that can happen next makes another.
//! All of them are visited, each once. (Two are one where they differ in the order of their processes alone, or in the pauses that
//! processes would draw later: each draws its own.) What must never be:
//!
//! - LOST: no good refresh token is within reach, although no response was lost and no process was killed with one.
//! - OLDER: an older grant is written over a newer one.
//! - TWICE: without a fault, two requests with one refresh token are under way at once.
//! - FALSE DEATH: a grant that is good is marked as dead, and stays so.
//! - STUCK: no process renews a good grant.

mod explore;
mod faults;
mod fingerprint;
mod mixes;
mod process;
mod row;
mod seeded;
mod service;
mod successors;
mod wire;
mod world;

use std::time::{Duration, SystemTime};

use self::service::Pair;
use super::{Grant, GrantName};
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::token::{TokenParts, TokenScheme};

const TICK: Duration = Duration::from_secs(60);

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn name() -> GrantName {
    GrantName::new("g").unwrap()
}

/// A grant with tokens of these numbers, that lives for an hour.
fn grant(pair: Pair, received_at: SystemTime) -> Grant {
    let access = format!("a{}", pair.access);
    let mut parts = TokenParts::new(TokenScheme::Bearer, access, BaseUrl::US2);
    parts.refresh_token = Some(format!("r{}", pair.refresh).into());
    parts.expires_at = Some(received_at + Duration::from_secs(3600));
    Grant::new(ConsumerKey::new("key").unwrap(), parts.into(), received_at).unwrap()
}

/// Returns the numbers of the tokens of a stored grant.
fn tokens_of(stored: &[u8]) -> Pair {
    fingerprint::pair(&Grant::decode(stored, Duration::ZERO, start()).unwrap())
}
