//! The token service that a round speaks: that of its administrator's token.

use std::borrow::Cow;
use std::time::Duration;

use super::ConnectionRequest;
use crate::application::Application;
use crate::authorization::RequestToken;
use crate::base_url::{BaseUrl, TrustDomain};
use crate::input::InputError;
use crate::net2::{CodeExchange, RevokeToken};
use crate::response::ResponseError;
use crate::step_request::{StepRequest, StepResponse};
use crate::token::{AccessToken, TokenScheme};
use crate::v0::{GLZ, RequestTokenGrant, RevokeConnections};

/// A token service: how request tokens are exchanged, and what becomes of a rejected user's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// `/net2/oauth2`.
    Net2,
    /// `/oauth2/v0`.
    V0 {
        /// Whether a rejected user's connections are revoked, an older living one included.
        revokes: bool,
    },
}

impl Service {
    pub(super) fn of(administrator: &AccessToken) -> Self {
        match administrator.scheme() {
            TokenScheme::OAuth => Self::Net2,
            TokenScheme::Bearer => Self::V0 { revokes: false },
        }
    }

    /// Returns how long a request token is valid.
    pub(super) const fn request_token_life(self) -> Duration {
        match self {
            Self::Net2 => RequestToken::LIFETIME,
            Self::V0 { .. } => RequestTokenGrant::LIFETIME,
        }
    }

    /// Returns whether a token that is not a connected user's is revoked. Otherwise it is handed back.
    pub(super) const fn revokes(self) -> bool {
        match self {
            Self::Net2 => true,
            Self::V0 { revokes } => revokes,
        }
    }

    /// Returns whether the exchange needs the user's ID beside the request token.
    pub(super) const fn needs_user_id(self) -> bool {
        matches!(self, Self::V0 { .. })
    }

    /// Returns the request that exchanges a request token. It goes to the administrator's base URL, or to the Global
    /// Landing Zone where that is of `v0`, or to the data center that the user was said to live in.
    pub(super) fn exchange<'a>(
        self,
        application: &Application,
        administrator: &'a AccessToken,
        (request, code): (&ConnectionRequest, &RequestToken),
        lives_at: Option<&BaseUrl>,
    ) -> Result<StepRequest<'a>, InputError> {
        let base_url = administrator.base_url();
        match self {
            Self::Net2 => {
                let exchange = CodeExchange::new(base_url, application, code);
                StepRequest::new(exchange, Cow::Borrowed(base_url))
            }
            Self::V0 { .. } => {
                // An emulator's data center stands for its own landing zone.
                let landing_zone = if TrustDomain::V0.trusts(&GLZ, base_url) {
                    &GLZ
                } else {
                    base_url
                };
                let at = lives_at.unwrap_or(landing_zone);
                let user_id = request.user_id().unwrap_or_default();
                let grant = RequestTokenGrant::new(application, user_id, code)?;
                StepRequest::new(grant.at(at), Cow::Owned(at.clone()))
            }
        }
    }

    pub(super) fn read_token(self, response: StepResponse) -> Result<AccessToken, ResponseError> {
        match self {
            Self::Net2 => response.read::<CodeExchange<'_>>(),
            Self::V0 { .. } => response.read::<RequestTokenGrant<'_>>(),
        }
    }

    /// Returns the request that revokes a token, authorized by the administrator or by the token itself.
    pub(super) fn revoke<'a>(
        self,
        administrator: &'a AccessToken,
        token: &AccessToken,
    ) -> Result<StepRequest<'a>, InputError> {
        match self {
            Self::Net2 => {
                let revoke = RevokeToken::new(administrator, token.token());
                StepRequest::new(revoke, Cow::Borrowed(administrator.base_url()))
            }
            Self::V0 { .. } => {
                let base_url = Cow::Owned(token.base_url().clone());
                StepRequest::new(RevokeConnections::new(token), base_url)
            }
        }
    }

    pub(super) fn read_revoked(self, response: StepResponse) -> Result<(), ResponseError> {
        match self {
            Self::Net2 => response.read::<RevokeToken<'_>>(),
            Self::V0 { .. } => response.read::<RevokeConnections<'_>>(),
        }
    }
}
