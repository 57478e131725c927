//! What a keeper says of a grant, for a health page.

use std::time::SystemTime;

use super::entry::{Entry, Phase};
use super::{GrantName, KeepError, Version};
use crate::application::ConsumerKey;
use crate::token::TokenScheme;

/// The state of a grant that a keeper holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantState {
    /// The grant.
    pub name: GrantName,
    /// The version that is held, or [`Version::NONE`].
    pub version: Version,
    /// The application that it is for. `None` where none is held.
    pub client_id: Option<ConsumerKey>,
    /// How its access token is named in requests, and so which service it is of. `None` where none is held.
    pub scheme: Option<TokenScheme>,
    /// When its access token expires. `None` where none is held, or none was obtained yet.
    pub expires_at: Option<SystemTime>,
    /// When its refresh token ends, unless it is used before. `None` where it has none.
    pub refresh_ends_at: Option<SystemTime>,
    /// What is going on.
    pub activity: Activity,
    /// Why the last attempt failed, where it did.
    pub failure: Option<KeepError>,
}

/// What is going on with a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Activity {
    /// Nothing. Its token is handed out, or it is not asked for.
    Idle,
    /// It is being looked up, or renewed.
    Renewing,
    /// Another process renews it, or it waits for its turn.
    Waiting,
    /// It could not be stored yet.
    Unsaved,
    /// It is being put or forgotten.
    Replacing,
    /// A person must consent anew.
    NeedsConsent,
}

pub(super) fn state_of(entry: &Entry) -> GrantState {
    let kept = entry.held.as_ref();
    GrantState {
        name: entry.name.clone(),
        version: entry.held_version(),
        client_id: kept.map(|kept| kept.grant().client_id().clone()),
        scheme: kept.map(|kept| kept.token().scheme()),
        expires_at: kept
            .filter(|kept| kept.grant().has_token())
            .map(|kept| kept.expires_at()),
        refresh_ends_at: kept.and_then(|kept| kept.grant().refresh_ends_at()),
        activity: match &entry.phase {
            _ if entry.dead => Activity::NeedsConsent,
            Phase::Commit(commit) if commit.unsaved => Activity::Unsaved,
            Phase::Write(write) if write.unsaved => Activity::Unsaved,
            Phase::Write(_) => Activity::Replacing,
            Phase::Idle if entry.busy.is_some() || entry.queued => Activity::Waiting,
            Phase::Idle => Activity::Idle,
            _ => Activity::Renewing,
        },
        failure: entry.failure.as_deref().cloned(),
    }
}
