//! What a round asks of whoever drives it.

use super::{Call, ConnectionRequest, Finished, RoundError};
use crate::AccessToken;

/// What comes next in a round.
#[derive(Debug)]
#[must_use = "a connected user's token may be in it"]
pub enum Step<'r, 'a> {
    /// Send this to its [instance](Call::instance), and give [`Round::receive`](super::Round::receive) what comes of it.
    /// It borrows nothing of the round, which can be told to [stop](super::Round::stop) in the meantime.
    Send(Call<'a>),
    /// Say whose this is, by [`Round::matched`](super::Round::matched).
    Match {
        /// What the user says of themselves.
        request: &'r ConnectionRequest,
        /// The user's token, should it take a call to Concur to know.
        token: &'r AccessToken,
    },
    /// A connection request is done with.
    Finished(Finished),
    /// So is the round.
    Done(Result<(), RoundError>),
}
