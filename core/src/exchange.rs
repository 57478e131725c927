//! The [`Exchange`] trait: one request to Concur, and how its response is read.

use std::time::SystemTime;

use crate::base_url::BaseUrl;
use crate::input::InputError;
use crate::response::ResponseError;
use crate::secret::SecretBody;

/// One request to Concur, and how its response is read.
///
/// Flows implement this trait and transports drive it. Between the two halves a runtime holds
/// nothing but bytes and the [`ResponseContext`].
///
/// # Examples
///
/// A transport in miniature:
///
/// ```
/// # extern crate concur_oauth_core as concur_oauth;
/// use concur_oauth::{Exchange, ResponseContext, SecretBody, http};
///
/// fn send<E: Exchange>(
///     exchange: E,
///     network: impl FnOnce(http::Request<SecretBody>) -> http::Response<Vec<u8>>,
/// ) -> Result<E::Output, Box<dyn std::error::Error>> {
///     let base_url = exchange.base_url().clone();
///     let request = exchange.into_request()?;
///     let context = ResponseContext::new(base_url, std::time::SystemTime::now());
///     let (head, body) = network(request).into_parts();
///     let response = http::Response::from_parts(head, body.as_slice());
///     Ok(E::parse(response, &context)?)
/// }
/// ```
pub trait Exchange: Sized {
    /// The value that the response is read as.
    type Output;

    /// Returns where the request goes.
    fn base_url(&self) -> &BaseUrl;

    /// Returns whether the request may be sent a second time when the connection broke before any
    /// byte of a response came.
    ///
    /// A request that spends what it carries, such as a request token, may not. A transport sends it over
    /// a connection of its own, because a reused one can be closing at that moment.
    #[must_use]
    fn is_resendable(&self) -> bool;

    /// Turns the value into the request to send.
    ///
    /// The buffers of the request that hold secrets are zeroed when their last clone is dropped:
    /// the body, header values and the query. Never format a request: `http::Request` prints its URI, and a URI
    /// with a query can hold a secret.
    ///
    /// # Errors
    ///
    /// [`InputError`] where a value cannot stand in a request.
    fn into_request(self) -> Result<http::Request<SecretBody>, InputError>;

    /// Returns the base URL to send the same request to, where the response says that this user
    /// lives in another data center. A transport asks this before [`parse`](Self::parse), and sends the request
    /// there, once, with its secrets. So an implementation names only a host that the service's trust rules allow,
    /// and only where the response says that nothing was done.
    ///
    /// By default there is none.
    #[must_use]
    fn elsewhere(response: &http::Response<&[u8]>, context: &ResponseContext) -> Option<BaseUrl> {
        let _ = (response, context);
        None
    }

    /// Reads the response.
    ///
    /// A response with an error status can come without its body, where a transport could not read
    /// that. The body is empty then, and a [`ProtocolError`](crate::http1::ProtocolError) in the response's
    /// extensions says why.
    ///
    /// # Errors
    ///
    /// [`ResponseError`] where Concur refused, or the response is not what was asked for.
    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<Self::Output, ResponseError>;
}

/// What a response does not say itself: which base URL was asked, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseContext {
    base_url: BaseUrl,
    sent_at: SystemTime,
}

impl ResponseContext {
    /// Creates the context of a response: the base URL that the request went to, and the time just
    /// before it was sent.
    ///
    /// A lifetime that a response states in seconds is counted from `sent_at`. Counted from before the
    /// request was sent, a token is never taken to live longer than it does.
    #[must_use]
    pub fn new(base_url: BaseUrl, sent_at: SystemTime) -> Self {
        Self { base_url, sent_at }
    }

    /// Returns the base URL that the request went to.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Returns the time just before the request was sent.
    #[must_use]
    pub fn sent_at(&self) -> SystemTime {
        self.sent_at
    }
}
