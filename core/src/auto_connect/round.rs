//! A whole round of the Auto-Connect flow.

use std::borrow::Cow;
use std::time::SystemTime;

use super::seen_ids::{self, Full, SeenIds};
use super::service::Service;
use super::stop_policy::StopPolicy;
use super::transitions::{self, Exchanging, ReadyRequest, State};
use super::{
    ConnectionRequest, ConnectionResult, Outcome, Pages, ReportConnection, RoundError, Status,
    Step, Version,
};
use crate::application::Application;
use crate::error::{Error, Stage};
use crate::input::InputError;
use crate::step_request::{StepRequest, StepResponse};
use crate::token::AccessToken;

/// The most connection requests that a round begins: ten thousand. Those without a usable ID do not count.
pub const MAX_REQUESTS: usize = seen_ids::CAPACITY;

/// One round of the Auto-Connect flow: every pending connection request, from the list to its result.
///
/// The [module's front page](super) drives one. Its states:
///
/// ```text
///        ┌──────────────────────────────────────────────┐
///        ▼                                              │
///      Next ──── no request left ──▶ List ── page ──────┤
///        │                            │                 │
///        │                            └─ last page ─────┼──▶ Done
///        │ a request                                    │
///        ▼                                              │
///    Exchange ── refused, not processed ──▶ Finished ───┤
///        │ │                                  ▲  ▲  ▲   │
///        │ └─ expired, perhaps spent ──▶ Report┘ │  │   │
///        │ token                          │ ▲    │  │   │
///        ▼                                │ │    │  │   │
///      Match ──────── outcome ────────────┼─┘    │  │   │
///                                         ├──────┘  │   │
///                    connected, reported ─┘         │   │
///                                         │         │   │
///          rejected, or not reported      └▶ Revoke ┘   │
///                                                       │
///      (stopped: Next leads to Done) ◀──────────────────┘
/// ```
///
/// Where something fails:
///
/// - The exchange is refused. If the request token's [15 minutes](crate::RequestToken::LIFETIME) were over
///   by your clock, that is reported (`CRPA1`), and the [`ConnectionFailure`](super::ConnectionFailure) has
///   Concur's own words, which may say otherwise. If they were not over nothing is reported, because the application
///   may be what is refused: the connection request stays pending.
/// - The exchange fails when it may have reached Concur. The request token may be spent. A network error is
///   reported (`CRPA2`), so that the user can try again, unless Concur says (by a 408, 425, 429 or 503) that it
///   did not process the exchange.
/// - The outcome that the user is connected cannot be reported. The token is revoked. Where Concur may have processed
///   the report all the same, a network error is reported first.
/// - In `v0` a user lives in another data center (code 16). The exchange is sent there, once, inside the trust domain. A
///   token that `net2` would revoke is handed back, unless [`revoke_rejected`](Self::revoke_rejected) says otherwise.
/// - A token cannot be revoked. It is handed back in the [`ConnectionFailure`](super::ConnectionFailure), and the
///   round ends, unless no request can carry the token.
/// - A failure would repeat for every other request. The current request is finished as far as it can be, and the
///   round ends. The rest stays pending. This is so where Concur cannot be reached, does not respond in time, or says
///   (by a 408, 425, 429 or 503) that it cannot now; where the administrator is refused; where a redirect or a
///   web page comes in place of a response; and where two reports in a row fail, two exchanges in a row may have
///   spent their request tokens, or ten in a row are refused though their time was not over.
///
/// A list that changes while it is read can skip a connection request, which a later round finds, or return
/// one again, which is ignored. After [`MAX_REQUESTS`] the round ends, and the rest is for the next.
///
/// Dropping a round loses the token that it holds, and so does a `?` inside the loop that drives it.
/// [`give_up`](Self::give_up) hands it back.
#[derive(Debug)]
#[must_use = "a round does nothing unless it is driven to its end"]
pub struct Round<'a> {
    application: &'a Application,
    administrator: &'a AccessToken,
    service: Service,
    version: Version,
    pages: Pages,
    /// The rest of the page.
    waiting: std::vec::IntoIter<ConnectionRequest>,
    /// The IDs of the connection requests that were begun.
    begun: SeenIds,
    policy: StopPolicy,
    state: State,
    /// Whether a request was handed out and its response has not been received.
    awaits_response: bool,
}

