//! The whole round.

mod answered;

use std::time::SystemTime;

use super::seen::{self, Full, Seen};
use super::{
    Answer, Call, Cause, ConnectionRequest, Failure, Finished, Outcome, Pages, ReportConnection,
    RoundError, Status, Step, Version,
};
use crate::input::{Field, Problem};
use crate::transport::{Error, Stage};
use crate::{AccessToken, Application, CodeExchange, InputError, InstanceUrl, RevokeToken};

/// The most connection requests that a round begins: ten thousand. Those without an ID of use do not count.
pub const MAX_REQUESTS: usize = seen::MEMORY;

/// One round of the Auto-Connect flow: every pending connection request, from the list to its last step.
///
/// The [module's front page](super) drives one. What it does where something fails:
///
/// - The exchange is refused: where the request token's [15 minutes](crate::RequestToken::LIFE) were over
///   by your clock, Concur is told so (`CRPA1`), and the [`Failure`] has Concur's own words, which may say
///   otherwise. Where they were not over nothing is reported, since it may be the application that is refused:
///   the connection request stays pending.
/// - The exchange fails when it may have reached Concur: the request token may be spent. Concur is told of a
///   network error (`CRPA2`), so that the user can try again; unless it says that it did not come to it (by a
///   408, 425, 429 or 503).
/// - Concur cannot be told that the user is connected: the token is revoked. Where Concur may have been told
///   all the same, it is told of a network error first.
/// - A token cannot be revoked: it is handed back in the [`Failure`], and the round ends, unless it is a token
///   that no request can carry.
/// - What failed would fail for everybody: what is in hand is finished as far as it can be, and the round ends.
///   The rest stays pending. So it is where Concur cannot be reached, does not answer in time, or says (by a 408,
///   425, 429 or 503) that it cannot now; where the administrator is refused; where a redirect or a web page comes
///   in place of an answer; and where two reports in a row fail, two exchanges that may have spent their codes, or
///   ten that are refused though their time was not over, with none granted in between.
///
/// A list that changes while it is walked can skip a connection request, which a later round finds, or show
/// one again, which is passed over. After [`MAX_REQUESTS`] the round ends; the rest is for the next.
///
/// Dropping a round loses the token that it has in hand, and so does a `?` inside the loop that drives it:
/// [`give_up`](Self::give_up) hands it back.
#[derive(Debug)]
#[must_use = "a round does nothing unless it is driven to its end"]
pub struct Round<'a> {
    application: &'a Application,
    administrator: &'a AccessToken,
    instance: &'a InstanceUrl,
    version: Version,
    pages: Pages,
    /// The rest of the page.
    waiting: std::vec::IntoIter<ConnectionRequest>,
    /// The IDs of those that were begun.
    begun: Seen,
    /// How many codes may have been spent in vain since an exchange was granted.
    spent: usize,
    /// How many exchanges were refused, though their time was not over, since one was granted.
    refused: usize,
    /// How many reports failed in a row.
    unreported: usize,
    state: State,
    /// A call is out, and not answered yet.
    is_out: bool,
    /// What ends the round, once nothing is in hand.
    ended_by: Option<RoundError>,
    /// The caller wants it to end.
    is_enough: bool,
}

#[derive(Debug)]
enum State {
    /// On to the next connection request, or the next page.
    Next,
    List,
    Exchange {
        request: ConnectionRequest,
        /// As the caller's clock has it.
        expired: bool,
    },
    Match {
        request: ConnectionRequest,
        token: AccessToken,
        /// The caller knows of it.
        asked: bool,
    },
    Report {
        request: ConnectionRequest,
        token: Option<AccessToken>,
        outcome: Outcome,
        causes: Vec<Cause>,
    },
    Revoke {
        request: ConnectionRequest,
        token: AccessToken,
        /// Nothing, where Concur could not be told.
        reported: Option<Outcome>,
        causes: Vec<Cause>,
    },
    Finished(Finished),
    Done,
}

impl<'a> Round<'a> {
    /// A round for this application, with the token of an administrator, to whose own instance all calls
    /// go.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the administrator's token was built from parts that name no instance.
    pub fn new(
        application: &'a Application,
        administrator: &'a AccessToken,
    ) -> Result<Self, InputError> {
        let unknown = InputError::new(Field::InstanceUrl, Problem::Unknown);
        Ok(Self {
            application,
            administrator,
            instance: administrator.own_instance().ok_or(unknown)?,
            version: Version::default(),
            pages: Pages::new(Version::default(), Status::Pending),
            waiting: Vec::new().into_iter(),
            begun: Seen::roomy(),
            spent: 0,
            refused: 0,
            unreported: 0,
            state: State::Next,
            is_out: false,
            ended_by: None,
            is_enough: false,
        })
    }

