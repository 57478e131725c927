//! The one-time password grant: a password that Concur mails to the user.

use std::fmt;

use http::Request;
use secrecy::{ExposeSecret, SecretString};

use super::{elsewhere, request, token_document};
use crate::application::Application;
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField, InputProblem};
use crate::response::{self, BodyError, ResponseError};
use crate::secret::{self, SecretBody};
use crate::token::AccessToken;
use crate::wire::Format;
use crate::wire::percent::{self, Plus};

/// The user that a one-time password is mailed to, and what the mail says: the same for [`SendOtp`] and for [`OtpGrant`],
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

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
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

/// Mails a one-time password to a user.
///
/// It goes to the user's own data center. A transport never sends it twice by itself: each mails a password, and Concur
/// limits how many are open (code 82).
///
/// [`OtpDetails`] has an example. (Concur's page: *Authentication, One-Time Password Grant*.)
#[derive(Debug, Clone, Copy)]
pub struct SendOtp<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    details: &'a OtpDetails,
}

impl<'a> SendOtp<'a> {
    /// Creates the request to mail a one-time password.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        details: &'a OtpDetails,
    ) -> Self {
        Self {
            base_url,
            application,
            details,
        }
    }
}

impl Exchange for SendOtp<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let application = request::application_pairs(self.application);
        let pairs: Vec<_> = application
            .into_iter()
            .chain(self.details.pairs())
            .collect();
        request::form(self.base_url, "/oauth2/v0/otp", &pairs)
    }

    fn elsewhere(response: &http::Response<&[u8]>, context: &ResponseContext) -> Option<BaseUrl> {
        elsewhere::named(response, context)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_success(&response, Format::Json, read_sent)
    }
}

/// Reads `{"message":"otp sent"}`. Concur's pages differ in the words, so any message without an error is taken.
fn read_sent(body: &[u8]) -> Result<(), BodyError> {
    let (mut is_sent, mut is_error) = (false, false);
    response::json_fields(body, |name, value| match name {
        "message" => is_sent = value.string().is_some(),
        "error" | "code" => is_error = true,
        _ => {}
    })?;
    if is_sent && !is_error {
        Ok(())
    } else {
        Err(BodyError::OtherDocument)
    }
}

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

/// The one-time password grant: a one-time password for a token of the user that it was mailed to.
///
/// It goes to the user's own data center, with the details that the mail was sent with. The password is valid once, so a
/// transport never sends this twice by itself, and sends it over a connection of its own.
///
/// [`OtpDetails`] has an example. (Concur's page: *Authentication, One-Time Password Grant*.)
#[derive(Debug, Clone, Copy)]
pub struct OtpGrant<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    details: &'a OtpDetails,
    otp: &'a OneTimePassword,
    scopes: &'a [Scope],
}

impl<'a> OtpGrant<'a> {
    /// Creates the grant of this one-time password.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        details: &'a OtpDetails,
        otp: &'a OneTimePassword,
    ) -> Self {
        Self {
            base_url,
            application,
            details,
            otp,
            scopes: &[],
        }
    }

    /// Asks for these scopes alone. By default the token has all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &'a [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}

impl Exchange for OtpGrant<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<Request<SecretBody>, InputError> {
        let otp = [("otp", self.otp.0.expose_secret())];
        let pairs: Vec<_> = otp.into_iter().chain(self.details.pairs()).collect();
        request::token(self.base_url, self.application, "otp", &pairs, self.scopes)
    }

    fn elsewhere(response: &http::Response<&[u8]>, context: &ResponseContext) -> Option<BaseUrl> {
        elsewhere::named(response, context)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<AccessToken, ResponseError> {
        token_document::parse(&response, context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn any_message_without_an_error_means_sent() {
        for sent in [r#"{"message":"otp sent"}"#, r#"{"message":"opt sent"}"#] {
            assert_eq!(read_sent(sent.as_bytes()), Ok(()));
        }
        for other in [
            "{}",
            r#"{"message":{}}"#,
            r#"{"message":"a","error":"b"}"#,
            r#"{"code":82}"#,
        ] {
            assert_eq!(read_sent(other.as_bytes()), Err(BodyError::OtherDocument));
        }
    }
}
