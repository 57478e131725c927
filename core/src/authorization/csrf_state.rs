//! The state that protects a browser flow against cross-site request forgery.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::input::{self, InputError, InputField};
use crate::wire::percent::{self, Plus};

/// The state of a browser flow. It ties a user's return to the browser that was sent to Concur.
///
/// An application makes it at random for each user that it sends, keeps it in that user's session, and
/// [expects it back](crate::parse_callback). Without it, an attacker could have a user return with the
/// attacker's code (RFC 6749 section 10.12). At least 16 random bytes, written in any way, cannot be guessed.
/// `Debug` does not show it.
#[derive(Clone)]
pub struct CsrfState(String);

impl CsrfState {
    /// Creates a state from its text.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character.
    pub fn new(state: impl Into<String>) -> Result<Self, InputError> {
        let state = state.into();
        input::text(InputField::CSRF_STATE, &state)?;
        Ok(Self(state))
    }

    /// Returns the state as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a value of a query is this state. The time that takes reveals nothing but
    /// lengths.
    pub(crate) fn matches(&self, encoded: &str) -> bool {
        // It was sent percent-encoded. What returned may have been encoded anew, as a form is.
        [Plus::Plus, Plus::Space].into_iter().any(|plus| {
            percent::decode(encoded, plus)
                .is_some_and(|state| bool::from(state.as_bytes().ct_eq(self.0.as_bytes())))
        })
    }
}

impl fmt::Debug for CsrfState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfState([REDACTED])")
    }
}
