use std::fmt;

use subtle::ConstantTimeEq;

use crate::input::{self, Field, InputError};
use crate::query::{self, Plus};

/// What ties a user's return to the browser that was sent out: an application makes it at random for
/// each user it sends, keeps it in that user's session, and [expects it back](crate::read_web_return).
///
/// Without it, anybody could have a user come back with somebody else's code (RFC 6749 section 10.12).
/// At least 16 random bytes, written in any way, cannot be guessed.
#[derive(Clone)]
pub struct State(String);

impl State {
    /// Takes a state.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB or holds a control character.
    pub fn new(state: impl Into<String>) -> Result<Self, InputError> {
        let state = state.into();
        input::not_empty(Field::State, &state)?;
        input::no_control(Field::State, &state)?;
        Ok(Self(state))
    }

    /// The state as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this, as it stands in a query, is the state. How long that takes tells nothing but
    /// lengths.
    pub(crate) fn is(&self, encoded: &str) -> bool {
        // It was sent percent-encoded. What came back may have been written anew, as a form has it.
        [Plus::Plus, Plus::Space].into_iter().any(|plus| {
            query::decode(encoded, plus)
                .is_some_and(|state| bool::from(state.as_bytes().ct_eq(self.0.as_bytes())))
        })
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State([REDACTED])")
    }
}
