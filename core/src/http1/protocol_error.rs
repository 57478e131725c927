//! Why a response is not HTTP/1.1 that is accepted.

/// The response is not HTTP that is accepted, or is larger than what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The head is not an HTTP/1 head.
    #[error("its head is not HTTP")]
    MalformedHead,
    /// The head is longer than [`Limits::max_head`](super::Limits::max_head).
    #[error("its head is too long")]
    HeadTooLarge,
    /// The head has more header fields than [`Limits::max_headers`](super::Limits::max_headers).
    #[error("its head has too many header fields")]
    TooManyHeaders,
    /// `Content-Length` is not a number, or is given twice with different values.
    #[error("its lengths are not one number")]
    InvalidContentLength,
    /// `Content-Length` stands beside `Transfer-Encoding`.
    #[error("it gives a length beside a transfer coding")]
    ConflictingBodyHeaders,
    /// `Transfer-Encoding` is not `chunked`, or not alone.
    #[error("it has a transfer coding other than chunked")]
    TransferCoding,
    /// The body is compressed or encoded otherwise, though the request asked for no coding.
    #[error("its body is encoded, which was not asked for")]
    ContentCoding,
    /// The body is longer than [`Limits::max_body`](super::Limits::max_body).
    #[error("its body is too long")]
    BodyTooLarge,
    /// A chunk does not have the form that it must have.
    #[error("its chunks are malformed")]
    MalformedChunk,
    /// The response ended too early.
    #[error("it was cut short")]
    Truncated,
    /// Bytes came after the head with which a proxy opened a tunnel.
    #[error("bytes follow its head")]
    EarlyBytes,
    /// The server asks to speak another protocol.
    #[error("it switches to another protocol")]
    Upgrade,
}
