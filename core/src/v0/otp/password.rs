//! The one-time password itself.

use secrecy::SecretString;

use crate::input::{InputError, InputField, InputProblem};
use crate::secret;
use crate::wire::percent::{self, Plus};

/// A one-time password, as it came to the user by mail. `Debug` does not show it, and it is wiped when it is dropped.
#[derive(Debug, Clone)]
pub struct OneTimePassword(SecretString);

impl OneTimePassword {
    /// Creates a one-time password from its text. A `String` is wiped.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character.
    pub fn new(otp: impl Into<String>) -> Result<Self, InputError> {
        secret::secret(InputField::ONE_TIME_PASSWORD, otp).map(Self)
    }

    /// Takes the one-time password from the link that the user followed, or from what stands after its host: the one
    /// `token` after a `?` or a `&`. Concur writes `&token=` even where the link has no `?`.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the link does not have exactly one, or one that cannot be read.
    pub fn from_link(link: &str) -> Result<Self, InputError> {
        let malformed =
            |what| InputError::new(InputField::ONE_TIME_PASSWORD, InputProblem::Malformed(what));
        let link = link.split_once('#').map_or(link, |(link, _)| link);
        let mut found = link
            .split(['?', '&'])
            .skip(1)
            .filter_map(|pair| pair.strip_prefix("token="));
        match (found.next(), found.next()) {
            (Some(encoded), None) => {
                let otp = percent::decode(encoded, Plus::Plus);
                let otp = otp.ok_or(malformed("cannot be read from the link"))?;
                Self::new(otp.as_str())
            }
            (None, _) => Err(malformed("is not in the link: it stands after `token=`")),
            (Some(_), Some(_)) => Err(malformed("is in the link more than once")),
        }
    }

    /// Returns the password itself.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn trap_15_password_is_taken_from_a_link_with_and_without_a_question_mark() {
        for link in [
            "https://app.example/auth&token=dd-1%2F2",
            "https://app.example/auth?token=dd-1%2F2",
            "/auth?a=b&token=dd-1%2F2&c=d#top",
            "?token=dd-1%2F2",
        ] {
            let otp = OneTimePassword::from_link(link).unwrap();
            assert_eq!(otp.secret().expose_secret(), "dd-1/2", "{link}");
        }
        for link in [
            "https://app.example/auth",
            "token=dd-1",
            "?token=",
            "?token=%ff",
            "?token=a&token=b",
            "?atoken=a",
            "#?token=a",
        ] {
            assert!(OneTimePassword::from_link(link).is_err(), "{link}");
        }
    }
}
