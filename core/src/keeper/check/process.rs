//! A process: the real state machine, and where its driver stands.

use std::time::{Duration, SystemTime};

use super::row::Row;
use super::{TICK, fingerprint, name, start};
use crate::keeper::entry::Phase;
use crate::keeper::{JobId, Keeper, Policy, Step, Ticket};
use crate::{Application, ConsumerKey};

#[derive(Clone)]
pub(super) struct Process {
    pub(super) keeper: Keeper,
    /// What it is about to put on the wire.
    pub(super) to_send: Option<(JobId, u8)>,
    /// What it waits for.
    pub(super) awaits: Option<JobId>,
    pub(super) stalled: u8,
    /// How much time it has let pass within this tick.
    pub(super) within: Duration,
    pub(super) clock_stepped: bool,
    pub(super) is_admin: bool,
    pub(super) ticket: Option<Ticket>,
}

fn policy() -> Policy {
    Policy::default()
        .deadline(TICK)
        .send_within(TICK)
        .lease(TICK * 6)
}

pub(super) fn process(number: u8) -> Process {
    let mut keeper = Keeper::new(policy(), u128::from(number) << 64 | 0x5eed).unwrap();
    let key = ConsumerKey::new("key").unwrap();
    keeper.set_application(Application::new(key, "secret").unwrap(), start());
    Process {
        keeper,
        to_send: None,
        awaits: None,
        stalled: 0,
        within: Duration::ZERO,
        clock_stepped: false,
        is_admin: false,
        ticket: None,
    }
}

impl Process {
    pub(super) fn time(&self, tick: u32) -> SystemTime {
        let now = start() + TICK * tick + self.within;
        if self.clock_stepped {
            now - Duration::from_secs(3600)
        } else {
            now
        }
    }

    /// Takes the next step. Returns `None` where the process waits for something.
    pub(super) fn next_step(&mut self, row: &Row, tick: u32) -> Option<Step> {
        self.nudge(row);
        let entry = self.keeper.entry(&name());
        if entry.is_some_and(|entry| entry.dead && entry.held_version().get() == row.version)
            && row.dead
        {
            return None;
        }
        loop {
            let now = self.time(tick);
            if !self.is_admin {
                let _ = self.keeper.ask(&name(), now);
            }
            match self.keeper.poll(now) {
                // Short pauses pass within a tick.
                Step::Wait { until: Some(until) } => {
                    let entry = self.keeper.entry(&name());
                    let is_busy = entry.is_some_and(|entry| entry.busy.is_some());
                    let within = self.within + until.duration_since(now).unwrap_or_default();
                    // Another's lease is looked at again when something has changed.
                    if within >= TICK || is_busy && row.lease.is_some() {
                        return None;
                    }
                    self.within = within;
                }
                Step::Wait { until: None } => return None,
                step => return Some(step),
            }
        }
    }

    /// Has a process that is content look at the store again, where that has changed: as when its token is due.
    pub(super) fn nudge(&mut self, row: &Row) {
        let keeper = &mut self.keeper;
        let Some(id) = keeper.names.get(&name()).copied() else {
            return;
        };
        let Some(Some(entry)) = keeper.entries.get_mut(id) else {
            return;
        };
        let held = entry.held.as_ref();
        let differs = held.is_some_and(|kept| {
            kept.version().get() != row.version
                || Some(fingerprint::pair(kept.grant())) != row.tokens
        }) || entry.dead != row.dead;
        if entry.job.is_none() && matches!(entry.phase, Phase::Idle) && differs {
            entry.rest = None;
            entry.wanted = true;
            entry.failure = None;
            if !std::mem::replace(&mut entry.is_ready, true) {
                keeper.ready.push_back(id);
            }
        }
    }

    pub(super) fn deepen(&mut self) {
        for entry in self.keeper.entries.iter_mut().flatten() {
            if let Some(held) = &entry.held {
                entry.held = Some(held.stepped_back(Duration::ZERO));
            }
        }
    }
}
