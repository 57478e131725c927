//! The code exchange: the second half of the Web, App Center and Auto-Connect flows.

use http::Method;
use secrecy::ExposeSecret;

use super::token_document;
use crate::application::Application;
use crate::authorization::RequestToken;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{InputError, InputField};
use crate::request;
use crate::response::ResponseError;
use crate::secret::{SecretBody, path_with_query};
use crate::token::AccessToken;
use crate::wire::Format;

const PATH: &str = "/net2/oauth2/GetAccessToken.ashx";

/// The code exchange: an application spends a request token and gets an access token.
///
/// It goes to the data center that the user was sent to. For App Center and Auto-Connect that is the
/// application's own. It borrows what must survive a failed send. A request token can be spent only
/// once, so a transport never sends this twice, and sends it over a connection of its own. Where it
/// [may have reached Concur](crate::Error::may_have_reached_concur) and failed, the user must be
/// asked again.
///
/// The application's secret and the request token stand in the request's query. Both are wiped with
/// the request. Never format a request: that would print them.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::net2::CodeExchange;
/// use concur_oauth::{Application, BaseUrl, ConsumerKey, parse_app_center_callback};
///
/// let key = ConsumerKey::new("VDV5Y532NafpmDLtbve7Md")?;
/// let application = Application::new(key, "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z")?;
/// let code = parse_app_center_callback("code=0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ")?;
/// let exchange = CodeExchange::new(&BaseUrl::US_PRODUCTION, &application, &code);
/// // let token = client.send(exchange)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's pages: *Authentication, Web Flow*, *App Center Flow*.)
#[derive(Debug, Clone, Copy)]
pub struct CodeExchange<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    code: &'a RequestToken,
}

impl<'a> CodeExchange<'a> {
    /// Creates the exchange of this request token, by the application that it was issued to.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        code: &'a RequestToken,
    ) -> Self {
        Self {
            base_url,
            application,
            code,
        }
    }
}

impl Exchange for CodeExchange<'_> {
    type Output = AccessToken;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let pairs = [
            ("code", self.code.secret().expose_secret()),
            ("client_id", self.application.key().as_str()),
            ("client_secret", self.application.secret().expose_secret()),
        ];
        let path = path_with_query(PATH, &pairs, InputField::REQUEST_TOKEN)?;
        request::new(Method::GET, self.base_url, path, Format::Xml)
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
    use crate::application::ConsumerKey;

    #[test]
    fn request_is_what_concur_documents() {
        let key = ConsumerKey::new("VDV5Y532NafpmDLtbve7Md").unwrap();
        let application = Application::new(key, "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z").unwrap();
        let code = RequestToken::new("0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ").unwrap();
        let request = CodeExchange::new(&BaseUrl::US_PRODUCTION, &application, &code)
            .into_request()
            .unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(
            request.uri().to_string(),
            "https://www.concursolutions.com/net2/oauth2/GetAccessToken.ashx\
             ?code=0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ\
             &client_id=VDV5Y532NafpmDLtbve7Md\
             &client_secret=3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z"
        );
        assert_eq!(request.headers()["accept"], "application/xml");
        assert!(request.body().as_ref().is_empty());
    }

    #[test]
    fn debug_shows_neither_code_nor_secret() {
        let key = ConsumerKey::new("key").unwrap();
        let application = Application::new(key, "hidden-secret").unwrap();
        let code = RequestToken::new("hidden-code").unwrap();
        let shown = format!(
            "{:?}",
            CodeExchange::new(&BaseUrl::US_PRODUCTION, &application, &code)
        );
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
