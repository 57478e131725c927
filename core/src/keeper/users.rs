//! What callers ask of a keeper: a token, and what users do with a grant.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::entry::{Command, Entry, Phase, Ready};
use super::time::{draw, earlier, later};
use super::{
    Ask, ClientCredentials, Grant, GrantName, KeepError, Keeper, KeptToken, Ticket, Version,
};

/// How near its end a token is with which a 403 can be about its expiry. Also how often one grant is renewed for a rejection.
const MINUTE: Duration = Duration::from_secs(60);

impl Keeper {
    /// Asks for a token. Where it is held, that is noted, and it is renewed when it is due. Where not, it is looked up and
    /// renewed: go on with [`poll`](Self::poll).
    pub fn ask(&mut self, name: &GrantName, now: SystemTime) -> Ask {
        self.ask_for(name, None, now)
    }

    pub(super) fn ask_for(
        &mut self,
        name: &GrantName,
        after: Option<Version>,
        now: SystemTime,
    ) -> Ask {
        self.observe(now);
        let id = self.id_of(name);
        let deadline = self.policy.deadline;
        let ask = self.with(id, now, |entry, cx| match entry.ready(after, now) {
            Ready::Use(kept) => {
                kept.note_asked();
                Ask::Use(kept)
            }
            Ready::Failed(error) => Ask::Failed(error),
            // Nothing is begun any more.
            Ready::Wait if cx.stopping && entry.is_idle() => Ask::Failed(KeepError::Stopped),
            Ready::Wait => {
                if !std::mem::replace(&mut entry.wanted, true) && entry.queued {
                    cx.gate.hurry(cx.id);
                }
                let until = entry.ends_at(cx.policy, now);
                Ask::Wait { until }
            }
        });
        ask.unwrap_or(Ask::Wait {
            until: later(now, deadline),
        })
    }

    /// Asks for a token of a later version than this one, which has too little left. Where the store has one, it is used;
    /// otherwise the grant is renewed.
    pub fn ask_after(&mut self, name: &GrantName, version: Version, now: SystemTime) -> Ask {
        self.observe(now);
        let id = self.id_of(name);
        self.with(id, now, |entry, _| {
            entry.beyond = entry.beyond.max(Some(version));
        });
        self.ask_for(name, Some(version), now)
    }

    /// Notes that a resource server rejected a token with this status. Returns whether another is worth asking for.
    ///
    /// That is so after a 401, and after a 403 within a minute of the token's expiry or later. Only the current token of a
    /// grant counts, and none that was received less than a minute ago: what rejects a fresh token will reject the next.
    pub fn reject(&mut self, token: &KeptToken, status: StatusCode, now: SystemTime) -> bool {
        self.observe(now);
        let Some(id) = self.names.get(token.name()).copied() else {
            return false;
        };
        let rejected = self.with(id, now, |entry, _| {
            let Some(kept) = &entry.held else {
                return false;
            };
            if kept.version() != token.version() || entry.is_rejected() {
                return kept.version() > token.version() || entry.is_rejected();
            }
            let is_near_end = now >= earlier(kept.expires_at(), MINUTE);
            let is_meant = status == StatusCode::UNAUTHORIZED
                || status == StatusCode::FORBIDDEN && is_near_end;
            let age = now.duration_since(kept.grant().received_at());
            if !is_meant || age.unwrap_or_default() < MINUTE {
                return false;
            }
            kept.make_stale();
            entry.rejected = Some(kept.version());
            true
        });
        rejected.unwrap_or(false)
    }

    /// Notes that a caller waits no longer for a grant's token. Where nothing runs the keeper, its place in a queue is another's
    /// then.
    pub fn let_go(&mut self, name: &GrantName, now: SystemTime) {
        let Some(id) = self.names.get(name).copied() else {
            return;
        };
        self.with(id, now, |entry, cx| {
            if std::mem::take(&mut entry.queued) {
                cx.gate.unqueue(cx.id);
            }
            entry.leave_if_idle(cx);
        });
    }

    /// Sets what tokens of an application itself are obtained with, for those that are asked for under this name. Each is kept in
    /// memory alone, and renewed as any other.
    ///
    /// Meanwhile a stored grant of that name is hidden: it is neither handed out nor kept alive. A grant that is put takes the place
    /// of the credentials; where they are forgotten, the stored one is seen again.
    ///
    /// Returns `false`, and does nothing, where a stored grant of that name is in use, or is being put or forgotten.
    #[must_use = "it says whether the name was free"]
    pub fn set_client_credentials(
        &mut self,
        name: &GrantName,
        credentials: ClientCredentials,
        now: SystemTime,
    ) -> bool {
        self.observe(now);
        let is_free = |entry: &Entry| entry.in_memory || entry.held.is_none() && entry.is_idle();
        if !self.entry(name).is_none_or(is_free) {
            return false;
        }
        let id = self.id_of(name);
        let set = self.with(id, now, |entry, cx| {
            let grant = Grant::of_application(credentials);
            let version = entry.held_version();
            let kept = KeptToken::new(entry.name.clone(), version, grant, cx.policy, cx.seed);
            entry.abandon(cx);
            entry.in_memory = true;
            entry.failure = None;
            (entry.beyond, entry.rejected) = (None, None);
            entry.hold(Arc::new(kept));
        });
        set.is_some()
    }

    /// Puts a grant: the first of its name, or one in place of what is there, after a new consent.
    pub fn put(&mut self, name: &GrantName, grant: Grant, now: SystemTime) -> Ticket {
        let since = now.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.unwrap_or_default().as_secs();
        // Later consents are greater, and no two are alike.
        let drawn = draw(self.seed, (self.last_job, self.outcomes.count(), 2));
        let lineage = seconds << 24 | drawn & 0xff_ffff;
        self.command(
            name,
            Command::Put(Box::new(grant.with_lineage(lineage).received_by(now))),
            now,
        )
    }

    /// Forgets a grant. The store keeps its version. Concur is not told: revoke the token first, where it is to end.
    pub fn forget(&mut self, name: &GrantName, now: SystemTime) -> Ticket {
        self.command(name, Command::Forget, now)
    }

    pub(super) fn command(
        &mut self,
        name: &GrantName,
        command: Command,
        now: SystemTime,
    ) -> Ticket {
        self.observe(now);
        let ticket = self.outcomes.ticket();
        let id = self.id_of(name);
        self.with(id, now, |entry, cx| {
            entry.commands.push((ticket, command));
            entry.begin_command(cx);
        });
        ticket
    }

    /// Takes what came of a command, once it has been carried out. A store that fails is tried again until it has what was
    /// put.
    pub fn take_outcome(&mut self, ticket: Ticket) -> Option<Result<(), KeepError>> {
        self.outcomes.take(ticket)
    }

    /// Returns why a command is not carried out yet, if the store failed. It is tried again.
    #[must_use]
    pub fn failure(&self, name: &GrantName) -> Option<KeepError> {
        let entry = self.entry(name)?;
        let is_command = matches!(entry.phase, Phase::Write(_));
        entry.failure.as_deref().filter(|_| is_command).cloned()
    }

    /// Waits no longer for the outcome of a command, which is carried out all the same. Returns the last failure of the store
    /// for that grant.
    pub fn give_up(&mut self, ticket: Ticket, name: &GrantName) -> Option<KeepError> {
        self.outcomes.give_up(ticket);
        self.entry(name)?.failure.as_deref().cloned()
    }
}
