//! Processes, a store, a service and a clock, and what must never be of them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

use super::faults::Faults;
use super::process::{Process, process};
use super::row::Row;
use super::service::{Kind, Pair, Service};
use super::{TICK, fingerprint, grant, start};
use crate::keeper::JobId;

/// What the service responded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Response {
    NotYet,
    Granted(Pair),
    Refused,
}

impl Response {
    pub(super) fn pair(self) -> Option<Pair> {
        match self {
            Self::Granted(pair) => Some(pair),
            Self::NotYet | Self::Refused => None,
        }
    }
}

/// A request on its way, or its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wire {
    pub(super) refresh: u8,
    pub(super) job: Option<(usize, JobId)>,
    pub(super) age: u8,
    pub(super) response: Response,
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) now: u32,
    pub(super) faults: Faults,
    pub(super) budget: Faults,
    pub(super) row: Row,
    pub(super) before: Row,
    pub(super) service: Service,
    /// Shared with the state before it, until it is changed.
    pub(super) processes: Vec<Arc<Process>>,
    pub(super) wires: Vec<Wire>,
    pub(super) incarnations: u8,
    /// A good token was lost on the way, or with a process: that no client can mend.
    pub(super) excused: bool,
    pub(super) broken: Option<&'static str>,
    pub(super) forgotten: bool,
    /// Whether what happens is written down.
    pub(super) tells: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Tick,
    Else(String),
}

impl World {
    pub(super) fn new(kind: Kind, faults: Faults) -> Self {
        let tokens = Pair {
            access: 1,
            refresh: 1,
        };
        let age = if faults.expired { 61 } else { 58 };
        let row = Row {
            version: 1,
            grant: Some(grant(tokens, start() - TICK * age).encode(start()).unwrap()),
            tokens: Some(tokens),
            age_at_commit: TICK * age,
            ..Row::default()
        };
        let incarnations = u8::try_from(faults.processes).unwrap();
        Self {
            now: 0,
            faults,
            budget: faults,
            before: row.clone(),
            row,
            service: Service::new(kind),
            processes: (0..incarnations).map(process).map(Arc::new).collect(),
            wires: Vec::new(),
            incarnations,
            excused: false,
            broken: None,
            forgotten: false,
            tells: false,
        }
    }

    pub(super) fn time(&self, at: usize) -> SystemTime {
        self.processes[at].time(self.now)
    }

    pub(super) fn is_enabled(&self, at: usize) -> bool {
        let process = &self.processes[at];
        if process.to_send.is_some() {
            return true;
        }
        if let Some(job) = process.awaits {
            let wire = self.wires.iter().find(|wire| wire.job == Some((at, job)));
            return wire.is_none_or(|wire| wire.response != Response::NotYet);
        }
        let mut probe = Process::clone(process);
        probe.deepen();
        probe.next_step(&self.row, self.now).is_some()
    }

    /// Gives a process tokens of its own: a clone would share the notes that are made on them.
    pub(super) fn deepen(&mut self, at: usize) {
        self.process_mut(at).deepen();
    }

    pub(super) fn process_mut(&mut self, at: usize) -> &mut Process {
        Arc::make_mut(&mut self.processes[at])
    }

    pub(super) fn branch(&self, at: usize) -> Self {
        let mut world = self.clone();
        while world.process_mut(at).keeper.next_event().is_some() {}
        world.deepen(at);
        world
    }

    /// Returns whether a good refresh token is still within reach of a process or in the store.
    fn in_reach(&self) -> bool {
        let is_good = |pair: Pair| self.service.is_good(pair.refresh);
        self.row.tokens.is_some_and(is_good)
            || self
                .processes
                .iter()
                .any(|process| fingerprint::tokens(&process.keeper).any(is_good))
            || self
                .wires
                .iter()
                .any(|wire| wire.job.is_some() && wire.response.pair().is_some_and(is_good))
    }

    /// A response with these tokens is gone.
    pub(super) fn excuse(&mut self, gone: Option<Pair>) {
        let Some(pair) = gone else { return };
        let rotates = self.service.kind != Kind::Same;
        if rotates
            && self.service.is_good(pair.refresh)
            && (self.service.kind == Kind::Family || !self.in_reach())
        {
            self.excused = true;
        }
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) -> What {
        What::Else(if self.tells { what() } else { String::new() })
    }

    /// Returns what must never be, where it is. `is_over` says that nothing more can happen but time.
    pub(super) fn violation(&self, is_over: bool) -> Option<&'static str> {
        if self.broken.is_some() {
            return self.broken;
        }
        let is_open = self.excused || self.forgotten;
        if !is_open && !self.in_reach() {
            return Some(
                "LOST: no good refresh token is within reach, although no response was lost",
            );
        }
        if is_over && !is_open && self.row.grant.is_some() {
            let is_good = self
                .row
                .tokens
                .is_some_and(|pair| self.service.is_good(pair.refresh));
            if self.row.dead && (is_good || self.in_reach()) {
                return Some("FALSE DEATH: a good grant is marked as dead for good");
            }
            let is_first = self.row.tokens.is_some_and(|pair| pair.access == 1);
            if is_good && is_first && !self.row.dead && self.budget.lost == self.faults.lost {
                return Some("STUCK: no process has renewed a good grant");
            }
        }
        None
    }

    pub(super) fn fingerprint(&self) -> String {
        let mut text = String::with_capacity(512);
        let budget = &self.budget;
        for left in [
            budget.crashes,
            budget.lost,
            budget.store_errors,
            budget.lost_acks,
            budget.goes_back,
            budget.puts,
            budget.forgets,
            budget.clock_steps,
        ] {
            let _ = write!(text, "{left} ");
        }
        let _ = write!(text, "{:?}{}{}", self.service, self.excused, self.forgotten);
        let nonce = |row: &Row| row.lease.map(|(nonce, _)| nonce);
        for row in [&self.row, &self.before] {
            let _ = write!(
                text,
                "|{} {:?} {} {:?} {:?}",
                row.version,
                row.tokens,
                row.dead,
                row.tokens.map(|_| row.life()),
                row.lease.map(|it| it.1)
            );
        }
        let mut processes: Vec<_> = (0..self.processes.len())
            .map(|at| self.fingerprint_of(at, nonce(&self.row), nonce(&self.before)))
            .collect();
        // Which process is which makes no difference, but where a user has one of its own: the first.
        if !self.faults.own_users {
            processes.sort_unstable();
        }
        text.extend(processes);
        text.extend(self.wires_of(None));
        text
    }

    fn fingerprint_of(&self, at: usize, nonce: Option<u128>, nonce_before: Option<u128>) -> String {
        let process = &self.processes[at];
        let mut text = format!(
            "|{:?} {} {} {} {:?} {}",
            process.to_send.map(|it| it.1),
            process.awaits.is_some(),
            process.stalled,
            process.clock_stepped,
            process.within,
            process.is_admin,
        );
        let now = self.time(at);
        fingerprint::write(&process.keeper, now, nonce, nonce_before, &mut text);
        text.extend(self.wires_of(Some(at)));
        text
    }

    /// Returns what is on the wire for a process, or for none any more.
    fn wires_of(&self, at: Option<usize>) -> Vec<String> {
        let wires = self.wires.iter();
        let mut wires: Vec<_> = wires
            .filter(|wire| wire.job.map(|it| it.0) == at)
            .map(|wire| format!("|{} {} {:?}", wire.refresh, wire.age, wire.response))
            .collect();
        wires.sort_unstable();
        wires
    }
}
