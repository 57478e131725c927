//! The Native flow.

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method};

use crate::input::{Field, InputError, Problem};
use crate::token::document;
use crate::{AccessToken, ConsumerKey, Credentials, Exchange, InstanceUrl, ResponseError, request};

const PATH: &str = "/net2/oauth2/accesstoken.ashx";
const CONSUMER_KEY: HeaderName = HeaderName::from_static("x-consumerkey");

/// The Native flow: a user's credentials, sent once, come back as an access token.
///
/// It is for an application that holds the credentials itself: while it is being designed and
/// tested, or for a back-office integration that acts as a Web Services Administrator. Concur asks
/// the application to delete any record of login ID and password afterwards. This type owns them,
/// and [`into_request`](Exchange::into_request) consumes it: from then on the only copy is inside
/// the request, and is wiped with it. The price is that a failed send needs the credentials again.
///
/// Sending it twice is harmless: it asks for a token, and changes nothing.
///
/// (Concur's pages: *Authentication, Native Flow*.)
#[derive(Debug)]
pub struct NativeFlow {
    consumer_key: ConsumerKey,
    credentials: Credentials,
}

impl NativeFlow {
    /// A Native flow for the user with these credentials, asked for by this application.
    #[must_use]
    pub fn new(consumer_key: ConsumerKey, credentials: Credentials) -> Self {
        Self {
            consumer_key,
            credentials,
        }
    }
}

impl Exchange for NativeFlow {
    type Output = AccessToken;

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let path = PathAndQuery::from_static(PATH);
        let mut request = request::new(Method::GET, instance, path)?;
        let authorization = self
            .credentials
            .into_authorization()
            .ok_or(InputError::new(
                Field::Password,
                Problem::Malformed("does not fit in a header"),
            ))?;
        let consumer_key =
            HeaderValue::try_from(self.consumer_key.into_string()).map_err(|_| {
                InputError::new(
                    Field::ConsumerKey,
                    Problem::Malformed("does not fit in a header"),
                )
            })?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(CONSUMER_KEY, consumer_key);
        Ok(request)
    }

    fn parse(
        response: http::Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<AccessToken, ResponseError> {
        document::parse(&response, instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_what_concur_documents() {
        let flow = NativeFlow::new(
            ConsumerKey::new("hj7683jslks93lalkjss93").unwrap(),
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")
                .unwrap(),
        );
        let request = flow.into_request(&InstanceUrl::default()).unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(
            request.uri(),
            "https://www.concursolutions.com/net2/oauth2/accesstoken.ashx"
        );
        assert!(request.body().is_empty());
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
