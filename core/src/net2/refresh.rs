//! The refresh: a new access token for a refresh token.

use http::Method;
use secrecy::{ExposeSecret, SecretString};

use super::token_document;
use crate::application::Application;
use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::{InputError, InputField, InputProblem};
use crate::request;
use crate::response::ResponseError;
use crate::secret::{SecretBody, path_with_query};
use crate::token::{AccessToken, RefreshResponse};
use crate::wire::Format;

const PATH: &str = "/net2/oauth2/getaccesstoken.ashx";

/// The refresh: an application shows a refresh token and gets a new access token.
///
/// It borrows the refresh token, so that a failed send loses nothing. Its response is a [`RefreshResponse`],
/// which [`AccessToken::apply_refresh`] takes. Concur documents no refresh token in the response: the old one
/// is kept then.
///
/// A transport never sends this twice by itself, because nothing documents what a second request does to the
/// tokens of the first.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::net2::Refresh;
/// # use concur_oauth::{
/// #     AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ExposeSecret, ResponseContext, TokenParts, TokenScheme, http,
/// # };
/// # let application = Application::new(ConsumerKey::new("key")?, "secret")?;
/// # let mut parts = TokenParts::new(TokenScheme::OAuth, "old", BaseUrl::EU_PRODUCTION);
/// # parts.refresh_token = Some("refresh".into());
/// # let mut token = AccessToken::from(parts);
///
/// let refresh = Refresh::for_token(&application, &token)?;
/// // let response = client.send(refresh)?;
/// # let context = ResponseContext::new(BaseUrl::EU_PRODUCTION, std::time::SystemTime::UNIX_EPOCH);
/// # let response = http::Response::new(&b"<Access_Token><Token>new</Token></Access_Token>"[..]);
/// # let response = Refresh::parse(response, &context)?;
/// let changes = token.apply_refresh(response);
///
/// assert_eq!(token.token().expose_secret(), "new");
/// assert!(token.refresh_token().is_some());
/// assert!(changes.moved_from().is_none() && !changes.has_new_refresh_token());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, Refreshing Access Tokens*.)
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    base_url: &'a BaseUrl,
    application: &'a Application,
    token: &'a SecretString,
}

impl<'a> Refresh<'a> {
    /// Creates a refresh from its values: the token's own base URL, the application that the token was granted
    /// to, and the refresh token.
    #[must_use]
    pub fn new(
        base_url: &'a BaseUrl,
        application: &'a Application,
        refresh_token: &'a SecretString,
    ) -> Self {
        Self {
            base_url,
            application,
            token: refresh_token,
        }
    }

    /// Creates a refresh of this token, at its own base URL.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token has no refresh token.
    pub fn for_token(
        application: &'a Application,
        token: &'a AccessToken,
    ) -> Result<Self, InputError> {
        let missing = InputError::new(InputField::REFRESH_TOKEN, InputProblem::Missing);
        let refresh_token = token.refresh_token().ok_or(missing)?;
        Ok(Self::new(token.base_url(), application, refresh_token))
    }
}

