//! What a user does with a grant: put it, or forget it.

use std::sync::Arc;

use super::entry::{Command, Context, Entry, Phase, Write};
use super::look::read;
use super::store::Record;
use super::{Event, KeepError, KeptToken, Version};

impl Entry {
    /// Begins the next command of a user, in place of what is under way. What that would bring is of no use any more.
    pub(super) fn begin_command(&mut self, cx: &mut Context<'_>) -> bool {
        if matches!(self.phase, Phase::Write(_)) {
            return false;
        }
        if self.commands.is_empty() {
            return false;
        }
        let (ticket, command) = self.commands.remove(0);
        if matches!(self.phase, Phase::Send(_) | Phase::Commit(_)) {
            let (name, version) = (self.name.clone(), self.held_version());
            cx.events.push(Event::Superseded { name, version });
        }
        self.abandon(cx);
        let mut floor = Version::NONE;
        if std::mem::take(&mut self.in_memory) {
            floor = self.held_version();
            self.drop_held();
            if matches!(command, Command::Forget) {
                cx.outcomes.set(ticket, Ok(()));
                self.unknown(cx);
                return false;
            }
        }
        self.phase = Phase::Write(Box::new(Write {
            ticket,
            command,
            at: None,
            was_dead: self.dead,
            meant: None,
            unsaved: false,
            floor,
        }));
        true
    }

    /// Gives up what is under way, whose outcome is of no use any more.
    pub(super) fn abandon(&mut self, cx: &mut Context<'_>) {
        self.leave_gate(cx);
        if std::mem::take(&mut self.queued) {
            cx.gate.unqueue(cx.id);
        }
        self.phase = Phase::Idle;
        self.job = None;
        self.rest = None;
        self.busy = None;
        self.attempts = 0;
    }

    /// Notes after which version a command's grant comes.
    pub(super) fn place(
        &mut self,
        mut write: Box<Write>,
        record: Option<&Record>,
        cx: &mut Context<'_>,
    ) {
        let is_there = record.is_some_and(|record| record.grant.is_some());
        let stored = match record.map(|record| read(record, cx)) {
            None | Some(Ok(None)) => None,
            Some(Ok(Some(grant))) => Some(grant.lineage()),
            // What cannot be read is not written over: it can be sealed, or a later version's.
            Some(Err(error)) => {
                self.phase = Phase::Write(write);
                return self.store_failed(error, cx);
            }
        };
        let is_first = write.at.is_none();
        match &mut write.command {
            // It was written, and the acknowledgement was lost.
            Command::Put(grant) if stored == Some(grant.lineage()) => {
                cx.outcomes.set(write.ticket, Ok(()));
                self.drop_held();
                return self.looked(record.cloned(), cx);
            }
            // Another was put in the meantime, which is later.
            Command::Put(grant) if !is_first && stored > Some(grant.lineage()) => {
                cx.outcomes.set(write.ticket, Ok(()));
                let (name, version) = (self.name.clone(), self.held_version());
                cx.events.push(Event::Superseded { name, version });
                return self.looked(record.cloned(), cx);
            }
            // It is later than what it replaces, whatever the clocks say.
            Command::Put(grant) => {
                let after = stored.map_or(0, |stored| stored.saturating_add(1));
                grant.set_lineage(grant.lineage().max(after));
            }
            // What was meant is gone already.
            Command::Forget if !is_first && (!is_there || stored != write.meant) => {
                cx.outcomes.set(write.ticket, Ok(()));
                return self.looked(record.cloned(), cx);
            }
            Command::Forget => {}
        }
        write.meant = write.meant.or(stored);
        if !is_there && matches!(write.command, Command::Forget) && self.held.is_none() {
            let name = self.name.clone();
            let unknown = KeepError::Unknown { name };
            cx.outcomes.set(write.ticket, Err(unknown));
            return self.unknown(cx);
        }
        write.at = Some(record.map_or(Version::NONE, |record| record.version));
        write.was_dead |= record.is_some_and(|record| record.dead);
        self.phase = Phase::Write(write);
    }

    pub(super) fn written(&mut self, write: Write, cx: &mut Context<'_>) {
        cx.outcomes.set(write.ticket, Ok(()));
        let at = write.at.unwrap_or(Version::NONE);
        let version = write.version(at, self.held_version());
        match write.command {
            Command::Put(grant) => {
                let name = self.name.clone();
                let kept = KeptToken::new(name, version, *grant, cx.policy, cx.seed);
                self.hold(Arc::new(kept));
                self.dead = false;
                self.warned = false;
                self.settle();
                self.beyond = None;
                self.rejected = None;
                let name = self.name.clone();
                if write.was_dead {
                    cx.events.push(Event::Healed { name, version });
                } else if write.unsaved {
                    cx.events.push(Event::Saved { name, version });
                }
            }
            Command::Forget => self.unknown(cx),
        }
    }
}
