//! A new access token for an old one.

use http::Method;
use secrecy::{ExposeSecret, SecretString};

use crate::input::{Field, InputError, Problem};
use crate::token::{Renewal, document};
use crate::{AccessToken, Application, Exchange, InstanceUrl, ResponseError, request};

const PATH: &str = "/net2/oauth2/getaccesstoken.ashx";

/// The refresh: an application shows a refresh token, and gets a new access token.
///
/// It borrows the old token, so that a failed send can be tried again, and its answer is a [`Renewal`], which
/// [`AccessToken::renew`] takes: Concur documents no refresh token in it, and the old one is kept then.
///
/// ```
/// # use concur_oauth_core::{Application, ConsumerKey, Exchange, Refresh, TokenParts, AccessToken};
/// # let application = Application::new(ConsumerKey::new("key")?, "secret")?;
/// # let mut parts = TokenParts::new("old");
/// # parts.refresh_token = Some("refresh".into());
/// # parts.instance_url = Some("https://eu1.concursolutions.com".parse()?);
/// # let mut token = AccessToken::from(parts);
/// let refresh = Refresh::new(&application, &token)?;
/// // let renewal = client.send(refresh.instance(), refresh)?;
/// # let _ = refresh.into_request(refresh.instance())?;
/// # let answer = http::Response::new(&b"<Access_Token><Token>new</Token></Access_Token>"[..]);
/// # let renewal = Refresh::parse(answer, refresh.instance())?;
/// token.renew(renewal);
/// # use concur_oauth_core::ExposeSecret;
/// # assert_eq!(token.token().expose_secret(), "new");
/// assert!(token.refresh_token()?.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Sending it twice is harmless as far as Concur documents it: the refresh token stays in use. Whether the old
/// access token does, it does not say.
///
/// (Concur's page: *Authentication, Refreshing Access Tokens*.)
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    application: &'a Application,
    shown: &'a SecretString,
    instance: &'a InstanceUrl,
}

impl<'a> Refresh<'a> {
    /// A refresh of this token, by the application that it was given to.
    ///
    /// # Errors
    ///
    /// [`InputError`] where the token has no refresh token, or one that could not be read; and where it was
    /// built from parts that name no instance.
    pub fn new(application: &'a Application, token: &'a AccessToken) -> Result<Self, InputError> {
        let unknown = |field| InputError::new(field, Problem::Unknown);
        let shown = token.refresh_token().ok().flatten();
        Ok(Self {
            application,
            shown: shown.ok_or(unknown(Field::RefreshToken))?,
            instance: token.own_instance().ok_or(unknown(Field::InstanceUrl))?,
        })
    }

    /// Where it goes: the token's own instance.
    #[must_use]
    pub fn instance(&self) -> &'a InstanceUrl {
        self.instance
    }
}

impl Exchange for Refresh<'_> {
    type Output = Renewal;

    fn is_resendable(&self) -> bool {
        true
    }

    /// # Errors
    ///
    /// [`InputError`] also where the instance is not the token's own: its refresh token goes nowhere
    /// else.
    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        if instance != self.instance {
            return Err(InputError::new(Field::InstanceUrl, Problem::OtherInstance));
        }
        let pairs = [
            ("refresh_token", self.shown.expose_secret()),
            ("client_id", self.application.key().as_str()),
            ("client_secret", self.application.secret().expose_secret()),
        ];
        let path = request::path_with(PATH, &pairs, Field::RefreshToken)?;
        request::new(Method::GET, instance, path)
    }

    fn parse(
        response: http::Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<Renewal, ResponseError> {
        document::parse(&response, instance).map(Renewal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConsumerKey, FieldError, TokenParts};

    fn application() -> Application {
        Application::new(ConsumerKey::new("key").unwrap(), "se+cret").unwrap()
    }

    fn token(refresh_token: Option<&str>) -> AccessToken {
        let mut parts = TokenParts::new("old");
        parts.refresh_token = refresh_token.map(Into::into);
        parts.instance_url = Some(InstanceUrl::eu_production());
        parts.into()
    }

    fn renewal(document: &str) -> Renewal {
        let response = http::Response::new(document.as_bytes());
        Refresh::parse(response, &InstanceUrl::eu_production()).unwrap()
    }

    fn renewed(document: &str) -> AccessToken {
        let mut token = token(Some("old refresh"));
        token.renew(renewal(document));
        token
    }

    fn refresh_token(token: &AccessToken) -> &str {
        token.refresh_token().unwrap().unwrap().expose_secret()
    }

    #[test]
    fn the_request_is_what_concur_documents() {
        let (application, token) = (application(), token(Some("re=fresh")));
        let refresh = Refresh::new(&application, &token).unwrap();
        assert!(refresh.is_resendable());
        let request = refresh.into_request(&InstanceUrl::eu_production()).unwrap();
        assert_eq!(
            request.uri().to_string(),
            "https://eu1.concursolutions.com/net2/oauth2/getaccesstoken.ashx\
             ?refresh_token=re%3Dfresh&client_id=key&client_secret=se%2Bcret"
        );
        // A refresh token goes to its own instance only.
        let error = refresh.into_request(&InstanceUrl::default()).unwrap_err();
        assert_eq!(error.problem(), Problem::OtherInstance);
    }

    #[test]
    fn without_a_refresh_token_or_an_instance_there_is_none() {
        let error = Refresh::new(&application(), &token(None)).unwrap_err();
        assert_eq!(error.field(), Field::RefreshToken);
        let mut parts = token(Some("refresh")).into_parts();
        parts.instance_url = None;
        let error = Refresh::new(&application(), &parts.into()).unwrap_err();
        let found = (error.field(), error.problem());
        assert_eq!(found, (Field::InstanceUrl, Problem::Unknown));
    }

    #[test]
    fn what_the_answer_does_not_bring_is_kept() {
        let token = renewed("<Access_Token><Token>new</Token></Access_Token>");
        assert_eq!(token.token().expose_secret(), "new");
        assert_eq!(refresh_token(&token), "old refresh");
        assert_eq!(token.own_instance(), Some(&InstanceUrl::eu_production()));
        // The old expiry is the old token's.
        assert_eq!(token.expires_at(), Ok(None));

        let doubled = "<Access_Token><Token>hidden</Token><Refresh_Token>a</Refresh_Token>\
             <Refresh_Token>b</Refresh_Token></Access_Token>";
        assert_eq!(refresh_token(&renewed(doubled)), "old refresh");
        // That it was not kept on purpose can be seen.
        let renewal = renewal(doubled);
        let error = renewal.token().refresh_token().unwrap_err();
        assert_eq!(error, FieldError::Repeated);
        assert!(!format!("{renewal:?}").contains("hidden"));
    }

    #[test]
    fn what_it_brings_is_taken() {
        let token = renewed(
            "<Access_Token><Token>new</Token><Refresh_Token>new refresh</Refresh_Token>\
             <Instance_Url>https://www.ea1.concursolutions.com</Instance_Url></Access_Token>",
        );
        assert_eq!(refresh_token(&token), "new refresh");
        let own = token.own_instance().unwrap().to_string();
        assert_eq!(own, "https://www.ea1.concursolutions.com");
    }
}
