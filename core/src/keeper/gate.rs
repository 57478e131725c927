//! What holds renewals back that have nothing to do with their grant: a data center, an application, the store.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::time::{earlier, later};
use super::{Event, KeepError, KeptToken, Policy};
use crate::application::{Application, ConsumerKey};
use crate::base_url::BaseUrl;
use crate::error::Error;

/// How long an application is not tried again after its first refusal.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// How long it is not tried again at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// What holds renewals back.
#[derive(Debug, Default, Clone)]
pub(super) struct Gate {
    hosts: Vec<Host>,
    applications: Vec<Registered>,
    store_fails: bool,
    no_claims_before: Option<SystemTime>,
}

#[derive(Debug, Clone)]
struct Host {
    base_url: BaseUrl,
    in_flight: usize,
    pause: Option<(SystemTime, Arc<Error>)>,
    /// Those that a caller has asked for since their last attempt: they come first.
    waited_for: VecDeque<usize>,
    ahead: VecDeque<usize>,
}

impl Host {
    fn unqueue(&mut self, entry: usize) {
        self.waited_for.retain(|queued| *queued != entry);
        self.ahead.retain(|queued| *queued != entry);
    }
}

#[derive(Debug, Clone)]
struct Registered {
    application: Application,
    in_flight: usize,
    refused: Option<Refused>,
}

#[derive(Debug, Clone)]
struct Refused {
    until: SystemTime,
    times: u32,
    source: Arc<Error>,
}

/// A grant that is to be renewed.
pub(super) struct Candidate<'a> {
    pub(super) entry: usize,
    pub(super) kept: &'a KeptToken,
    /// It was in the queue, and has its place now.
    pub(super) has_place: bool,
    /// A caller has asked for it since its last attempt.
    pub(super) is_waited_for: bool,
    pub(super) needs_store: bool,
}

/// Whether a renewal may begin.
#[derive(Debug)]
pub(super) enum Admission {
    /// It may. It must [leave](Gate::leave) when it has ended.
    Go,
    /// As many as may be are under way. It is in a queue.
    Queued,
    /// Not now. Where there is no error, nothing is wrong.
    Later(SystemTime, Option<KeepError>),
    /// There is no such application.
    Never(KeepError),
}

impl Gate {
    /// Adds an application, or replaces it with its refusals.
    pub(super) fn set_application(&mut self, application: Application) {
        let known = self.registered(application.key());
        match known {
            Some(known) => {
                known.application = application;
                known.refused = None;
            }
            None => self.applications.push(Registered {
                application,
                in_flight: 0,
                refused: None,
            }),
        }
    }

    pub(super) fn application(&self, client_id: &ConsumerKey) -> Option<&Application> {
        let mut all = self.applications.iter().map(|known| &known.application);
        all.find(|application| application.key() == client_id)
    }

    fn registered(&mut self, client_id: &ConsumerKey) -> Option<&mut Registered> {
        let mut all = self.applications.iter_mut();
        all.find(|known| known.application.key() == client_id)
    }

    fn host(&mut self, base_url: &BaseUrl) -> Option<&mut Host> {
        self.hosts
            .iter_mut()
            .find(|host| host.base_url == *base_url)
    }

    /// Asks whether the renewal of this grant may begin.
    pub(super) fn admit(
        &mut self,
        candidate: &Candidate<'_>,
        policy: &Policy,
        now: SystemTime,
    ) -> Admission {
        let (kept, has_place) = (candidate.kept, candidate.has_place);
        let no_claims = self.no_claims_before.filter(|_| candidate.needs_store);
        if let Some(at) = no_claims.filter(|at| now < *at) {
            return Admission::Later(at, None);
        }
        let (name, client_id) = (kept.name(), kept.grant().client_id());
        let Some(application) = self.registered(client_id) else {
            return Admission::Never(KeepError::NoApplication {
                name: name.clone(),
                client_id: client_id.clone(),
            });
        };
        if let Some(refused) = &application.refused {
            // One asks, and the others wait for what comes of it.
            let until = if application.in_flight > usize::from(has_place) {
                later(now, policy.deadline)
            } else {
                refused.until
            };
            if now < until {
                let error = KeepError::ApplicationRefused {
                    client_id: client_id.clone(),
                    until,
                    source: Arc::clone(&refused.source),
                };
                return Admission::Later(until, Some(error));
            }
        }
        let base_url = kept.grant().renewal_base_url();
        if self.host(base_url).is_none() {
            self.hosts.push(Host {
                base_url: base_url.clone(),
                in_flight: 0,
                pause: None,
                waited_for: VecDeque::new(),
                ahead: VecDeque::new(),
            });
        }
        if let Some(host) = self.host(base_url) {
            if let Some((until, source)) = host.pause.clone().filter(|(until, _)| now < *until) {
                let name = name.clone();
                let error = KeepError::Failed {
                    name,
                    until,
                    source,
                };
                return Admission::Later(until, Some(error));
            }
            if !has_place && host.in_flight >= policy.max_in_flight {
                let queue = if candidate.is_waited_for {
                    &mut host.waited_for
                } else {
                    &mut host.ahead
                };
                queue.push_back(candidate.entry);
                return Admission::Queued;
            }
        }
        if !has_place {
            self.take_place(kept);
        }
        Admission::Go
    }

