//! Reporting the outcome of a connection request.

use std::fmt;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};

use super::{ConnectionRequestId, Version};
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{self, InputError, InputField, InputProblem};
use crate::request;
use crate::response::{self, ResponseError};
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

/// The outcome of a connection request, as it is reported to Concur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// `CRSUC`: the user is connected.
    Connected,
    /// `CREU1`: the supplier does not know the loyalty number.
    LoyaltyNumberNotFound,
    /// `CREU2`: the loyalty number belongs to another name.
    NameMismatch,
    /// `CREU3`: the loyalty account needs the user's attention.
    AccountNeedsAttention,
    /// `CRPA1`: the request token had expired.
    RequestTokenExpired,
    /// `CRPA2`: the network failed.
    NetworkError,
    /// `CRRET`: the user should try again.
    Retry,
}

impl Outcome {
    /// All outcomes that Concur documents.
    pub const DOCUMENTED: &'static [Self] = &[
        Self::Connected,
        Self::LoyaltyNumberNotFound,
        Self::NameMismatch,
        Self::AccountNeedsAttention,
        Self::RequestTokenExpired,
        Self::NetworkError,
        Self::Retry,
    ];

    /// Returns Concur's code of the outcome.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Connected => "CRSUC",
            Self::LoyaltyNumberNotFound => "CREU1",
            Self::NameMismatch => "CREU2",
            Self::AccountNeedsAttention => "CREU3",
            Self::RequestTokenExpired => "CRPA1",
            Self::NetworkError => "CRPA2",
            Self::Retry => "CRRET",
        }
    }
}

impl fmt::Display for Outcome {
    /// Writes the outcome in words, with Concur's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Connected => "connected",
            Self::LoyaltyNumberNotFound => "loyalty number not found",
            Self::NameMismatch => "loyalty number and name differ",
            Self::AccountNeedsAttention => "the loyalty account needs attention",
            Self::RequestTokenExpired => "request token expired",
            Self::NetworkError => "network error",
            Self::Retry => "try again",
        };
        write!(f, "{words} ({})", self.code())
    }
}

/// Reports the outcome of a connection request, so that its user sees it.
///
/// It is authorized by an administrator's token, to whose base URL it goes. Sending it twice is harmless.
///
/// (Concur's page: *Connection Requests*.)
#[derive(Debug, Clone, Copy)]
pub struct ReportConnection<'a> {
    administrator: &'a AccessToken,
    version: Version,
    id: &'a ConnectionRequestId,
    outcome: Outcome,
    message: Option<&'a str>,
}

impl<'a> ReportConnection<'a> {
    /// Reports this outcome of the connection request with this ID, authorized by `administrator`'s token.
    #[must_use]
    pub fn new(
        administrator: &'a AccessToken,
        version: Version,
        id: &'a ConnectionRequestId,
        outcome: Outcome,
    ) -> Self {
        Self {
            administrator,
            version,
            id,
            outcome,
            message: None,
        }
    }

    /// Adds a message for people. Concur documents it in one place, and not what it does with it. By default none
    /// is sent.
    ///
    /// # Errors
    ///
    /// [`InputError`] where it is empty, longer than 8 KiB, or contains a control character or another character
    /// that XML cannot carry.
    pub fn with_message(mut self, message: &'a str) -> Result<Self, InputError> {
        input::text(InputField::MESSAGE, message)?;
        if message.contains(['\u{fffe}', '\u{ffff}']) {
            let what = InputProblem::Forbidden("a character that XML cannot carry");
            return Err(InputError::new(InputField::MESSAGE, what));
        }
        self.message = Some(message);
        Ok(self)
    }
}

impl Exchange for ReportConnection<'_> {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        self.administrator.base_url()
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let path = self.id.path(self.version)?;
        let mut request = request::authorized(Method::PUT, path, self.administrator, Format::Xml)?;
        let xml = HeaderValue::from_static("application/xml");
        request.headers_mut().insert(CONTENT_TYPE, xml);
        let [status, words] = match self.version {
            Version::V3_0 | Version::V3_1 => ["Status", "Message"],
            Version::V3_2 => ["status", "message"],
        };
        let code = self.outcome.code();
        let message = self.message.map_or(String::new(), |message| {
            format!("<{words}>{}</{words}>", escaped(message))
        });
        let body =
            format!("<ConnectionRequest><{status}>{code}</{status}>{message}</ConnectionRequest>");
        *request.body_mut() = SecretBody::from(body.into_bytes());
        Ok(request)
    }

    fn parse(response: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        response::read_done(&response, Format::Xml)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
