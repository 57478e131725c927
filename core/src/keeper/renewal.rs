//! With what a grant is renewed, the request for it, and what the response brings.

use std::fmt;

use secrecy::SecretString;

use super::Grant;
use crate::application::{Application, ConsumerKey};
use crate::authorization::Scope;
use crate::base_url::BaseUrl;
use crate::input::InputError;
use crate::net2;
use crate::response::ResponseError;
use crate::step_request::{StepRequest, StepResponse};
use crate::token::TokenScheme;
use crate::v0::{self, ClientCredentialsGrant};

/// With what a grant is renewed.
#[derive(Clone)]
pub(super) enum Renewal {
    RefreshToken(SecretString),
    ClientCredentials(Box<ClientCredentials>),
}

/// How tokens of an application itself are obtained: by its ID and secret alone, with the
/// [client credentials grant](ClientCredentialsGrant) of [`v0`].
///
/// A keeper that is given them obtains a token when one is first asked for, and keeps it in memory alone:
/// [`Keeper::set_client_credentials`](super::Keeper::set_client_credentials), or the builder of a driver. Where processes are to
/// share the token, put [`Grant::of_application`].
///
/// # Examples
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::keeper::ClientCredentials;
/// use concur_oauth::v0::ClientId;
/// use concur_oauth::{BaseUrl, Scope};
///
/// let id = ClientId::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11")?;
/// let credentials = ClientCredentials::new(id, BaseUrl::EU2).with_scopes([Scope::new("events.topic.read")?]);
/// // Keeper::builder(client, store).application(application).client_credentials(name, credentials)
/// # drop(credentials);
/// # Ok::<(), concur_oauth::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    client_id: ConsumerKey,
    base_url: BaseUrl,
    scopes: Vec<Scope>,
}

impl ClientCredentials {
    /// Creates them for the application with this ID, in this data center. The keeper must have the application, with its
    /// secret.
    #[must_use]
    pub fn new(client_id: ConsumerKey, base_url: BaseUrl) -> Self {
        Self {
            client_id,
            base_url,
            scopes: Vec::new(),
        }
    }

    /// Asks for these scopes alone. By default a token has all that the application has.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes = scopes.into_iter().collect();
        self
    }

    /// Returns the application's ID.
    #[must_use]
    pub fn client_id(&self) -> &ConsumerKey {
        &self.client_id
    }

    /// Returns the data center that is asked.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Returns the scopes that are asked for. Where there are none, a token has all that the application has.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }
}

impl Grant {
    /// Creates the request that renews the grant.
    pub(super) fn renewal_request(
        &self,
        application: &Application,
    ) -> Result<StepRequest<'static>, InputError> {
        let base_url = self.renewal_base_url();
        match (self.renewal(), self.token().scheme()) {
            (Renewal::ClientCredentials(credentials), _) => {
                let grant = ClientCredentialsGrant::new(base_url, application);
                StepRequest::owned(grant.with_scopes(&credentials.scopes))
            }
            (Renewal::RefreshToken(token), TokenScheme::Bearer) => {
                StepRequest::owned(v0::Refresh::new(base_url, application, token))
            }
            (Renewal::RefreshToken(token), TokenScheme::OAuth) => {
                StepRequest::owned(net2::Refresh::new(base_url, application, token))
            }
        }
    }

    /// Reads the response to that request: the grant as it is now, and whether its refresh token was rotated.
    pub(super) fn renewed(&self, response: StepResponse) -> Result<(Self, bool), ResponseError> {
        let sent_at = response.sent_at();
        let response = match (self.renewal(), self.token().scheme()) {
            (Renewal::ClientCredentials(_), _) => {
                let token = response.read::<ClientCredentialsGrant<'_>>()?;
                return Ok((self.clone().replaced(token, sent_at), false));
            }
            (_, TokenScheme::Bearer) => response.read::<v0::Refresh<'_>>()?,
            (_, TokenScheme::OAuth) => response.read::<net2::Refresh<'_>>()?,
        };
        let mut token = self.whole_token();
        let rotated = token.apply_refresh(response).has_new_refresh_token();
        Ok((self.clone().replaced(token, sent_at), rotated))
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RefreshToken(_) => "RefreshToken",
            Self::ClientCredentials(_) => "ClientCredentials",
        })
    }
}
