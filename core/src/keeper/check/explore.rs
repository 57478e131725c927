//! Visits every state that can be reached.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::faults::Faults;
use super::service::Kind;
use super::world::{What, World};

/// How many states a search may have: a few gigabytes.
const MOST: usize = 4_000_000;

/// What a search found.
pub(super) struct Found {
    pub(super) states: usize,
    pub(super) violation: Option<(&'static str, Vec<String>)>,
}

fn key(world: &World) -> u128 {
    let mut hasher = DefaultHasher::new();
    world.fingerprint().hash(&mut hasher);
    let first = hasher.finish();
    hasher.write_u8(0);
    u128::from(first) << 64 | u128::from(hasher.finish())
}

/// Visits every state, until something is found that must never be.
pub(super) fn explore(kind: Kind, faults: Faults) -> Found {
    let first = World::new(kind, faults);
    // For each state, the one before it.
    let mut seen = BTreeMap::from([(key(&first), 0_u128)]);
    let mut queue = VecDeque::from([(key(&first), first.clone())]);
    while let Some((own, world)) = queue.pop_front() {
        let successors = world.successors();
        let is_over = successors
            .iter()
            .all(|(next, what)| *what == What::Tick && is_still(next));
        if let Some(what) = world.violation(is_over) {
            return Found {
                states: seen.len(),
                violation: Some((what, trace(first, own, &seen))),
            };
        }
        if is_over {
            continue;
        }
        for (next, _) in successors {
            let key = key(&next);
            if let Entry::Vacant(place) = seen.entry(key) {
                place.insert(own);
                queue.push_back((key, next));
            }
        }
        assert!(seen.len() < MOST, "more states than {MOST}");
    }
    Found {
        states: seen.len(),
        violation: None,
    }
}

/// Returns whether nothing happens from now on but time.
fn is_still(world: &World) -> bool {
    let mut world = world.clone();
    for _ in 0..14 {
        let mut after = world.successors();
        if after.iter().any(|(_, what)| *what != What::Tick) {
            return false;
        }
        match after.pop() {
            Some((next, _)) => world = next,
            None => break,
        }
    }
    true
}

/// Returns what happened on the way to a state.
fn trace(mut world: World, to: u128, seen: &BTreeMap<u128, u128>) -> Vec<String> {
    let mut path = vec![to];
    while let Some(before) = path
        .last()
        .and_then(|at| seen.get(at))
        .filter(|it| **it != 0)
    {
        path.push(*before);
    }
    world.tells = true;
    let mut told = Vec::new();
    for at in path.into_iter().rev().skip(1) {
        let successors = world.successors();
        let found = successors.into_iter().find(|(next, _)| key(next) == at);
        let (next, what) = found.expect("a state that was visited");
        told.push(format!("{what:?}"));
        world = next;
    }
    told
}
