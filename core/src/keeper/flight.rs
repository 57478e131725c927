//! The way of one renewal: look, claim, send, commit. Each step is taken when the one before has its outcome.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Claim, Command, Context, Entry, Nonce, Phase};
use super::store::StoreRequest;
use super::time::{draw, left, percent, share};
use super::{Grant, JobId, Reason, Step, Version};

/// When a grant is due that does not age out.
const NEVER: Duration = Duration::from_secs(100 * 365 * 86_400);

impl Entry {
    /// Returns what is to be done next, if it is not under way already.
    pub(super) fn advance(&mut self, cx: &mut Context<'_>) -> Option<Step> {
        if self.job.is_some() {
            return None;
        }
        if matches!(self.phase, Phase::Idle) && self.begin_command(cx) {
            return Some(self.load(cx));
        }
        if !self.is_urgent() {
            if self.is_resting(cx.now) {
                return None;
            }
            self.rest = None;
        }
        match &self.phase {
            Phase::Idle => {
                self.busy = None;
                if cx.stopping || self.queued || !self.wants_renewal(cx.now) {
                    return None;
                }
                self.reason = self.reason_at(cx);
                if self.in_memory {
                    return self.renew_in_memory(cx);
                }
                self.phase = Phase::Look;
                Some(self.load(cx))
            }
            Phase::Look | Phase::Recheck => Some(self.load(cx)),
            Phase::Claim(claim) => {
                let claim = *claim;
                if cx.stopping || !is_in_time(claim, cx) {
                    return Some(self.release(claim.nonce, cx));
                }
                let request = StoreRequest::Claim {
                    name: self.name.clone(),
                    version: self.held_version(),
                    nonce: claim.nonce.get(),
                    lease: cx.policy.lease,
                };
                Some(self.store(request, cx))
            }
            Phase::Send(claim) => {
                let claim = *claim;
                self.send(claim, cx)
            }
            Phase::Commit(commit) => {
                let (at, new) = (commit.at, Arc::clone(&commit.new));
                self.write(at, new.version(), Some(new.grant()), cx)
            }
            Phase::Release(nonce) => {
                let nonce = *nonce;
                Some(self.release(nonce, cx))
            }
            Phase::MarkDead => {
                let request = StoreRequest::MarkDead {
                    name: self.name.clone(),
                    version: self.held_version(),
                };
                Some(self.store(request, cx))
            }
            Phase::Write(write) => {
                let Some(at) = write.at else {
                    return Some(self.load(cx));
                };
                let version = write.version(at, self.held_version());
                let grant = match &write.command {
                    Command::Put(grant) => Some(grant.clone()),
                    Command::Forget => None,
                };
                self.write(at, version, grant.as_deref(), cx)
            }
        }
    }

    pub(super) fn reason_at(&self, cx: &Context<'_>) -> Reason {
        if self.is_outdated() {
            Reason::Asked
        } else if self.keep_alive {
            Reason::KeepAlive
        } else if self
            .held
            .as_ref()
            .is_some_and(|kept| kept.is_alive_at(cx.now))
        {
            Reason::Ahead
        } else {
            Reason::Expired
        }
    }

    pub(super) fn job(&mut self, cx: &mut Context<'_>) -> JobId {
        let job = JobId::after(cx.last_job);
        self.job = Some(job);
        job
    }

    pub(super) fn store(&mut self, request: StoreRequest, cx: &mut Context<'_>) -> Step {
        let job = self.job(cx);
        Step::Store { job, request }
    }

    pub(super) fn load(&mut self, cx: &mut Context<'_>) -> Step {
        let name = self.name.clone();
        self.store(StoreRequest::Load { name }, cx)
    }

    pub(super) fn release(&mut self, nonce: Nonce, cx: &mut Context<'_>) -> Step {
        self.leave_gate(cx);
        self.phase = Phase::Release(nonce);
        let name = self.name.clone();
        let nonce = nonce.get();
        self.store(StoreRequest::Release { name, nonce }, cx)
    }

    pub(super) fn write(
        &mut self,
        at: Version,
        version: Version,
        grant: Option<&Grant>,
        cx: &mut Context<'_>,
    ) -> Option<Step> {
        let due_in = grant.map_or(Duration::ZERO, |grant| {
            let Some(end) = grant.refresh_ends_at() else {
                return NEVER;
            };
            let drawn = draw(cx.seed, (self.name.as_str(), version));
            let after = percent(cx.policy.keep_alive, 90)
                .saturating_add(share(percent(cx.policy.keep_alive, 10), drawn));
            after.min(percent(left(end, cx.now), 50))
        });
        let grant = match grant.map(|grant| grant.encode(cx.now)).transpose() {
            Ok(grant) => grant,
            Err(error) => {
                self.store_failed(error, cx);
                return None;
            }
        };
        let request = StoreRequest::Commit {
            name: self.name.clone(),
            at,
            version,
            grant,
            due_in,
        };
        Some(self.store(request, cx))
    }

    /// Renews what is kept in memory alone: without a look at the store, a claim, or a commit.
    fn renew_in_memory(&mut self, cx: &mut Context<'_>) -> Option<Step> {
        if self.is_fresh(cx) {
            self.settle();
            return None;
        }
        self.begin_claim(cx);
        let Phase::Claim(claim) = self.phase else {
            return None;
        };
        self.phase = Phase::Send(claim);
        self.send(claim, cx)
    }

    fn send(&mut self, claim: Claim, cx: &mut Context<'_>) -> Option<Step> {
        let may = !cx.stopping && is_in_time(claim, cx);
        let request = self.held.as_ref().filter(|_| may);
        let request = request.and_then(|kept| {
            let grant = kept.grant();
            let application = cx.gate.application(grant.client_id())?;
            Some(grant.renewal_request(application))
        });
        match request {
            Some(Ok(request)) => {
                let job = self.job(cx);
                return Some(Step::Send { job, request });
            }
            Some(Err(error)) => self.refused(claim, error.into(), cx),
            None => {}
        }
        if self.in_memory {
            self.phase = Phase::Idle;
            return None;
        }
        Some(self.release(claim.nonce, cx))
    }

    /// Gives the place in the gate back where nothing is under way.
    pub(super) fn leave_if_idle(&mut self, cx: &mut Context<'_>) {
        if matches!(self.phase, Phase::Idle) {
            self.leave_gate(cx);
        }
    }

    pub(super) fn leave_gate(&mut self, cx: &mut Context<'_>) {
        if let Some(kept) = self.admitted.take() {
            cx.next.extend(cx.gate.leave(&kept));
        }
    }
}

/// Returns whether a request may still be sent under a claim. A clock that stepped back says nothing.
fn is_in_time(claim: Claim, cx: &Context<'_>) -> bool {
    let since = cx.now.duration_since(claim.asked_at);
    since.is_ok_and(|since| since <= cx.policy.send_within)
}
