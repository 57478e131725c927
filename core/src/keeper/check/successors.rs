//! Each thing that can happen next.

use std::sync::Arc;
use std::time::Duration;

use super::faults::Faults;
use super::process::{Process, process};
use super::service::Pair;
use super::wire::{refresh_token_of, response_of};
use super::world::{Response, What, Wire, World};
use super::{TICK, fingerprint, grant, name, start};
use crate::StepResponse;
use crate::error::{Error, Stage};
use crate::keeper::entry::{Command, Phase};
use crate::keeper::{JobId, Step, StoreError, StoreRequest};

impl World {
    /// Returns each thing that can happen next, with its name.
    pub(super) fn successors(&self) -> Vec<(Self, What)> {
        let mut all = Vec::new();
        self.ticks(&mut all);
        self.wire(&mut all);
        if self.budget.goes_back > 0 && self.before != self.row {
            let mut world = self.clone();
            world.budget.goes_back -= 1;
            world.row = world.before.clone();
            all.push((world, self.tell(|| "the store goes back".into())));
        }
        self.users(&mut all);
        for at in 0..self.processes.len() {
            self.process(at, &mut all);
        }
        all
    }

    fn ticks(&self, all: &mut Vec<(Self, What)>) {
        if self.now >= 40 {
            return;
        }
        let must_move = (0..self.processes.len())
            .any(|at| self.processes[at].stalled >= self.faults.stall && self.is_enabled(at));
        if must_move
            || self
                .wires
                .iter()
                .any(|wire| wire.response == Response::NotYet && wire.age >= 1)
        {
            return;
        }
        let mut world = self.clone();
        world.now += 1;
        world.row.tick();
        world.before.tick();
        for at in 0..world.processes.len() {
            let stalls = self.is_enabled(at);
            let process = world.process_mut(at);
            process.within = Duration::ZERO;
            process.stalled += u8::from(stalls);
        }
        for wire in &mut world.wires {
            wire.age = (wire.age + 1).min(2);
        }
        all.push((world, What::Tick));
    }

    fn wire(&self, all: &mut Vec<(Self, What)>) {
        for (number, wire) in self.wires.iter().enumerate() {
            let label = format!("rt{}", wire.refresh);
            if wire.response == Response::NotYet {
                let mut world = self.clone();
                let response = world.service.refresh(wire.refresh);
                if wire.job.is_some() {
                    world.wires[number].response =
                        response.map_or(Response::Refused, Response::Granted);
                } else {
                    world.wires.remove(number);
                    world.excuse(response);
                }
                all.push((
                    world,
                    self.tell(|| format!("the service has {label}: {response:?}")),
                ));
            }
            if self.budget.lost > 0 && wire.job.is_some() {
                let mut world = self.clone();
                world.budget.lost -= 1;
                let gone = world.wires.remove(number).response.pair();
                world.excuse(gone);
                all.push((
                    world,
                    self.tell(|| format!("{label} or its response is lost")),
                ));
            }
        }
    }

    fn users(&self, all: &mut Vec<(Self, What)>) {
        let is_taken = |process: &Arc<Process>| process.ticket.is_some();
        if self.processes.iter().any(is_taken) {
            return; // One user at a time.
        }
        let mut user = |command, label: &str, world: &Self| {
            // By a process of the user's own, or by one that renews.
            for own in [false, true] {
                if own && !self.faults.own_users {
                    continue;
                }
                let mut world = world.clone();
                let at = if own { 0 } else { world.processes.len() };
                if own && world.processes[0].to_send.is_some() {
                    continue;
                }
                if own {
                    world.deepen(at);
                } else {
                    let mut admin = process(world.incarnations);
                    world.incarnations += 1;
                    admin.is_admin = true;
                    world.processes.push(Arc::new(admin));
                }
                let now = world.time(at);
                let process = world.process_mut(at);
                let ticket = match &command {
                    Command::Put(grant) => process.keeper.put(&name(), (**grant).clone(), now),
                    Command::Forget => process.keeper.forget(&name(), now),
                };
                process.ticket = Some(ticket);
                // Its request in the air belongs to no process any more.
                if let Some(job) = process.awaits.take() {
                    for wire in &mut world.wires {
                        if wire.job == Some((at, job)) {
                            wire.job = None;
                        }
                    }
                    world
                        .wires
                        .retain(|wire| wire.job.is_some() || wire.response == Response::NotYet);
                }
                all.push((world, self.tell(|| format!("{label}, own: {own}"))));
            }
        };
        if self.budget.puts > 0 {
            let mut world = self.clone();
            world.budget.puts -= 1;
            world.forgotten = false;
            let pair = world.service.consent();
            let received_at = start() + TICK * world.now - TICK * 58;
            user(
                Command::Put(Box::new(grant(pair, received_at))),
                "put",
                &world,
            );
        }
        if self.budget.forgets > 0 {
            let mut world = self.clone();
            world.budget.forgets -= 1;
            world.forgotten = true;
            world.service.end();
            user(Command::Forget, "forget", &world);
        }
    }