    /// Lists and reports by this version of Concur's service in place of the current one. For a round
    /// that has not begun.
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self.pages = Pages::new(version, Status::Pending);
        self
    }

    /// What comes next, at this time.
    ///
    /// A call that is out, and whose answer was never given to [`receive`](Self::receive), counts as broken
    /// off: it may have reached Concur. So a future can be dropped and the round goes on, with a network error
    /// told of whoever's exchange it was. An answer that comes later is to be dropped. (For a deadline, prefer
    /// the client's own: it knows whether anything was sent.)
    ///
    /// [`Step::Match`] comes again until [`matched`](Self::matched) is called. [`Step::Done`] tells of an
    /// error once.
    pub fn step(&mut self, now: SystemTime) -> Step<'_, 'a> {
        self.break_off();
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Next => self.state = self.begin(now),
                State::Finished(finished) => {
                    self.state = State::Next;
                    return Step::Finished(finished);
                }
                State::Done => return Step::Done(self.ended_by.take().map_or(Ok(()), Err)),
                state => {
                    self.state = state;
                    match self.call() {
                        Ok(Some(call)) => {
                            self.is_out = true;
                            return Step::Send(call);
                        }
                        // It cannot even be asked.
                        Err(error) => self.answered(Err(error.into())),
                        Ok(None) if matches!(self.state, State::Match { .. }) => break,
                        Ok(None) => {}
                    }
                }
            }
        }
        match &mut self.state {
            State::Match {
                request,
                token,
                asked,
            } => {
                *asked = true;
                Step::Match { request, token }
            }
            // The loop ends nowhere else.
            _ => Step::Done(Ok(())),
        }
    }

    /// Takes what came of the call that [`step`](Self::step) gave last. It counts once: without such a call, it
    /// has no effect.
    pub fn receive(&mut self, answer: Result<Answer, Error>) {
        if std::mem::take(&mut self.is_out) {
            self.answered(answer);
        }
    }

    /// Takes what became of the connection request at [`Step::Match`]: [`Outcome::Connected`], or why
    /// not. [`Outcome::Retry`] is for whoever cannot say now, because a database is down. At any other step it
    /// has no effect.
    pub fn matched(&mut self, outcome: Outcome) {
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Match {
                request,
                token,
                asked: true,
            } => State::Report {
                request,
                token: Some(token),
                outcome,
                causes: Vec::new(),
            },
            other => other,
        };
    }

    /// Begins nothing more: what is in hand is finished, and the rest stays pending. Go on with
    /// [`step`](Self::step) until it is done; if nothing else ended it, that is `Ok`. This is what a Ctrl-C is for.
    pub fn stop(&mut self) {
        self.is_enough = true;
    }

    /// Gives the round up at once, and hands back what was in hand. A call that is out counts as broken off, and
    /// the [`Failure`] says so. [`stop`](Self::stop) is kinder. What was not begun stays pending.
    #[must_use = "an access token may be in it"]
    pub fn give_up(mut self) -> Option<Finished> {
        self.break_off();
        let (request, token, reported, mut causes) = match self.state {
            // Nothing was begun.
            State::Next | State::List | State::Exchange { .. } | State::Done => return None,
            State::Finished(finished) => return Some(finished),
            State::Match { request, token, .. } => (request, Some(token), None, Vec::new()),
            State::Report {
                request,
                token,
                causes,
                ..
            } => (request, token, None, causes),
            State::Revoke {
                request,
                token,
                reported,
                causes,
            } => (request, Some(token), reported, causes),
        };
        causes.push(Cause::GivenUp);
        Some(failed(request, token, reported, causes))
    }

    /// A call that is out gets no answer any more.
    fn break_off(&mut self) {
        if self.is_out {
            self.receive(Err(Error::interrupted(
                Stage::Receive,
                "no answer was given",
            )));
        }
    }

    fn begin(&mut self, now: SystemTime) -> State {
        if self.ended_by.is_some() || self.is_enough {
            return State::Done;
        }
        let request = loop {
            let Some(request) = self.waiting.next() else {
                return State::List;
            };
            match request.id().map_or(Ok(true), |id| self.begun.is_new(id)) {
                Ok(true) => break request,
                // It is listed again: what came of it was said then.
                Ok(false) => {}
                Err(Full) => {
                    self.ended_by = Some(RoundError::TooMany);
                    return State::Done;
                }
            }
        };
        let cause = match (request.id(), request.request_token()) {
            (Err(error), _) => Cause::Id(error),
            (_, Err(error)) => Cause::RequestToken(error),
            (Ok(_), Ok(_)) => {
                let expired = request.is_request_token_expired_at(now) == Some(true);
                return State::Exchange { request, expired };
            }
        };
        State::Finished(failed(request, None, None, vec![cause]))
    }

    /// The call that the state asks for. None after the last page, and where the caller has the word.
    fn call(&mut self) -> Result<Option<Call<'a>>, InputError> {
        let instance = self.instance;
        match &self.state {
            State::List => match self.pages.ask(self.administrator) {
                Ok(Some(list)) => Call::new(list, instance).map(Some),
                end => {
                    self.ended_by = end.err().map(RoundError::from);
                    self.state = State::Done;
                    Ok(None)
                }
            },
            State::Exchange { request, .. } => {
                let unknown = InputError::new(Field::RequestToken, Problem::Unknown);
                let code = request.request_token().map_err(|_| unknown)?;
                Call::new(CodeExchange::new(self.application, code), instance).map(Some)
            }
            State::Report {
                request, outcome, ..
            } => {
                let id = request.id().unwrap_or_default();
                let report = ReportConnection::new(self.administrator, self.version, id, *outcome)?;
                Call::new(report, instance).map(Some)
            }
            State::Revoke { token, .. } => {
                Call::new(RevokeToken::new(self.administrator, token), instance).map(Some)
            }
            State::Next | State::Match { .. } | State::Finished(_) | State::Done => Ok(None),
        }
    }
}

fn failed(
    request: ConnectionRequest,
    token: Option<AccessToken>,
    reported: Option<Outcome>,
    causes: Vec<Cause>,
) -> Finished {
    Finished::Failed(Failure {
        request,
        causes,
        reported,
        token,
    })
}

#[cfg(test)]
mod tests;
