//! What passes between a keeper and whatever drives it.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::SystemTime;

use super::{KeepError, KeptToken, StoreRequest};
use crate::step_request::StepRequest;

/// Names what a [`Step`] asks for, so that its outcome finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(NonZeroU64);

impl JobId {
    /// Returns the ID after the last one, and counts it. It is not zero, so that an optional ID takes no more room.
    pub(super) fn after(last: &mut u64) -> Self {
        let id = NonZeroU64::MIN.saturating_add(*last);
        *last = id.get();
        Self(id)
    }
}

/// What is to be done next for a keeper.
#[derive(Debug)]
#[must_use = "the keeper waits for its outcome"]
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub enum Step {
    /// Put this to the store, and pass what it responds to [`Keeper::stored`](super::Keeper::stored).
    Store {
        /// Names it.
        job: JobId,
        /// What is asked of the store.
        request: StoreRequest,
    },
    /// Send this now, and pass its response to [`Keeper::sent`](super::Keeper::sent). It must end within the policy's
    /// [deadline](super::Policy::deadline), and must not be given up before.
    Send {
        /// Names it.
        job: JobId,
        /// The request.
        request: StepRequest<'static>,
    },
    /// Nothing, until this time, or until something else is told to the keeper.
    Wait {
        /// When to poll again at the latest.
        until: Option<SystemTime>,
    },
}

/// What a keeper says to a caller that asks for a token.
#[derive(Debug)]
pub enum Ask {
    /// The token.
    Use(Arc<KeptToken>),
    /// It must be waited for. Ask again when a job has ended.
    Wait {
        /// When it has ended at the latest, if nothing fails.
        until: SystemTime,
    },
    /// There is none now.
    Failed(KeepError),
}
