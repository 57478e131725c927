//! What passes between a state machine and the transport that sends for it.

use std::borrow::Cow;
use std::fmt;

use zeroize::Zeroizing;

use crate::base_url::BaseUrl;
use crate::exchange::{Exchange, ResponseContext};
use crate::input::InputError;
use crate::response::ResponseError;
use crate::secret::SecretBody;
use crate::v0::named_elsewhere;

/// A request that a state machine of this crate wants sent, such as a [`Round`](crate::auto_connect::Round).
///
/// It is an [`Exchange`] like any other. Its response goes back to the state machine, which reads it.
#[must_use = "the state machine waits for its response"]
pub struct StepRequest<'a> {
    base_url: Cow<'a, BaseUrl>,
    request: http::Request<SecretBody>,
    resendable: bool,
}

impl<'a> StepRequest<'a> {
    /// Creates the request of an exchange that goes to `base_url`.
    pub(crate) fn new(
        exchange: impl Exchange,
        base_url: Cow<'a, BaseUrl>,
    ) -> Result<Self, InputError> {
        Ok(Self {
            base_url,
            resendable: exchange.is_resendable(),
            request: exchange.into_request()?,
        })
    }
}

impl StepRequest<'static> {
    /// Creates the request of an exchange, which borrows nothing of it. [`StepResponse::read`] reads its response.
    ///
    /// # Errors
    ///
    /// [`InputError`] where a value cannot stand in a request.
    pub fn owned(exchange: impl Exchange) -> Result<Self, InputError> {
        let base_url = Cow::Owned(exchange.base_url().clone());
        Self::new(exchange, base_url)
    }
}

impl fmt::Debug for StepRequest<'_> {
    /// Writes method and path, for a log, and not the query, which holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepRequest")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .finish_non_exhaustive()
    }
}

impl Exchange for StepRequest<'_> {
    type Output = StepResponse;

    fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    fn is_resendable(&self) -> bool {
        self.resendable
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        Ok(self.request)
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<StepResponse, ResponseError> {
        Ok(StepResponse {
            response: response.map(|body| Zeroizing::new(body.to_vec())),
            context: context.clone(),
        })
    }
}

/// The response to a [`StepRequest`], for the state machine that wanted it sent. It is wiped when it is dropped.
pub struct StepResponse {
    response: http::Response<Zeroizing<Vec<u8>>>,
    context: ResponseContext,
}

impl StepResponse {
    /// Returns the data center that a user lives in, where it says so and that is inside the trust domain.
    pub(crate) fn lives_at(&self) -> Option<BaseUrl> {
        let (status, body) = (self.response.status(), self.response.body().as_slice());
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        named_elsewhere(&response, &self.context)
    }

    /// Returns the time just before the request was sent.
    #[cfg(feature = "keeper")]
    pub(crate) fn sent_at(&self) -> std::time::SystemTime {
        self.context.sent_at()
    }

    /// Reads it as the response to the exchange that [`StepRequest::owned`] was created of.
    ///
    /// # Errors
    ///
    /// [`ResponseError`] as that exchange has it.
    pub fn read<E: Exchange>(self) -> Result<E::Output, ResponseError> {
        let (head, body) = self.response.into_parts();
        let response = http::Response::from_parts(head, body.as_slice());
        E::parse(response, &self.context)
    }
}

impl fmt::Debug for StepResponse {
    /// Writes the status, and not the body, which can hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepResponse")
            .field("status", &self.response.status())
            .finish_non_exhaustive()
    }
}