    fn process(&self, at: usize, all: &mut Vec<(Self, What)>) {
        let process = &self.processes[at];
        let title = format!("#{at}");
        let is_active = process.awaits.is_some()
            || process.to_send.is_some()
            || process
                .keeper
                .entry(&name())
                .is_some_and(|entry| !matches!(entry.phase, Phase::Idle));
        if self.budget.clock_steps > 0 && is_active && !process.clock_stepped && !process.is_admin {
            let mut world = self.branch(at);
            world.budget.clock_steps -= 1;
            world.process_mut(at).clock_stepped = true;
            all.push((
                world,
                self.tell(|| format!("{title}: its clock steps back")),
            ));
        }
        if self.budget.crashes > 0 && is_active && !process.is_admin {
            all.push((self.crash(at), self.tell(|| format!("{title} is killed"))));
        }
        if let Some((job, refresh)) = process.to_send {
            let mut world = self.branch(at);
            world.process_mut(at).to_send = None;
            world.process_mut(at).awaits = Some(job);
            let calm = Faults {
                expired: self.faults.expired,
                processes: self.faults.processes,
                ..Faults::NONE
            };
            if self.faults == calm && world.wires.iter().any(|it| it.refresh == refresh) {
                world.broken =
                    Some("TWICE: one refresh token is sent twice at once, without a fault");
            }
            world.wires.push(Wire {
                refresh,
                job: Some((at, job)),
                age: 0,
                response: Response::NotYet,
            });
            all.push((world, self.tell(|| format!("{title} sends rt{refresh}"))));
            return;
        }
        if let Some(job) = process.awaits {
            self.receive(at, job, &title, all);
            return;
        }
        let mut world = self.branch(at);
        let tick = world.now;
        let Some(step) = world.process_mut(at).next_step(&self.row, tick) else {
            return;
        };
        let now = world.time(at);
        match step {
            Step::Wait { .. } => {}
            Step::Send { job, request } => {
                world.process_mut(at).to_send = Some((job, refresh_token_of(request)));
                all.push((world, self.tell(|| format!("{title} may send"))));
            }
            Step::Store { job, request } => {
                let fail = || Err(StoreError::new("the store fails"));
                if self.budget.store_errors > 0 {
                    let mut world = world.clone();
                    world.deepen(at);
                    world.budget.store_errors -= 1;
                    world.process_mut(at).keeper.stored(job, fail(), now);
                    all.push((world, self.tell(|| format!("{title}: {request:?} fails"))));
                }
                if self.budget.lost_acks > 0 && !matches!(request, StoreRequest::Load { .. }) {
                    let mut world = world.clone();
                    world.deepen(at);
                    world.budget.lost_acks -= 1;
                    let _ = world.store(at, &request);
                    world.process_mut(at).keeper.stored(job, fail(), now);
                    all.push((
                        world,
                        self.tell(|| format!("{title}: {request:?} is done, and fails")),
                    ));
                }
                let response = world.store(at, &request);
                let label = self.tell(|| format!("{title}: {request:?} -> {response:?}"));
                world.process_mut(at).keeper.stored(job, Ok(response), now);
                world.end_admin(at);
                all.push((world, label));
            }
        }
    }

    fn store(&mut self, at: usize, request: &StoreRequest) -> crate::keeper::StoreResponse {
        let old = self.row.clone();
        let response = self.row.respond(request);
        if old.version != self.row.version {
            if let (Some(old), Some(new)) = (old.tokens, self.row.tokens) {
                // What a user puts is the user's to decide.
                let entry = self.processes[at].keeper.entry(&name());
                let is_put = entry.is_some_and(|it| matches!(it.phase, Phase::Write(_)));
                if old.access > new.access && !is_put {
                    self.broken = Some("OLDER: an older grant was written over a newer one");
                }
            }
            self.before = old;
        }
        response
    }

    /// A user's process ends when it has done what it was for.
    fn end_admin(&mut self, at: usize) {
        let process = self.process_mut(at);
        if let Some(ticket) = process.ticket {
            if process.keeper.take_outcome(ticket).is_some() {
                process.ticket = None;
                if process.is_admin {
                    self.processes.remove(at);
                }
            }
        }
    }

    fn crash(&self, at: usize) -> Self {
        let mut world = self.branch(at);
        world.budget.crashes -= 1;
        let mut gone: Vec<Pair> = fingerprint::pending(&world.process_mut(at).keeper).collect();
        world.wires.retain_mut(|wire| {
            if wire.job.is_some_and(|(number, _)| number == at) {
                gone.extend(wire.response.pair());
                wire.job = None;
                return wire.response == Response::NotYet;
            }
            true
        });
        world.processes[at] = Arc::new(process(world.incarnations));
        world.incarnations += 1;
        for pair in gone {
            world.excuse(Some(pair));
        }
        world
    }

    fn receive(&self, at: usize, job: JobId, title: &str, all: &mut Vec<(Self, What)>) {
        let wire = self
            .wires
            .iter()
            .position(|wire| wire.job == Some((at, job)));
        let mut deliver = |result: Result<StepResponse, Error>, mut world: Self, label: What| {
            let now = world.time(at);
            world.process_mut(at).awaits = None;
            world.process_mut(at).keeper.sent(job, result, now);
            all.push((world, label));
        };
        let timeout = || {
            let (stage, after) = (Stage::Receive, TICK);
            Err(Error::Timeout { stage, after })
        };
        let Some(wire) = wire else {
            deliver(
                timeout(),
                self.branch(at),
                self.tell(|| format!("{title} gives up")),
            );
            return;
        };
        match self.wires[wire].response {
            response @ (Response::Granted(_) | Response::Refused) => {
                let mut world = self.branch(at);
                world.wires.remove(wire);
                let response = response_of(response.pair(), world.time(at));
                deliver(
                    Ok(response),
                    world,
                    self.tell(|| format!("{title} receives")),
                );
            }
            Response::NotYet if self.wires[wire].age >= 1 && self.budget.lost > 0 => {
                let mut world = self.branch(at);
                world.budget.lost -= 1;
                world.wires[wire].job = None;
                deliver(
                    timeout(),
                    world,
                    self.tell(|| format!("{title} gives up, its request may still arrive")),
                );
            }
            Response::NotYet => {}
        }
    }
}
