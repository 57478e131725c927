//! What the answer to each call leads to.

use super::{Round, State, failed};
use crate::auto_connect::{
    Answer, Cause, ConnectionRequest, Finished, ListConnectionRequests, Outcome, ReportConnection,
    RoundError, verdict,
};
use crate::transport::Error;
use crate::{CodeExchange, Exchange, InstanceUrl, ResponseError, RevokeToken};

/// How many exchanges are refused, with none granted in between, before it is not the connection requests that are
/// at fault. Fewer would have a few that are refused each time stand in the way of all behind them.
const MAX_REFUSED: usize = 10;

impl Round<'_> {
    /// Takes what came of the call that the state asked for.
    pub(super) fn answered(&mut self, answer: Result<Answer, Error>) {
        let instance = self.instance;
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::List => match parse::<ListConnectionRequests<'_>>(answer, instance) {
                Ok(page) => {
                    self.waiting = self.pages.turn(page).into_iter();
                    State::Next
                }
                Err(error) => {
                    self.ended_by = Some(RoundError::List(error));
                    State::Done
                }
            },
            State::Exchange { request, expired } => {
                match parse::<CodeExchange<'_>>(answer, instance) {
                    Ok(token) => {
                        (self.spent, self.refused) = (0, 0);
                        State::Match {
                            request,
                            token,
                            asked: false,
                        }
                    }
                    Err(error) => self.not_exchanged(request, expired, error),
                }
            }
            State::Report {
                request,
                token,
                outcome,
                mut causes,
            } => {
                let told = parse::<ReportConnection<'_>>(answer, instance);
                let reported = told.is_ok().then_some(outcome);
                let in_doubt = told.as_ref().is_err_and(verdict::may_have_been_done);
                self.unreported = match &told {
                    Ok(()) => 0,
                    Err(_) => self.unreported.saturating_add(1),
                };
                if let Err(error) = told {
                    let shared =
                        verdict::is_everybodys(&error) || verdict::is_administrators(&error);
                    if shared || self.unreported > 1 {
                        self.stop_after(&error);
                    }
                    causes.push(Cause::Report(error));
                }
                match (token, reported) {
                    (Some(token), Some(Outcome::Connected)) => {
                        State::Finished(Finished::Connected { request, token })
                    }
                    // The token is to be revoked: Concur should not go on to call the user connected.
                    (token @ Some(_), None) if in_doubt && outcome == Outcome::Connected => {
                        State::Report {
                            request,
                            token,
                            outcome: Outcome::NetworkError,
                            causes,
                        }
                    }
                    (Some(token), reported) => State::Revoke {
                        request,
                        token,
                        reported,
                        causes,
                    },
                    (None, reported) => State::Finished(failed(request, None, reported, causes)),
                }
            }
            State::Revoke {
                request,
                token,
                reported,
                mut causes,
            } => {
                let revoked = parse::<RevokeToken<'_>>(answer, instance);
                let token = revoked.is_err().then_some(token);
                if let Err(error) = revoked {
                    // More tokens that cannot be revoked would come of it, unless this one cannot even be sent.
                    if !matches!(error, Error::Input(_)) {
                        self.stop_after(&error);
                    }
                    causes.push(Cause::Revoke(error));
                }
                State::Finished(match (reported, causes.is_empty()) {
                    (Some(outcome), true) => Finished::Rejected { request, outcome },
                    _ => failed(request, token, reported, causes),
                })
            }
            other => other,
        };
    }

    /// What is to be done where a request token was not exchanged.
    fn not_exchanged(&mut self, request: ConnectionRequest, expired: bool, error: Error) -> State {
        let outcome = match &error {
            Error::Response(ResponseError::Refused(_)) => {
                expired.then_some(Outcome::RequestTokenExpired)
            }
            error if verdict::was_not_begun(error) => None,
            error => error
                .may_have_reached_concur()
                .then_some(Outcome::NetworkError),
        };
        match outcome {
            None => self.refused = self.refused.saturating_add(1),
            Some(Outcome::NetworkError) => self.spent = self.spent.saturating_add(1),
            // Time explains it.
            Some(_) => {}
        }
        if verdict::is_everybodys(&error) || self.spent > 1 || self.refused >= MAX_REFUSED {
            self.stop_after(&error);
        }
        let causes = vec![Cause::Exchange(error)];
        match outcome {
            None => State::Finished(failed(request, None, None, causes)),
            Some(outcome) => State::Report {
                request,
                token: None,
                outcome,
                causes,
            },
        }
    }

    /// Ends the round once nothing is in hand. Of several pauses the longest is kept; what is to be mended
    /// is longer than any.
    fn stop_after(&mut self, error: &Error) {
        let pause = match (&self.ended_by, error.retry_after()) {
            (Some(RoundError::Stopped { retry_after }), Some(new)) => {
                retry_after.map(|old| old.max(new))
            }
            (_, new) => new,
        };
        self.ended_by = Some(RoundError::Stopped { retry_after: pause });
    }
}

fn parse<E: Exchange>(
    answer: Result<Answer, Error>,
    instance: &InstanceUrl,
) -> Result<E::Output, Error> {
    Ok(answer?.parse::<E>(instance)?)
}
