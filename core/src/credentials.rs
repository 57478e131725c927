//! Credentials of a user, as HTTP Basic carries them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::input::{self, InputError, InputField, InputProblem};
use crate::secret;

/// A user's login ID and password, or an e-mail address and PIN, as HTTP Basic joins them (RFC 7617).
///
/// Each constructor takes its values and wipes them before it returns, error or not. The one copy left is
/// inside, and is wiped when the credentials are dropped or turned into a request. A `&str` is copied
/// first, and the caller's own copy is the caller's to wipe.
///
/// Non-ASCII characters are sent as UTF-8.
pub struct Credentials {
    joined: Zeroizing<Vec<u8>>,
}

impl Credentials {
    /// Creates credentials from a login ID and its password. The password may be empty.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the login ID is empty or contains a colon, or where either contains a control
    /// character or is longer than 8 KiB.
    pub fn with_password(
        login_id: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, InputError> {
        Self::join(
            (InputField::LOGIN_ID, login_id.into()),
            (InputField::PASSWORD, password.into()),
        )
    }

    /// Creates credentials from an e-mail address and the PIN that the user chose for mobile use.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`with_password`](Self::with_password).
    pub fn with_pin(email: impl Into<String>, pin: impl Into<String>) -> Result<Self, InputError> {
        Self::join(
            (InputField::EMAIL, email.into()),
            (InputField::PIN, pin.into()),
        )
    }

    /// Creates credentials from a login ID alone. The colon that divides it from a password is sent all the
    /// same.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`with_password`](Self::with_password).
    pub fn without_password(login_id: impl Into<String>) -> Result<Self, InputError> {
        Self::with_password(login_id, String::new())
    }

    /// Joins a name and its secret. Only the name must not be empty.
    pub(crate) fn join(
        (user_field, user): (InputField, String),
        (secret_field, secret): (InputField, String),
    ) -> Result<Self, InputError> {
        // `Zeroizing` wipes a string's spare capacity too.
        let (user, secret) = (Zeroizing::new(user), Zeroizing::new(secret));
        if user.is_empty() {
            return Err(InputError::new(user_field, InputProblem::Empty));
        }
        if user.contains(':') {
            return Err(InputError::new(
                user_field,
                InputProblem::Forbidden("a colon"),
            ));
        }
        input::no_control(user_field, &user)?;
        input::no_control(secret_field, &secret)?;
        let parts = [user.as_bytes(), b":", secret.as_bytes()];
        Ok(Self {
            joined: Zeroizing::new(parts.concat()),
        })
    }

    /// Returns the value of the `Authorization` header field, wiped when its last clone is dropped.
    pub(crate) fn into_authorization(self) -> Result<HeaderValue, InputError> {
        let too_long = InputError::new(InputField::PASSWORD, InputProblem::NOT_A_HEADER_VALUE);
        self.encode().ok_or(too_long)
    }

    fn encode(self) -> Option<HeaderValue> {
        const SCHEME: &[u8] = b"Basic ";
        let encoded_len = base64::encoded_len(self.joined.len(), true)?;
        let mut value = Zeroizing::new(vec![0; SCHEME.len().checked_add(encoded_len)?]);
        let (scheme, encoded) = value.split_at_mut_checked(SCHEME.len())?;
        scheme.copy_from_slice(SCHEME);
        // Straight into the slice: `encode_string` would leave a copy on the stack.
        STANDARD.encode_slice(&*self.joined, encoded).ok()?;
        secret::secret_header_value(value)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn authorization(credentials: Credentials) -> String {
        let value = credentials.into_authorization().unwrap();
        assert!(value.is_sensitive());
        value.to_str().unwrap().to_owned()
    }

    fn decoded(credentials: Credentials) -> Vec<u8> {
        let value = authorization(credentials);
        STANDARD
            .decode(value.strip_prefix("Basic ").unwrap())
            .unwrap()
    }

    #[test]
    fn documented_sample_has_its_true_base64() {
        // printf %s 'john_developer@hotmail.com:Travel&Expense$2012' | base64
        let sample =
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012");
        assert_eq!(
            authorization(sample.unwrap()),
            "Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg=="
        );
    }

    #[test]
    fn colon_stays_without_a_password() {
        assert_eq!(
            decoded(Credentials::without_password("jo@example.com").unwrap()),
            b"jo@example.com:"
        );
    }

    #[test]
    fn pin_is_sent_as_the_password() {
        assert_eq!(
            decoded(Credentials::with_pin("jo@example.com", "0042").unwrap()),
            b"jo@example.com:0042"
        );
    }

    #[test]
    fn bad_input_names_field_and_problem() {
        let colon = InputProblem::Forbidden("a colon");
        let control = InputProblem::Forbidden("a control character");
        for (result, field, problem) in [
            (
                Credentials::with_password("", "p"),
                InputField::LOGIN_ID,
                InputProblem::Empty,
            ),
            (
                Credentials::with_password("a:b", "p"),
                InputField::LOGIN_ID,
                colon,
            ),
            (
                Credentials::with_password("a\nb", "p"),
                InputField::LOGIN_ID,
                control,
            ),
            (
                Credentials::with_password("a", "p\0"),
                InputField::PASSWORD,
                control,
            ),
            (
                Credentials::with_password("a", "p\r\nX: y"),
                InputField::PASSWORD,
                control,
            ),
            (
                Credentials::with_pin("", "1"),
                InputField::EMAIL,
                InputProblem::Empty,
            ),
            (
                Credentials::with_pin("a", "1\u{85}"),
                InputField::PIN,
                control,
            ),
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.field(), error.problem()), (field, problem));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials::with_password("jo", "hunter2").unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials([REDACTED])");
    }

    proptest! {
        #[test]
        fn accepted_credentials_arrive_byte_for_byte(login in ".{1,80}", password in ".{0,80}") {
            match Credentials::with_password(login.clone(), password.clone()) {
                Ok(credentials) => prop_assert_eq!(
                    decoded(credentials),
                    format!("{login}:{password}").into_bytes()
                ),
                Err(_) => prop_assert!(
                    login.contains(':') || login.chars().chain(password.chars()).any(char::is_control)
                ),
            }
        }
    }
}
