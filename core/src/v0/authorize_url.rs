//! The Web flow: the URL that a user's browser is sent to.

use super::data_centers;
use crate::application::ConsumerKey;
use crate::authorization::{CsrfState, RedirectUri, Scope};
use crate::base_url::BaseUrl;
use crate::wire::percent;

const PATH: &str = "/oauth2/v0/authorize";

/// The Web flow: the user is sent to Concur, signs in, consents, and returns with an authorization code.
///
/// ```text
///   application            browser               Concur
///       │ authorization_url   │                     │
///       │────────────────────▶│────────────────────▶│ signs in, consents
///       │   parse_callback    │◀────────────────────│ code and state, or error_code
///       │◀────────────────────│                     │
///       │ AuthorizationCodeGrant                    │
///       │──────────────────────────────────────────▶│
///       │◀──────────────────────────────────────────│ access token, refresh token
/// ```
///
/// The redirect URI must be registered with Concur for the application.
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// # fn random() -> [u8; 16] { *b"\x8c\x1d\x2f\x6b\x0a\x9e\x4d\x77\x5e\x3f\x0b\x1a\x7c\x6d\x92\x84" }
/// use concur_oauth::v0::{AuthorizationCodeGrant, ClientId, WebFlow, parse_callback};
/// use concur_oauth::{Application, BaseUrl, CsrfState, RedirectUri, Scope};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let redirect_uri = RedirectUri::new("https://app.example/back")?;
/// // Made at random for each user, and kept in the user's session.
/// let state = CsrfState::from_random(random());
/// let flow = WebFlow::new(id.clone(), redirect_uri.clone())
///     .with_scopes([Scope::new("expense.report.read")?, Scope::new("user.read")?]);
/// let url = flow.authorization_url(&BaseUrl::GLZ, &state);
/// assert_eq!(
///     url,
///     "https://www-glz.api.concursolutions.com/oauth2/v0/authorize\
///      ?client_id=3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11&redirect_uri=https%3A%2F%2Fapp.example%2Fback\
///      &response_type=code&scope=expense.report.read%20user.read&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284",
/// );
///
/// // ... the user returns, to https://app.example/back?geolocation=...&code=...&state=...
/// let query = "geolocation=https://us2.api.concursolutions.com&code=c0de&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284";
/// let callback = parse_callback(query, &state)?;
/// let application = Application::new(id, "c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55")?;
/// let grant = AuthorizationCodeGrant::new(&application, &redirect_uri, callback.code());
/// // let token = client.send(grant)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// (Concur's page: *Authentication, Authorization Grant*.)
#[derive(Debug, Clone)]
pub struct WebFlow {
    id: ConsumerKey,
    redirect_uri: RedirectUri,
    scopes: Vec<Scope>,
}

impl WebFlow {
    /// Creates a Web flow for the application with this client ID.
    #[must_use]
    pub fn new(id: ConsumerKey, redirect_uri: RedirectUri) -> Self {
        Self {
            id,
            redirect_uri,
            scopes: Vec::new(),
        }
    }

    /// Asks for these scopes alone. By default the user is asked for all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes = scopes.into_iter().collect();
        self
    }

    /// Returns the URL to send the user's browser to: Concur's sign-in page, with the state that the browser returns with.
    ///
    /// The base URL is [`BaseUrl::GLZ`] or the user's own data center, and is not checked: see
    /// [`check_base_url`](super::check_base_url). Of Concur's hosts the one for browsers is used, with
    /// `www-`: the others make a browser ask its user for a certificate.
    #[must_use]
    pub fn authorization_url(&self, base_url: &BaseUrl, state: &CsrfState) -> String {
        let mut url = format!("{}{PATH}", data_centers::for_browser(base_url));
        let scopes = self
            .scopes
            .iter()
            .map(Scope::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        for (name, value) in [
            ("?client_id=", self.id.as_str()),
            ("&redirect_uri=", self.redirect_uri.as_str()),
            ("&response_type=", "code"),
            ("&scope=", &scopes),
            ("&state=", state.as_str()),
        ] {
            if value.is_empty() {
                continue;
            }
            url.push_str(name);
            percent::encode(value, |byte| url.push(char::from(byte)));
        }
        url
    }
}