impl<'a> Round<'a> {
    /// Creates a round for this application, authorized by an administrator's token, or by a partner's of `v0`. The token's
    /// scheme says which service the round speaks.
    ///
    /// All requests go to that token's base URL, but for those of `v0` that are a user's: a request token is exchanged at the
    /// Global Landing Zone, or where Concur then says that the user lives.
    pub fn new(application: &'a Application, administrator: &'a AccessToken) -> Self {
        Self {
            application,
            administrator,
            service: Service::of(administrator),
            version: Version::default(),
            pages: Pages::new(Version::default(), Status::Pending),
            waiting: Vec::new().into_iter(),
            begun: SeenIds::default(),
            policy: StopPolicy::default(),
            state: State::Next,
            awaits_response: false,
        }
    }

    /// Uses this version of Concur's service in place of the current one. Call it before the round begins.
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self.pages = Pages::new(version, Status::Pending);
        self
    }

    /// Revokes the token of a user that is not connected, where the round speaks `v0`. By default it does not, and hands the
    /// token back, in [`ConnectionResult::Rejected`] or [`ConnectionFailure`](super::ConnectionFailure).
    ///
    /// There a revocation ends every connection of the user to the application, an older one that still lives included.
    /// (`net2` revokes the one token, always.) Call it before the round begins.
    pub fn revoke_rejected(mut self, revoke: bool) -> Self {
        if let Service::V0 { revokes } = &mut self.service {
            *revokes = revoke;
        }
        self
    }

    /// Returns the next step, at the time `now`.
    ///
    /// A request that was handed out, and whose response was never passed to [`receive`](Self::receive), counts as
    /// interrupted: it may have reached Concur. So a future can be dropped and the round goes on, with a network
    /// error reported for the user whose exchange it was. Drop a response that comes later. (For a deadline, prefer
    /// the client's own: the client knows whether anything was sent.)
    ///
    /// [`Step::Match`] repeats until [`matched`](Self::matched) is called. [`Step::Done`] returns an error once.
    pub fn step(&mut self, now: SystemTime) -> Step<'_, 'a> {
        self.interrupt();
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Next => self.state = self.next_request(now),
                State::Finished(result) => {
                    self.state = State::Next;
                    return Step::Finished(result);
                }
                State::Done => return Step::Done(self.policy.take_result()),
                State::Match(mut matching) => {
                    matching.asked = true;
                    self.state = State::Match(matching);
                    break;
                }
                state => {
                    let request = self.request(&state);
                    self.state = state;
                    match request {
                        Ok(Some(request)) => {
                            self.awaits_response = true;
                            return Step::Send(request);
                        }
                        Ok(None) => self.state = State::Done,
                        // The request cannot even be made.
                        Err(error) => self.transition(Err(error.into())),
                    }
                }
            }
        }
        match &self.state {
            State::Match(matching) => Step::Match {
                request: matching.ready.request(),
                token: &matching.token,
            },
            // The loop breaks in no other state.
            _ => Step::Done(Ok(())),
        }
    }

    /// Takes the response to the request that [`step`](Self::step) returned last, or why there is none. It counts
    /// once: without such a request, it has no effect.
    pub fn receive(&mut self, received: Result<StepResponse, Error>) {
        if std::mem::take(&mut self.awaits_response) {
            self.transition(received);
        }
    }

    /// Takes the outcome for the connection request at [`Step::Match`]: [`Outcome::Connected`], or why
    /// not. Use [`Outcome::Retry`] where it cannot be decided now, because a database is down. At any other step it
    /// has no effect.
    pub fn matched(&mut self, outcome: Outcome) {
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Match(matching) if matching.asked => matching.matched(outcome),
            other => other,
        };
    }

    /// Begins no further connection request. The current one is finished, and the rest stays pending. Go on with
    /// [`step`](Self::step) until it is done. If nothing else ended the round, that is `Ok`. Call this on Ctrl-C.
    pub fn stop(&mut self) {
        self.policy.request();
    }

    /// Gives the round up at once, and returns what was obtained for the current connection request. A request whose
    /// response has not been received counts as interrupted, and the
    /// [`ConnectionFailure`](super::ConnectionFailure) says so. Prefer [`stop`](Self::stop). What was not begun stays
    /// pending.
    #[must_use = "an access token may be in it"]
    pub fn give_up(mut self) -> Option<ConnectionResult> {
        self.interrupt();
        self.state.given_up()
    }

    fn interrupt(&mut self) {
        if self.awaits_response {
            self.receive(Err(Error::interrupted(
                Stage::Receive,
                "no response was received",
            )));
        }
    }

    /// Begins the next connection request, or lists the next page.
    fn next_request(&mut self, now: SystemTime) -> State {
        if self.policy.is_stopped() {
            return State::Done;
        }
        let request = loop {
            let Some(request) = self.waiting.next() else {
                return State::List;
            };
            match request
                .id()
                .map_or(Ok(true), |id| self.begun.insert(id.as_str()))
            {
                Ok(true) => break request,
                // It was begun before in this round.
                Ok(false) => {}
                Err(Full) => {
                    self.policy.stop(RoundError::TooMany);
                    return State::Done;
                }
            }
        };
        let left = request.time_left_of(self.service.request_token_life(), now);
        let expired = left.is_some_and(|left| left.is_zero());
        match ReadyRequest::new(request, self.service) {
            Ok(ready) => State::Exchange(Exchanging {
                ready,
                expired,
                lives_at: None,
            }),
            Err(failure) => State::Finished(ConnectionResult::Failed(*failure)),
        }
    }

    /// Returns the request that a state asks for. `None` after the last page.
    fn request(&mut self, state: &State) -> Result<Option<StepRequest<'a>>, InputError> {
        let administrator = self.administrator;
        let base_url = Cow::Borrowed(administrator.base_url());
        match state {
            State::List => match self.pages.next_request(administrator) {
                Ok(Some(list)) => StepRequest::new(list, base_url).map(Some),
                Ok(None) => Ok(None),
                Err(error) => {
                    self.policy.stop(error.into());
                    Ok(None)
                }
            },
            State::Exchange(state) => {
                let ready = (state.ready.request(), state.ready.code());
                let lives_at = state.lives_at.as_ref();
                let exchange =
                    self.service
                        .exchange(self.application, administrator, ready, lives_at);
                exchange.map(Some)
            }
            State::Report(state) => {
                let id = state.ready.id();
                let report = ReportConnection::new(administrator, self.version, id, state.outcome);
                StepRequest::new(report, base_url).map(Some)
            }
            State::Revoke(state) => {
                let revoke = self.service.revoke(administrator, &state.token);
                revoke.map(Some)
            }
            State::Next | State::Match(_) | State::Finished(_) | State::Done => Ok(None),
        }
    }

    /// Takes the response to the request that the state asked for.
    fn transition(&mut self, received: Result<StepResponse, Error>) {
        let (service, policy) = (self.service, &mut self.policy);
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::List => match transitions::read_page(received) {
                Ok(page) => {
                    self.waiting = self.pages.accept(page).into_iter();
                    State::Next
                }
                Err(error) => {
                    policy.stop(error);
                    State::Done
                }
            },
            State::Exchange(state) => state.receive(received, service, policy),
            State::Report(state) => state.receive(received, service, policy),
            State::Revoke(state) => state.receive(received, service, policy),
            other => other,
        };
    }
}

#[cfg(test)]
mod tests;
