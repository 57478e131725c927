//! The states of a round, and what each response leads to.

use super::requests::{ConnectionRequests, ListConnectionRequests, ReportConnection};
use super::service::Service;
use super::stop_policy::{StopPolicy, may_have_been_processed, was_not_processed};
use super::{
    ConnectionFailure, ConnectionRequest, ConnectionRequestId, ConnectionResult, FailureCause,
    Outcome, RoundError,
};
use crate::authorization::RequestToken;
use crate::base_url::BaseUrl;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::response::ResponseError;
use crate::step_request::StepResponse;
use crate::token::AccessToken;

/// A state of a round. The [front page of `Round`](super::Round) draws them.
#[derive(Debug)]
pub(super) enum State {
    /// On to the next connection request, or the next page.
    Next,
    /// A page is to be listed.
    List,
    /// A request token is to be exchanged.
    Exchange(Exchanging),
    /// The caller is to match a user.
    Match(Matching),
    /// An outcome is to be reported.
    Report(Reporting),
    /// A token is to be revoked.
    Revoke(Revoking),
    /// A result is to be handed out.
    Finished(ConnectionResult),
    /// The round is over.
    Done,
}

/// A connection request that can be worked on: its ID and its request token are usable.
#[derive(Debug)]
pub(super) struct ReadyRequest {
    id: ConnectionRequestId,
    code: RequestToken,
    request: ConnectionRequest,
}

impl ReadyRequest {
    /// Checks a connection request. One that cannot be worked on is a failure.
    pub(super) fn new(
        request: ConnectionRequest,
        service: Service,
    ) -> Result<Self, Box<ConnectionFailure>> {
        let has_user_id = !service.needs_user_id() || request.user_id().is_some();
        let cause = match (request.id(), request.request_token()) {
            (Some(_), Some(_)) if !has_user_id => FailureCause::UserId,
            (Some(id), Some(code)) => {
                return Ok(Self {
                    id: id.clone(),
                    code: code.clone(),
                    request,
                });
            }
            (None, _) => FailureCause::Id,
            (Some(_), None) => FailureCause::RequestToken,
        };
        Err(Box::new(ConnectionFailure {
            request,
            causes: vec![cause],
            reported: None,
            token: None,
        }))
    }

    pub(super) fn id(&self) -> &ConnectionRequestId {
        &self.id
    }

    pub(super) fn code(&self) -> &RequestToken {
        &self.code
    }

    pub(super) fn request(&self) -> &ConnectionRequest {
        &self.request
    }

    fn failed(
        self,
        token: Option<AccessToken>,
        reported: Option<Outcome>,
        causes: Vec<FailureCause>,
    ) -> ConnectionResult {
        ConnectionResult::Failed(ConnectionFailure {
            request: self.request,
            causes,
            reported,
            token,
        })
    }
}

#[derive(Debug)]
pub(super) struct Exchanging {
    pub(super) ready: ReadyRequest,
    /// Whether the request token had expired by the caller's clock.
    pub(super) expired: bool,
    /// The data center that Concur said that the user lives in: it is asked there, once.
    pub(super) lives_at: Option<BaseUrl>,
}

#[derive(Debug)]
pub(super) struct Matching {
    pub(super) ready: ReadyRequest,
    pub(super) token: AccessToken,
    /// Whether the caller was asked. Before that, no outcome counts.
    pub(super) asked: bool,
}

#[derive(Debug)]
pub(super) struct Reporting {
    pub(super) ready: ReadyRequest,
    /// `None` where the request token was not exchanged.
    token: Option<AccessToken>,
    pub(super) outcome: Outcome,
    causes: Vec<FailureCause>,
}

#[derive(Debug)]
pub(super) struct Revoking {
    ready: ReadyRequest,
    pub(super) token: AccessToken,
    /// `None` where the outcome could not be reported.
    reported: Option<Outcome>,
    causes: Vec<FailureCause>,
}

/// The response to a request of the round, or why there is none.
pub(super) type Received = Result<StepResponse, Error>;

/// Reads a page of the list.
pub(super) fn read_page(received: Received) -> Result<ConnectionRequests, RoundError> {
    read::<ListConnectionRequests<'_>>(received).map_err(RoundError::List)
}