impl Exchange for Refresh<'_> {
    type Output = RefreshResponse;

    fn base_url(&self) -> &BaseUrl {
        self.base_url
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let pairs = [
            ("refresh_token", self.token.expose_secret()),
            ("client_id", self.application.key().as_str()),
            ("client_secret", self.application.secret().expose_secret()),
        ];
        let path = path_with_query(PATH, &pairs, InputField::REFRESH_TOKEN)?;
        request::new(Method::GET, self.base_url, path, Format::Xml)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<RefreshResponse, ResponseError> {
        token_document::parse(&response, context).map(RefreshResponse::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ConsumerKey;
    use crate::token::{TokenChanges, TokenParts, TokenScheme};

    fn application() -> Application {
        Application::new(ConsumerKey::new("key").unwrap(), "se+cret").unwrap()
    }

    fn token(refresh_token: Option<&str>) -> AccessToken {
        let mut parts = TokenParts::new(TokenScheme::OAuth, "old", BaseUrl::EU_PRODUCTION);
        parts.refresh_token = refresh_token.map(Into::into);
        parts.into()
    }

    fn refreshed(document: &str) -> (AccessToken, TokenChanges) {
        let context =
            ResponseContext::new(BaseUrl::EU_PRODUCTION, std::time::SystemTime::UNIX_EPOCH);
        let response = http::Response::new(document.as_bytes());
        let response = Refresh::parse(response, &context).unwrap();
        let shown = format!("{response:?}");
        assert!(!shown.contains("hidden"), "{shown}");
        let mut token = token(Some("old refresh"));
        let changes = token.apply_refresh(response);
        (token, changes)
    }

    fn refresh_token(token: &AccessToken) -> &str {
        token.refresh_token().unwrap().expose_secret()
    }

    #[test]
    fn request_is_what_concur_documents() {
        let (application, token) = (application(), token(Some("re=fresh")));
        let refresh = Refresh::for_token(&application, &token).unwrap();
        assert!(!refresh.is_resendable());
        assert_eq!(
            refresh.into_request().unwrap().uri().to_string(),
            "https://eu1.concursolutions.com/net2/oauth2/getaccesstoken.ashx\
             ?refresh_token=re%3Dfresh&client_id=key&client_secret=se%2Bcret"
        );
    }

    #[test]
    fn token_without_refresh_token_is_an_error() {
        let error = Refresh::for_token(&application(), &token(None)).unwrap_err();
        let found = (error.field(), error.problem());
        assert_eq!(found, (InputField::REFRESH_TOKEN, InputProblem::Missing));
    }

    #[test]
    fn what_the_response_does_not_bring_is_kept() {
        let (token, changes) = refreshed("<Access_Token><Token>new</Token></Access_Token>");
        assert_eq!(token.token().expose_secret(), "new");
        assert_eq!(refresh_token(&token), "old refresh");
        assert_eq!(token.base_url(), &BaseUrl::EU_PRODUCTION);
        // The old expiry is the old token's.
        assert_eq!(token.expires_at(), None);
        assert!(changes.moved_from().is_none() && !changes.has_new_refresh_token());

        let (token, changes) = refreshed(
            "<Access_Token><Token>hidden</Token><Refresh_Token>a</Refresh_Token>\
             <Refresh_Token>b</Refresh_Token></Access_Token>",
        );
        assert_eq!(refresh_token(&token), "old refresh");
        assert!(!changes.has_new_refresh_token());
    }

    #[test]
    fn what_the_response_brings_is_taken_and_reported() {
        let (token, changes) = refreshed(
            "<Access_Token><Token>hidden</Token><Refresh_Token>hidden too</Refresh_Token>\
             <Instance_Url>https://www.concursolutions.com/</Instance_Url></Access_Token>",
        );
        assert_eq!(refresh_token(&token), "hidden too");
        assert_eq!(token.base_url(), &BaseUrl::US_PRODUCTION);
        assert_eq!(changes.moved_from(), Some(&BaseUrl::EU_PRODUCTION));
        assert!(changes.has_new_refresh_token());
    }

    #[test]
    fn token_has_the_sent_refresh_token_or_the_new_one() {
        let context =
            ResponseContext::new(BaseUrl::EU_PRODUCTION, std::time::SystemTime::UNIX_EPOCH);
        for (fields, expected) in [("", "sent"), ("<Refresh_Token>new</Refresh_Token>", "new")] {
            let body = format!("<Access_Token><Token>t</Token>{fields}</Access_Token>");
            let response = http::Response::new(body.as_bytes());
            let response = Refresh::parse(response, &context).unwrap();
            assert_eq!(refresh_token(&response.into_token("sent".into())), expected);
        }
    }

    #[test]
    fn foreign_base_url_does_not_move_the_token() {
        for url in ["https://evil.example/", "http://www.concursolutions.com/"] {
            let (token, changes) = refreshed(&format!(
                "<Access_Token><Token>new</Token><Instance_Url>{url}</Instance_Url></Access_Token>"
            ));
            assert_eq!(token.base_url(), &BaseUrl::EU_PRODUCTION, "{url}");
            assert_eq!(changes.moved_from(), None);
            assert_eq!(token.warnings().len(), 1);
        }
    }
}
