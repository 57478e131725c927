//! What came of the commands of users.

use std::collections::BTreeMap;

use super::KeepError;

/// Names a grant that is being put or forgotten: [`Keeper::take_outcome`](super::Keeper::take_outcome) takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "`Keeper::take_outcome` says what came of it"]
pub struct Ticket(u64);

/// The commands whose outcomes are not taken yet.
#[derive(Debug, Default, Clone)]
pub(super) struct Outcomes {
    last: u64,
    known: BTreeMap<Ticket, Option<Result<(), KeepError>>>,
}

impl Outcomes {
    pub(super) fn ticket(&mut self) -> Ticket {
        self.last = self.last.saturating_add(1);
        let ticket = Ticket(self.last);
        self.known.insert(ticket, None);
        ticket
    }

    /// Returns how many tickets there were.
    pub(super) fn count(&self) -> u64 {
        self.last
    }

    /// Notes an outcome, unless its caller gave up.
    pub(super) fn set(&mut self, ticket: Ticket, outcome: Result<(), KeepError>) {
        if let Some(known) = self.known.get_mut(&ticket) {
            *known = Some(outcome);
        }
    }

    /// Takes an outcome.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Result<(), KeepError>> {
        let outcome = self.known.get_mut(&ticket)?.take()?;
        self.known.remove(&ticket);
        Some(outcome)
    }

    /// Forgets a ticket whose caller gave up.
    pub(super) fn give_up(&mut self, ticket: Ticket) {
        self.known.remove(&ticket);
    }
}