impl Exchanging {
    pub(super) fn receive(
        self,
        received: Received,
        service: Service,
        policy: &mut StopPolicy,
    ) -> State {
        if let (Ok(response), None, Service::V0 { .. }) = (&received, &self.lives_at, service) {
            if let Some(lives_at) = response.lives_at() {
                return State::Exchange(Self {
                    lives_at: Some(lives_at),
                    ..self
                });
            }
        }
        let token = received.and_then(|response| Ok(service.read_token(response)?));
        let error = match token {
            Ok(token) => {
                policy.exchanged();
                return State::Match(Matching {
                    ready: self.ready,
                    token,
                    asked: false,
                });
            }
            Err(error) => error,
        };
        let outcome = match &error {
            Error::Response(ResponseError::Refused(_) | ResponseError::NotConcur { .. }) => {
                self.expired.then_some(Outcome::RequestTokenExpired)
            }
            // A company in maintenance, say: Concur's own word, whatever its status.
            Error::Response(ResponseError::Unavailable(said)) if said.code().is_some() => None,
            error if was_not_processed(error) => None,
            error => error
                .may_have_reached_concur()
                .then_some(Outcome::NetworkError),
        };
        policy.not_exchanged(&error, outcome);
        let causes = vec![FailureCause::Exchange(error)];
        match outcome {
            None => State::Finished(self.ready.failed(None, None, causes)),
            Some(outcome) => State::Report(Reporting {
                ready: self.ready,
                token: None,
                outcome,
                causes,
            }),
        }
    }
}

impl Matching {
    pub(super) fn matched(self, outcome: Outcome) -> State {
        State::Report(Reporting {
            ready: self.ready,
            token: Some(self.token),
            outcome,
            causes: Vec::new(),
        })
    }
}

impl Reporting {
    pub(super) fn receive(
        mut self,
        received: Received,
        service: Service,
        policy: &mut StopPolicy,
    ) -> State {
        let (reported, in_doubt) = match read::<ReportConnection<'_>>(received) {
            Ok(()) => {
                policy.reported();
                (Some(self.outcome), false)
            }
            Err(error) => {
                policy.not_reported(&error);
                let in_doubt = may_have_been_processed(&error);
                self.causes.push(FailureCause::Report(error));
                (None, in_doubt)
            }
        };
        let Some(token) = self.token else {
            return State::Finished(self.ready.failed(None, reported, self.causes));
        };
        match reported {
            Some(Outcome::Connected) => State::Finished(ConnectionResult::Connected {
                request: self.ready.request,
                token,
            }),
            // The token is to be revoked, so Concur must not take the user for connected.
            None if in_doubt && self.outcome == Outcome::Connected => State::Report(Self {
                token: Some(token),
                outcome: Outcome::NetworkError,
                ..self
            }),
            Some(outcome) if !service.revokes() && self.causes.is_empty() => {
                State::Finished(ConnectionResult::Rejected {
                    request: self.ready.request,
                    outcome,
                    token: Some(token),
                })
            }
            reported if !service.revokes() => {
                State::Finished(self.ready.failed(Some(token), reported, self.causes))
            }
            reported => State::Revoke(Revoking {
                ready: self.ready,
                token,
                reported,
                causes: self.causes,
            }),
        }
    }
}

impl Revoking {
    pub(super) fn receive(
        mut self,
        received: Received,
        service: Service,
        policy: &mut StopPolicy,
    ) -> State {
        let revoked = received.and_then(|response| Ok(service.read_revoked(response)?));
        let token = match revoked {
            Ok(()) => None,
            Err(error) => {
                policy.not_revoked(&error);
                self.causes.push(FailureCause::Revoke(error));
                Some(self.token)
            }
        };
        State::Finished(match self.reported {
            Some(outcome) if self.causes.is_empty() => ConnectionResult::Rejected {
                request: self.ready.request,
                outcome,
                token: None,
            },
            reported => self.ready.failed(token, reported, self.causes),
        })
    }
}

impl State {
    /// Returns the result of a state in which the round is given up. `None` where nothing was obtained.
    pub(super) fn given_up(self) -> Option<ConnectionResult> {
        let (ready, token, reported, mut causes) = match self {
            Self::Next | Self::List | Self::Exchange(_) | Self::Done => return None,
            Self::Finished(result) => return Some(result),
            Self::Match(state) => (state.ready, Some(state.token), None, Vec::new()),
            Self::Report(state) => (state.ready, state.token, None, state.causes),
            Self::Revoke(state) => (state.ready, Some(state.token), state.reported, state.causes),
        };
        causes.push(FailureCause::GivenUp);
        Some(ready.failed(token, reported, causes))
    }
}

fn read<E: Exchange>(received: Received) -> Result<E::Output, Error> {
    Ok(received?.read::<E>()?)
}
