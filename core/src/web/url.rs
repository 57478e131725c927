use crate::input::{Field, InputError, Problem};
use crate::{ConsumerKey, InstanceUrl, RedirectUri, Scope, State, query};

const PATH: &str = "/net2/oauth2/Login.aspx";

/// The Web flow: the user is sent to Concur, signs in, sees what the application asks for, consents, and
/// comes back with a request token.
///
/// ```
/// use concur_oauth_core::{
///     ConsumerKey, ExposeSecret, InstanceUrl, RedirectUri, Scope, State, WebFlow, read_web_return,
/// };
///
/// // Made at random for each user, and kept in the user's session.
/// let state = State::new("8c1d2f6b0a9e4d775e3f0b1a7c6d9284")?;
/// let flow = WebFlow::new(
///     ConsumerKey::new("hj7683jslks93lalkjss93")?,
///     RedirectUri::new("https://app.example/back")?,
///     [Scope::EXPRPT, Scope::ITINER],
/// )?;
/// let url = flow.url(&InstanceUrl::default(), &state);
/// assert_eq!(
///     url,
///     "https://www.concursolutions.com/net2/oauth2/Login.aspx?client_id=hj7683jslks93lalkjss93\
///      &scope=EXPRPT%2CITINER&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284",
/// );
///
/// // ... the user comes back, to https://app.example/back?code=1029384756&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284
/// let code = read_web_return("code=1029384756&state=8c1d2f6b0a9e4d775e3f0b1a7c6d9284", &state)?;
/// assert_eq!(code.secret().expose_secret(), "1029384756");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Then a [`CodeExchange`](crate::CodeExchange) spends the request token. (Concur's page:
/// *Authentication, Web Flow*.)
#[derive(Debug, Clone)]
pub struct WebFlow {
    key: ConsumerKey,
    redirect_uri: RedirectUri,
    scopes: Vec<Scope>,
}

impl WebFlow {
    /// A Web flow of this application. The user sees the scopes.
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
            return Err(InputError::new(Field::Scope, Problem::Empty));
        }
        Ok(Self {
            key,
            redirect_uri,
            scopes,
        })
    }

    /// Where to send the user's browser: sign-in at this instance, with this state to come back with.
    #[must_use]
    pub fn url(&self, instance: &InstanceUrl, state: &State) -> String {
        let mut url = format!("{instance}{PATH}?client_id=");
        let mut append = |text: &str| query::encode(text, |byte| url.push(char::from(byte)));
        append(self.key.as_str());
        let scopes = self.scopes.iter().map(Scope::as_str);
        let scopes = scopes.collect::<Vec<_>>().join(",");
        for (name, value) in [
            ("&scope=", scopes.as_str()),
            ("&redirect_uri=", self.redirect_uri.as_str()),
            ("&state=", state.as_str()),
        ] {
            url.push_str(name);
            query::encode(value, |byte| url.push(char::from(byte)));
        }
        url
    }
}
