//! The Native flow.

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderName, Method};

use super::token_document;
use crate::application::ConsumerKey;
use crate::base_url::BaseUrl;
use crate::credentials::Credentials;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::request;
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::token::AccessToken;
use crate::wire::Format;

const PATH: &str = "/net2/oauth2/accesstoken.ashx";
const CONSUMER_KEY: HeaderName = HeaderName::from_static("x-consumerkey");

/// The Native flow: a user's credentials, sent once, bring an access token.
///
/// It is for an application that holds the credentials itself: while it is being designed and
/// tested, or for a back-office integration that acts as a Web Services Administrator. Concur asks
/// the application to delete any record of login ID and password afterwards. This type owns them,
/// and [`into_request`](Exchange::into_request) consumes it. From then on the only copy is inside
/// the request, and is wiped with it. A failed send therefore needs the credentials again.
///
/// Sending it twice is harmless: it asks for a token, and changes nothing.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::net2::NativeFlow;
/// use concur_oauth::{BaseUrl, ConsumerKey, Credentials};
///
/// let flow = NativeFlow::new(
///     BaseUrl::US_PRODUCTION,
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
/// );
/// // let token = client.send(flow)?;
/// # Ok::<(), concur_oauth::InputError>(())
/// ```
///
/// (Concur's page: *Authentication, Native Flow*.)
#[derive(Debug)]
pub struct NativeFlow {
    base_url: BaseUrl,
    consumer_key: ConsumerKey,
    credentials: Credentials,
}

impl NativeFlow {
    /// Creates a Native flow for the user with these credentials, by this application, at this data center.
    #[must_use]
    pub fn new(base_url: BaseUrl, consumer_key: ConsumerKey, credentials: Credentials) -> Self {
        Self {
            base_url,
            consumer_key,
            credentials,
        }
    }
}

impl Exchange for NativeFlow {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let path = PathAndQuery::from_static(PATH);
        let mut request = request::new(Method::GET, &self.base_url, path, Format::Xml)?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.credentials.into_authorization()?);
        headers.insert(CONSUMER_KEY, self.consumer_key.into_header_value()?);
        Ok(request)
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
    fn request_is_what_concur_documents() {
        let flow = NativeFlow::new(
            BaseUrl::US_PRODUCTION,
            ConsumerKey::new("hj7683jslks93lalkjss93").unwrap(),
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")
                .unwrap(),
        );
        let request = flow.into_request().unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(
            request.uri(),
            "https://www.concursolutions.com/net2/oauth2/accesstoken.ashx"
        );
        assert!(request.body().as_ref().is_empty());
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                ("accept", "application/xml"),
                ("accept-encoding", "identity"),
                (
                    "authorization",
                    "Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg=="
                ),
                ("x-consumerkey", "hj7683jslks93lalkjss93"),
            ]
        );
    }

    #[test]
    fn debug_shows_no_credentials() {
        let flow = NativeFlow::new(
            BaseUrl::US_PRODUCTION,
            ConsumerKey::new("key").unwrap(),
            Credentials::with_password("jo@example.com", "hunter2").unwrap(),
        );
        let shown = format!("{flow:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("jo@"),
            "{shown}"
        );
    }
}
