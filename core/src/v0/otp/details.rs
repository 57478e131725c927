//! What a mail of a one-time password says, and to whom it goes.

use std::fmt;

use crate::input::{self, InputError, InputField, InputProblem};

/// The user that a one-time password is mailed to, and what the mail says: the same for [`SendOtp`](super::SendOtp) and for [`OtpGrant`](super::OtpGrant),
/// because Concur compares them.
///
/// Store it between the two, or create it anew from the same values. `Debug` shows none of them.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::v0::{ClientId, OneTimePassword, OtpDetails, OtpGrant, SendOtp};
/// use concur_oauth::{Application, BaseUrl};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let details = OtpDetails::new("william.never@companydemo.com")?
///     .with_name("William Never")?
///     .with_company("Company Demo")?
///     .with_link("https://connect.companydemo.com/auth")?
///     .with_parameter("session", "7f3a")?;
///
/// let send = SendOtp::new(&BaseUrl::US2, &application, &details);
/// // client.send(send)?;
///
/// // ... the user follows the link of the mail ...
/// let link = "https://connect.companydemo.com/auth&token=dd-36w6vji244m5qsfy23a3jvw3no1e4c";
/// let otp = OneTimePassword::from_link(link)?;
/// let grant = OtpGrant::new(&BaseUrl::US2, &application, &details, &otp);
/// // let token = client.send(grant)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, One-Time Password Grant*.)
#[derive(Clone)]
pub struct OtpDetails {
    email: String,
    /// Names and values of what else is sent.
    parameters: Vec<(String, String)>,
}

impl InputField {
    /// A parameter of a one-time password's mail.
    pub const OTP_PARAMETER: Self = Self("parameter of the one-time password");

    /// A one-time password.
    pub const ONE_TIME_PASSWORD: Self = Self("one-time password");
}

/// The names that Concur keeps for itself in either of the two requests.
const RESERVED: [&str; 7] = [
    "client_id",
    "client_secret",
    "channel_type",
    "channel_handle",
    "scope",
    "grant_type",
    "otp",
];

impl OtpDetails {
    /// Creates the details of the user with this e-mail address.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character.
    pub fn new(email: impl Into<String>) -> Result<Self, InputError> {
        let email = email.into();
        input::text(InputField::EMAIL, &email)?;
        Ok(Self {
            email,
            parameters: Vec::new(),
        })
    }

    /// Adds the user's name, as the mail says it.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`with_parameter`](Self::with_parameter).
    pub fn with_name(self, name: impl Into<String>) -> Result<Self, InputError> {
        self.with_parameter("name", name)
    }

    /// Adds the name of the user's company, as the mail says it.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`with_parameter`](Self::with_parameter).
    pub fn with_company(self, company: impl Into<String>) -> Result<Self, InputError> {
        self.with_parameter("company", company)
    }

    /// Adds the link that the mail leads to, with the one-time password in it.
    ///
    /// # Errors
    ///
    /// [`InputError`], as for [`with_parameter`](Self::with_parameter).
    pub fn with_link(self, link: impl Into<String>) -> Result<Self, InputError> {
        self.with_parameter("link", link)
    }

    /// Adds a parameter of the application's own. Concur compares it, and does not mail it.
    ///
    /// # Errors
    ///
    /// [`InputError`] where name or value is empty, longer than 8 KiB, or contains a control character, or where the name is
    /// one of Concur's own or was added before.
    pub fn with_parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InputError> {
        let (name, value) = (name.into(), value.into());
        input::text(InputField::OTP_PARAMETER, &name)?;
        input::text(InputField::OTP_PARAMETER, &value)?;
        let is_taken = |problem| Err(InputError::new(InputField::OTP_PARAMETER, problem));
        if RESERVED.contains(&name.as_str()) {
            return is_taken(InputProblem::Malformed(
                "has a name that Concur uses itself: call it otherwise",
            ));
        }
        if self.parameters.iter().any(|(known, _)| *known == name) {
            return is_taken(InputProblem::Malformed("has a name that was given before"));
        }
        self.parameters.push((name, value));
        Ok(self)
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let user = [
            ("channel_type", "email"),
            ("channel_handle", self.email.as_str()),
        ];
        let parameters = self.parameters.iter();
        user.into_iter()
            .chain(parameters.map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

impl fmt::Debug for OtpDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtpDetails").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_concur_would_confuse_are_refused() {
        let details = || OtpDetails::new("jo@example.com").unwrap();
        for name in RESERVED.into_iter().chain(["", "a\nb"]) {
            assert!(details().with_parameter(name, "value").is_err(), "{name}");
        }
        assert!(details().with_parameter("a", "").is_err());
        let twice = details()
            .with_name("Jo")
            .unwrap()
            .with_parameter("name", "Jo");
        assert!(twice.is_err());
        assert!(!format!("{:?}", details()).contains("jo@"));
    }
}
