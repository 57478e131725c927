//! The one idea of this crate.

use crate::{InputError, InstanceUrl, ResponseError};

/// One call to Concur: a value that knows how to become a request and how to read its answer.
///
/// Flows implement it and transports drive it; they meet nowhere else. Between the two halves a
/// runtime holds nothing but bytes.
///
/// ```
/// # use concur_oauth_core::{Exchange, InstanceUrl, InputError, ResponseError};
/// /// Sends with whatever this application has.
/// fn send<E: Exchange>(
///     exchange: E,
///     instance: &InstanceUrl,
///     network: impl FnOnce(http::Request<Vec<u8>>) -> http::Response<Vec<u8>>,
/// ) -> Result<E::Output, Box<dyn std::error::Error>> {
///     let request = exchange.into_request(instance)?;
///     let answer = network(request);
///     let (head, body) = answer.into_parts();
///     let answer = http::Response::from_parts(head, body.as_slice());
///     Ok(E::parse(answer, instance)?)
/// }
/// ```
pub trait Exchange: Sized {
    /// What the answer is read as.
    type Output;

    /// Whether the request may be sent a second time when the connection broke before any answer.
    ///
    /// A call that spends what it carries may not.
    #[must_use]
    fn is_resendable(&self) -> bool;

    /// Turns the value into the request to send to `instance`.
    ///
    /// The request is wiped as far as it can be when it is dropped: the headers that hold secrets
    /// are buffers that are zeroed when their last clone goes. A body is the transport's to wipe. Never
    /// format it: `http::Request` prints its URI, and a URI with a query can hold a secret.
    ///
    /// # Errors
    ///
    /// [`InputError`] where a value cannot stand in a request.
    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError>;

    /// Reads the answer to a request that went to `instance`.
    ///
    /// An answer with an error status can come without its body, where that could not be read: it is
    /// empty then, and a [`ProtocolError`](crate::transport::ProtocolError) in the response's
    /// extensions says why.
    ///
    /// # Errors
    ///
    /// [`ResponseError`] where Concur refused, or the answer is not what was asked for.
    fn parse(
        response: http::Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<Self::Output, ResponseError>;
}