    /// Takes a place for the renewal of this grant.
    pub(super) fn take_place(&mut self, kept: &KeptToken) {
        if let Some(host) = self.host(kept.grant().renewal_base_url()) {
            host.in_flight = host.in_flight.saturating_add(1);
        }
        if let Some(application) = self.registered(kept.grant().client_id()) {
            application.in_flight = application.in_flight.saturating_add(1);
        }
    }

    /// Gives a place back, and returns where, if others wait for it.
    pub(super) fn leave(&mut self, kept: &KeptToken) -> Option<BaseUrl> {
        if let Some(application) = self.registered(kept.grant().client_id()) {
            application.in_flight = application.in_flight.saturating_sub(1);
        }
        let host = self.host(kept.grant().renewal_base_url())?;
        host.in_flight = host.in_flight.saturating_sub(1);
        let is_waited_at = !host.waited_for.is_empty() || !host.ahead.is_empty();
        is_waited_at.then(|| host.base_url.clone())
    }

    /// Takes the next entry out of a data center's queue.
    pub(super) fn next_in_queue(&mut self, base_url: &BaseUrl) -> Option<usize> {
        let host = self.host(base_url)?;
        let first = host.waited_for.pop_front();
        first.or_else(|| host.ahead.pop_front())
    }

    /// Moves an entry to the queue that comes first, if it is in the other.
    pub(super) fn hurry(&mut self, entry: usize) {
        let mut hosts = self.hosts.iter_mut();
        if let Some(host) = hosts.find(|host| host.ahead.contains(&entry)) {
            host.unqueue(entry);
            host.waited_for.push_back(entry);
        }
    }

    /// Takes an entry out of the queues.
    pub(super) fn unqueue(&mut self, entry: usize) {
        self.hosts.iter_mut().for_each(|host| host.unqueue(entry));
    }

    /// Notes that Concur accepted an application.
    pub(super) fn accepted(&mut self, client_id: &ConsumerKey) -> Option<Event> {
        let known = self.registered(client_id)?;
        known.refused.take()?;
        let client_id = client_id.clone();
        Some(Event::ApplicationAccepted { client_id })
    }

    /// Notes that Concur refused an application, and returns until when it is not tried again.
    pub(super) fn refused(
        &mut self,
        client_id: &ConsumerKey,
        source: &Arc<Error>,
        now: SystemTime,
    ) -> (SystemTime, Option<Event>) {
        let Some(known) = self.registered(client_id) else {
            return (later(now, FIRST_PAUSE), None);
        };
        // Those that were under way when the first was refused count as one.
        if let Some(refused) = known.refused.as_ref().filter(|it| now < it.until) {
            return (refused.until, None);
        }
        let times = known.refused.as_ref().map_or(0, |it| it.times);
        let pause = FIRST_PAUSE.saturating_mul(1 << times.min(6));
        let until = later(now, pause.min(LONGEST_PAUSE));
        known.refused = Some(Refused {
            until,
            times: times.saturating_add(1),
            source: Arc::clone(source),
        });
        let client_id = client_id.clone();
        let event = (times == 0).then_some(Event::ApplicationRefused { client_id, until });
        (until, event)
    }

    /// Holds back what goes to a data center.
    pub(super) fn pause(
        &mut self,
        base_url: &BaseUrl,
        until: SystemTime,
        source: Arc<Error>,
    ) -> Option<Event> {
        let host = self.host(base_url)?;
        let is_new = host.pause.as_ref().is_none_or(|(old, _)| *old < until);
        if !is_new {
            return None;
        }
        host.pause = Some((until, source));
        let host = base_url.clone();
        Some(Event::HostPaused { host, until })
    }

    /// Notes whether the store could be used.
    pub(super) fn store_responded(
        &mut self,
        ok: bool,
        policy: &Policy,
        now: SystemTime,
    ) -> Option<Event> {
        match (std::mem::replace(&mut self.store_fails, !ok), ok) {
            (false, false) => Some(Event::StoreFailed),
            (true, true) => {
                self.no_claims_before = Some(later(now, policy.commits_first()));
                Some(Event::StoreRecovered)
            }
            _ => None,
        }
    }

    pub(super) fn stepped_back(&mut self, step: Duration) {
        let back = |at: &mut SystemTime| *at = earlier(*at, step);
        self.no_claims_before.iter_mut().for_each(back);
        for host in &mut self.hosts {
            host.pause.iter_mut().for_each(|(until, _)| back(until));
        }
        for application in &mut self.applications {
            let refused = application.refused.iter_mut();
            refused.for_each(|refused| back(&mut refused.until));
        }
    }
}

#[cfg(test)]
impl Gate {
    /// Returns what there is to tell two states apart by.
    pub(super) fn fingerprint(&self, now: SystemTime) -> String {
        let left = |at: SystemTime| at.duration_since(now).map_or(0, |left| left.as_secs());
        let claims = self.no_claims_before.map_or(0, left);
        format!("{}{claims}", self.store_fails)
    }
}
