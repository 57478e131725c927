//! What came of a request: new tokens, or a refusal.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Claim, Commit, Context, Entry, Phase};
use super::refusal::Refusal;
use super::time::later;
use super::{Event, KeepError, KeptToken};
use crate::error::Error;
use crate::response::{ErrorResponse, ResponseError};
use crate::step_request::StepResponse;

/// How long a grant is held that Concur refuses until something is done.
const HELD: Duration = Duration::from_secs(86_400);

impl Entry {
    /// Takes what came of the request.
    pub(super) fn sent(&mut self, result: Result<StepResponse, Error>, cx: &mut Context<'_>) {
        let Phase::Send(claim) = self.phase else {
            return;
        };
        self.job = None;
        self.leave_gate(cx);
        self.phase = Phase::Idle;
        let Some(kept) = self.held.clone() else {
            return;
        };
        match result.and_then(|response| Ok(kept.grant().renewed(response)?)) {
            Ok((grant, rotated)) => {
                let event = cx.gate.accepted(kept.grant().client_id());
                cx.events.extend(event);
                let (name, version) = (self.name.clone(), kept.version().next());
                let new = KeptToken::new(name, version, grant, cx.policy, cx.seed);
                let commit = Commit {
                    at: kept.version(),
                    new: Arc::new(new),
                    rotated,
                    unsaved: false,
                    went_back: false,
                };
                self.attempts = 0;
                if self.in_memory {
                    self.committed(commit, cx);
                } else {
                    self.phase = Phase::Commit(Box::new(commit));
                }
            }
            Err(error) => self.refused(claim, error, cx),
        }
    }

    /// Ends an attempt that Concur did not grant.
    pub(super) fn refused(&mut self, claim: Claim, error: Error, cx: &mut Context<'_>) {
        let Some(kept) = self.held.clone() else {
            return;
        };
        let (name, client_id) = (self.name.clone(), kept.grant().client_id().clone());
        let error = Arc::new(error);
        let source = Arc::clone(&error);
        let mut refusal = Refusal::of(&error);
        if kept.grant().is_of_application() {
            refusal = refusal.of_application();
        }
        if matches!(refusal, Refusal::Dead | Refusal::Held) {
            let event = cx.gate.accepted(&client_id);
            cx.events.extend(event);
        }
        let asked = error.retry_after().map(|after| later(cx.now, after));
        self.phase = if self.in_memory {
            Phase::Idle
        } else {
            Phase::Release(claim.nonce)
        };
        let (until, failure) = match refusal {
            Refusal::Dead => {
                let source = Some(source);
                self.failure = Some(Box::new(KeepError::NeedsConsent { name, source }));
                self.phase = Phase::Recheck;
                return;
            }
            Refusal::Held => {
                let until = later(cx.now, HELD);
                (
                    until,
                    KeepError::Refused {
                        name,
                        until,
                        source,
                    },
                )
            }
            Refusal::Application => {
                let (until, event) = cx.gate.refused(&client_id, &error, cx.now);
                cx.events.extend(event);
                let failure = KeepError::ApplicationRefused {
                    client_id,
                    until,
                    source,
                };
                (until, failure)
            }
            Refusal::Unclear | Refusal::NotSent => {
                let (first, longest) = match refusal {
                    Refusal::Unclear => (Duration::from_secs(60), Duration::from_secs(3600)),
                    _ => (cx.policy.moment(), cx.policy.lease),
                };
                let until = self.back_off(first, longest, cx);
                let until = asked.map_or(until, |asked| asked.max(until));
                (
                    until,
                    KeepError::Failed {
                        name,
                        until,
                        source,
                    },
                )
            }
            Refusal::Unknown => {
                // The lease runs out by itself: that is the pause, for every process.
                self.phase = Phase::Idle;
                // Whatever the clock did meanwhile, no longer than a lease from now.
                let lease = later(claim.asked_at, cx.policy.lease);
                let lease = lease.min(later(cx.now, cx.policy.lease));
                let until = asked.map_or(lease, |asked| asked.max(lease));
                (
                    until,
                    KeepError::Failed {
                        name,
                        until,
                        source,
                    },
                )
            }
        };
        if let Error::Response(ResponseError::Unavailable(_)) = *error {
            let base_url = kept.grant().renewal_base_url();
            let event = cx.gate.pause(base_url, until, Arc::clone(&error));
            cx.events.extend(event);
        }
        cx.events.push(Event::RenewalFailed {
            name: self.name.clone(),
            version: kept.version(),
            until,
            may_have_reached_concur: refusal == Refusal::Unknown,
            code: words(&error).and_then(ErrorResponse::code),
            correlation_id: words(&error).and_then(ErrorResponse::id).map(Into::into),
        });
        self.fail(failure, until, cx);
    }
}

/// Returns what Concur said, where it said something.
fn words(error: &Error) -> Option<&ErrorResponse> {
    match error {
        Error::Response(
            ResponseError::Refused(response) | ResponseError::Unavailable(response),
        ) => Some(response),
        _ => None,
    }
}
