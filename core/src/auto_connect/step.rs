//! What a round asks for next.

use super::{ConnectionRequest, ConnectionResult, RoundError};
use crate::step_request::StepRequest;
use crate::token::AccessToken;

/// The next step of a round.
#[derive(Debug)]
#[must_use = "a connected user's token may be in it"]
pub enum Step<'r, 'a> {
    /// Send this request, and pass its response to [`Round::receive`](super::Round::receive).
    /// It borrows nothing from the round, which can be told to [stop](super::Round::stop) in the meantime.
    Send(StepRequest<'a>),
    /// Match this user with your records, and pass the outcome to [`Round::matched`](super::Round::matched).
    Match {
        /// What the user says of themselves.
        request: &'r ConnectionRequest,
        /// The user's token, for a call to Concur that helps to match.
        token: &'r AccessToken,
    },
    /// The result of one connection request.
    Finished(ConnectionResult),
    /// The end of the round.
    Done(Result<(), RoundError>),
}
