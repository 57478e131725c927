//! What a keeper holds, as text by which two states are told apart.

use std::fmt::Write as _;
use std::time::SystemTime;

use secrecy::ExposeSecret;

use super::service::Pair;
use crate::keeper::entry::{Command, Entry, Phase};
use crate::keeper::renewal::Renewal;
use crate::keeper::{Grant, Keeper};

pub(super) fn pair(grant: &Grant) -> Pair {
    let number = |text: &str| text[1..].parse().unwrap();
    Pair {
        access: number(grant.token().token().expose_secret()),
        refresh: match grant.renewal() {
            Renewal::RefreshToken(token) => number(token.expose_secret()),
            Renewal::ClientCredentials(_) => unreachable!("these worlds have none"),
        },
    }
}

fn entries(keeper: &Keeper) -> impl Iterator<Item = &Entry> {
    keeper.entries.iter().flatten().map(|entry| &**entry)
}

/// Returns the tokens that are not stored yet.
pub(super) fn pending(keeper: &Keeper) -> impl Iterator<Item = Pair> + '_ {
    entries(keeper).flat_map(|entry| {
        let phase = match &entry.phase {
            Phase::Commit(commit) => Some(pair(commit.new.grant())),
            Phase::Write(write) => match &write.command {
                Command::Put(grant) => Some(pair(grant)),
                Command::Forget => None,
            },
            _ => None,
        };
        let commands = entry
            .commands
            .iter()
            .filter_map(|(_, command)| match command {
                Command::Put(grant) => Some(pair(grant)),
                Command::Forget => None,
            });
        phase.into_iter().chain(commands)
    })
}

/// Returns all tokens that are held.
pub(super) fn tokens(keeper: &Keeper) -> impl Iterator<Item = Pair> + '_ {
    let held = entries(keeper).filter_map(|entry| entry.held.as_ref());
    held.map(|kept| pair(kept.grant())).chain(pending(keeper))
}

pub(super) fn write(
    keeper: &Keeper,
    now: SystemTime,
    nonce: Option<u128>,
    nonce_before: Option<u128>,
    text: &mut String,
) {
    let from = |at: Option<SystemTime>| {
        at.map(|at| {
            at.duration_since(now)
                .map_or(-1, |left| i64::try_from(left.as_secs()).unwrap())
        })
    };
    let ago = |at: SystemTime| {
        now.duration_since(at)
            .map_or(-1, |ago| i64::try_from(ago.as_secs()).unwrap())
    };
    let holder = |own: u128| (Some(own) == nonce, Some(own) == nonce_before);
    for entry in entries(keeper) {
        let _ = write!(text, "[{} {} ", entry.held_version().get(), entry.dead);
        if let Some(kept) = &entry.held {
            // Within the time that is looked at, one that is not due does not become so.
            let life = (
                now < kept.renew_at(),
                kept.is_usable_at(now),
                kept.is_alive_at(now),
            );
            let _ = write!(text, "{:?} {life:?}", pair(kept.grant()));
        }
        let _ = match &entry.phase {
            Phase::Idle => write!(text, "idle"),
            Phase::Look => write!(text, "look"),
            Phase::Claim(claim) => write!(
                text,
                "claim {:?} {}",
                holder(claim.nonce.get()),
                ago(claim.asked_at).min(120)
            ),
            Phase::Send(claim) => write!(
                text,
                "send {:?} {}",
                holder(claim.nonce.get()),
                ago(claim.asked_at).min(420)
            ),
            Phase::Commit(commit) => write!(
                text,
                "commit {} {} {:?} {} {}",
                commit.at.get(),
                commit.new.version().get(),
                pair(commit.new.grant()),
                commit.unsaved,
                commit.went_back
            ),
            Phase::Release(nonce) => write!(text, "release {:?}", holder(nonce.get())),
            Phase::Recheck => write!(text, "recheck"),
            Phase::MarkDead => write!(text, "mark"),
            Phase::Write(it) => write!(
                text,
                "write {:?} {} {:?}",
                it.at,
                it.unsaved,
                it.meant.map(|it| it >> 24)
            ),
        };
        let _ = write!(
            text,
            " {} {:?} {:?} {} {:?} {} {} {} {} {} {}]",
            entry.job.is_some(),
            from(entry.rest).map(|left| left.min(1000)),
            from(entry.busy),
            entry.failure.is_some(),
            entry.beyond,
            entry.wanted,
            entry.keep_alive,
            entry.admitted.is_some(),
            entry.attempts.min(6),
            entry.polls.min(5),
            entry.held.as_ref().is_some_and(|kept| kept.was_asked()),
        );
    }
    text.push_str(&keeper.gate.fingerprint(now));
}
