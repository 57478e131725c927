//! The Web flow: the URL that a user's browser is sent to.

use crate::application::ConsumerKey;
use crate::authorization::{CsrfState, RedirectUri, Scope};
use crate::base_url::BaseUrl;
use crate::input::{InputError, InputField, InputProblem};
use crate::wire::percent;

const PATH: &str = "/net2/oauth2/Login.aspx";

/// The Web flow: the user is sent to Concur, signs in, sees what the application asks for, consents, and
/// returns with a request token.
///
/// ```text
///   application            browser               Concur
///       │ authorization_url   │                     │
///       │────────────────────▶│────────────────────▶│ signs in, consents
///       │   parse_callback    │◀────────────────────│ code and state, or error
///       │◀────────────────────│                     │
///       │ CodeExchange                              │
///       │──────────────────────────────────────────▶│
///       │◀──────────────────────────────────────────│ access token
/// ```
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::net2::WebFlow;
/// use concur_oauth::{BaseUrl, ConsumerKey, CsrfState, ExposeSecret, RedirectUri, Scope, parse_callback};
///
/// # fn random() -> [u8; 16] { *b"\x8c\x1d\x2f\x6b\x0a\x9e\x4d\x77\x5e\x3f\x0b\x1a\x7c\x6d\x92\x84" }
/// // Made at random for each user, and kept in the user's session.
/// let state = CsrfState::from_random(random());
/// let flow = WebFlow::new(
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     RedirectUri::new("https://app.example/back")?,
///     [Scope::EXPRPT, Scope::ITINER],
/// )?;
/// let url = flow.authorization_url(&BaseUrl::US_PRODUCTION, &state);
/// assert_eq!(
///     url,
///     "https://www.concursolutions.com/net2/oauth2/Login.aspx?client_id=hj7683jslks93lalkjss93\
///      &scope=EXPRPT%2CITINER&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284",
/// );
///
/// // ... the user returns, to https://app.example/back?code=1029384756&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284
/// let code = parse_callback("code=1029384756&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284", &state)?;
/// assert_eq!(code.secret().expose_secret(), "1029384756");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Then a [`CodeExchange`](super::CodeExchange) spends the request token. (Concur's page:
/// *Authentication, Web Flow*.)
#[derive(Debug, Clone)]
pub struct WebFlow {
    key: ConsumerKey,
    redirect_uri: RedirectUri,
    scopes: Vec<Scope>,
}

impl WebFlow {
    /// Creates a Web flow for this application. The user sees the scopes.
    ///
    /// # Errors
    ///
    /// [`InputError`] where there is no scope.
    pub fn new(
        key: ConsumerKey,
        redirect_uri: RedirectUri,
        scopes: impl IntoIterator<Item = Scope>,
    ) -> Result<Self, InputError> {
        let scopes: Vec<_> = scopes.into_iter().collect();
        if scopes.is_empty() {
            return Err(InputError::new(InputField::SCOPE, InputProblem::Empty));
        }
        Ok(Self {
            key,
            redirect_uri,
            scopes,
        })
    }

    /// Returns the URL to send the user's browser to: Concur's sign-in page at this data center, with the state
    /// that the browser returns with.
    #[must_use]
    pub fn authorization_url(&self, base_url: &BaseUrl, state: &CsrfState) -> String {
        let mut url = format!("{base_url}{PATH}");
        let scopes = self.scopes.iter().map(Scope::as_str);
        let scopes = scopes.collect::<Vec<_>>().join(",");
        for (name, value) in [
            ("?client_id=", self.key.as_str()),
            ("&scope=", scopes.as_str()),
            ("&redirect_uri=", self.redirect_uri.as_str()),
            ("&state=", state.as_str()),
        ] {
            url.push_str(name);
            percent::encode(value, |byte| url.push(char::from(byte)));
        }
        url
    }
}
