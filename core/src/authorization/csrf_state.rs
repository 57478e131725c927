//! The state that protects a browser flow against cross-site request forgery.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::input::{self, InputError, InputField, InputProblem};
use crate::wire::percent::{self, Plus};

/// The state of a browser flow. It ties a user's return to the browser that was sent to Concur.
///
/// An application makes it at random for each user that it sends, keeps it in that user's session, and
/// [expects it back](crate::parse_callback). Without it, an attacker could have a user return with the
/// attacker's code (RFC 6749 section 10.12). Make it of 16 random bytes, which cannot be guessed.
/// `Debug` does not show it.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # fn random() -> [u8; 16] { *b"\x8c\x1d\x2f\x6b\x0a\x9e\x4d\x77\x5e\x3f\x0b\x1a\x7c\x6d\x92\x84" }
/// use concur_oauth::CsrfState;
///
/// // Sixteen bytes of the operating system's randomness, by the crate `getrandom`, say.
/// let state = CsrfState::from_random(random());
/// assert_eq!(state.as_str(), "8c1d2f6b0a9e4d775e3f0b1a7c6d9284");
/// ```
#[derive(Clone)]
pub struct CsrfState(String);

impl CsrfState {
    /// Creates a state from random bytes, written in hexadecimal.
    #[must_use]
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// Creates a state from its text, as it was kept in a session.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is shorter than 16 bytes, which could be guessed, longer than 8 KiB, or contains a
    /// control character.
    pub fn new(state: impl Into<String>) -> Result<Self, InputError> {
        let state = state.into();
        input::text(InputField::CSRF_STATE, &state)?;
        if state.len() < 16 {
            let short = InputProblem::Malformed("is too short: make it of 16 random bytes");
            return Err(InputError::new(InputField::CSRF_STATE, short));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_that_can_be_guessed_is_refused() {
        for bad in ["", "1", "fifteen bytes !", "0123456789\n0123456789"] {
            assert!(CsrfState::new(bad).is_err(), "{bad}");
        }
        assert!(CsrfState::new("sixteen bytes ok").is_ok());
    }

    #[test]
    fn random_bytes_keep_their_length_and_their_differences() {
        let zero = CsrfState::from_random([0; 16]);
        assert_eq!(zero.as_str(), "0".repeat(32));
        let mut bytes = [0; 16];
        bytes[15] = 1;
        assert_ne!(CsrfState::from_random(bytes).as_str(), zero.as_str());
    }
}
