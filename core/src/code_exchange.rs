//! The second half of the Web, App Center and Auto-Connect flows.

use http::Method;
use secrecy::ExposeSecret;

use crate::input::{Field, InputError};
use crate::token::document;
use crate::{
    AccessToken, Application, Exchange, InstanceUrl, RequestToken, ResponseError, request,
};

const PATH: &str = "/net2/oauth2/GetAccessToken.ashx";

/// The code exchange: an application spends a request token, and gets an access token.
///
/// It goes to the instance that the user was sent to; for App Center and Auto-Connect, to the
/// application's own. It borrows what must survive a failed send. But a request token can be spent only
/// once, so a transport never sends this twice: where it
/// [may have reached Concur](crate::transport::Error::may_have_reached_concur), the user must be
/// asked again.
///
/// That befalls one that goes out on a connection that was kept, and that the server is just closing. It is rare; who
/// has rather a new connection each time tells the client to keep none.
///
/// The application's secret and the request token stand in the request's query. Both are wiped with
/// the request, and a request is never to be formatted: it would print them.
///
/// (Concur's pages: *Authentication, Web Flow*, *App Center Flow*.)
#[derive(Debug, Clone, Copy)]
pub struct CodeExchange<'a> {
    application: &'a Application,
    code: &'a RequestToken,
}

impl<'a> CodeExchange<'a> {
    /// An exchange of this request token, by the application that it was given to.
    #[must_use]
    pub fn new(application: &'a Application, code: &'a RequestToken) -> Self {
        Self { application, code }
    }
}

impl Exchange for CodeExchange<'_> {
    type Output = AccessToken;

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let pairs = [
            ("code", self.code.secret().expose_secret()),
            ("client_id", self.application.key().as_str()),
            ("client_secret", self.application.secret().expose_secret()),
        ];
        let path = request::path_with(PATH, &pairs, Field::RequestToken)?;
        request::new(Method::GET, instance, path)
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
    use crate::ConsumerKey;

    #[test]
    fn the_request_is_what_concur_documents() {
        let key = ConsumerKey::new("VDV5Y532NafpmDLtbve7Md").unwrap();
        let application = Application::new(key, "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z").unwrap();
        let code = RequestToken::new("0_XI1GL5BTe05Wr76W0bkK3hPg2sF7gcZ").unwrap();
        let request = CodeExchange::new(&application, &code)
            .into_request(&InstanceUrl::default())
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
        assert!(request.body().is_empty());
    }

    #[test]
    fn neither_code_nor_secret_shows() {
        let key = ConsumerKey::new("key").unwrap();
        let application = Application::new(key, "hidden-secret").unwrap();
        let code = RequestToken::new("hidden-code").unwrap();
        let shown = format!("{:?}", CodeExchange::new(&application, &code));
        assert!(!shown.contains("hidden"), "{shown}");
    }
}
