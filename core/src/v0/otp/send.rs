//! Mailing a one-time password.

use http::Request;

use super::OtpDetails;
use crate::application::Application;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::{self, BodyError, ResponseError};
use crate::secret::SecretBody;
use crate::v0::{elsewhere, request};
use crate::wire::Format;

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

#[cfg(test)]
mod tests {
    use super::*;

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
