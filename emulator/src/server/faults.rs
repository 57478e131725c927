//! Faults of responses.

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};

/// A fault of one response. The request is read, counted and carried out as without it, but for [`Status`](Self::Status),
/// [`Refuse`](Self::Refuse) and [`Stall`](Self::Stall), which have no effect on what the emulator knows.
///
/// So `CutOff(0)` loses the response to a refresh after its refresh token was rotated.
///
/// [`FaultRule`](crate::FaultRule) says which responses a fault is for, and has a text form for each.
///
/// A client may recover: where a reused connection ends before the first byte of a response, as by `CutOff(0)`, many
/// clients send the request once more. [`requests`](crate::Server::requests) counts both. After `Delay`, `Drip`,
/// `Chunked` and `WrongLength` the connection is closed, as the response says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The response comes after this long.
    Delay(Duration),
    /// The response comes a byte at a time, with this long before each.
    Drip(Duration),
    /// The connection ends after this many bytes of the response, without TLS's `close_notify`.
    CutOff(usize),
    /// The connection is reset after this many bytes of the response.
    Reset(usize),
    /// The body is padded with white space after its document, to this many bytes: 64 MiB at most.
    Oversize(usize),
    /// The response is a redirect to this URL.
    Redirect(String),
    /// The response is an HTML page with status 503. The request was carried out all the same, as with every fault: what it
    /// spends is spent.
    Unavailable,
    /// The body comes in chunks of seven bytes.
    Chunked,
    /// `Content-Length` is this, whatever the length of the body.
    WrongLength(usize),
    /// The response is Concur's own error document with this status, such as 429, 500 or 503, and with this `Retry-After`. With
    /// other statuses of 400 to 499, that of the newer service has an `error` of RFC 6749, and no code. The request is not carried out, so that it can be
    /// repeated.
    Status(StatusCode, Option<Duration>),
    /// The next connection is reset before anything is read of it. A client that reuses an open connection notices it when it opens
    /// another.
    Refuse,
    /// Nothing is read of the next connection, and nothing is sent. It stays open.
    Stall,
    /// These bytes come in place of a response, and then the connection ends like this.
    Raw(Vec<u8>, End),
}

/// The largest body that a fault makes, in bytes.
pub(super) const MOST_BYTES: usize = 1 << 26;

/// How a connection ends after a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It is closed properly.
    Close,
    /// It is closed without TLS's `close_notify`.
    CutOff,
    /// It is reset.
    Reset,
    /// It stays open, and nothing more is sent.
    Hold,
}

/// How a response leaves the server.
pub(crate) enum Delivery {
    /// As proper HTTP.
    Proper(Response<Vec<u8>>),
    /// Piece by piece.
    Script(Script),
}

#[derive(Debug)]
pub(crate) struct Script {
    /// Before each piece.
    pub(crate) pause: Duration,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) end: End,
}

impl Fault {
    /// Returns whether it is one of a connection, which comes before any request.
    pub(super) fn is_of_connection(&self) -> bool {
        matches!(self, Self::Refuse | Self::Stall)
    }

    /// Does to a response what the fault is. A response to a request that was not carried out is the error document already.
    pub(crate) fn apply(self, mut response: Response<Vec<u8>>) -> Delivery {
        match self {
            Self::Status(..) => Delivery::Proper(response),
            Self::Refuse => script(Duration::ZERO, Vec::new(), End::Reset),
            Self::Stall => script(Duration::ZERO, Vec::new(), End::Hold),
            Self::Oversize(length) => {
                let body = response.body_mut();
                body.resize(length.min(MOST_BYTES).max(body.len()), b' ');
                Delivery::Proper(response)
            }
            Self::Redirect(location) => {
                *response.status_mut() = StatusCode::FOUND;
                let location = HeaderValue::try_from(location)
                    .unwrap_or_else(|_| HeaderValue::from_static("/"));
                response.headers_mut().insert(LOCATION, location);
                Delivery::Proper(response)
            }
            Self::Unavailable => {
                let page = "<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>";
                let mut response = Response::new(page.as_bytes().to_vec());
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, html);
                Delivery::Proper(response)
            }
            Self::Delay(pause) => script(pause, vec![whole(&response)], End::Close),
            Self::Drip(pause) => {
                let bytes = whole(&response).into_iter().map(|byte| vec![byte]);
                script(pause, bytes.collect(), End::Close)
            }
            Self::CutOff(after) => script(Duration::ZERO, vec![cut(&response, after)], End::CutOff),
            Self::Reset(after) => script(Duration::ZERO, vec![cut(&response, after)], End::Reset),
            Self::Chunked => {
                let mut bytes = head(&response, "transfer-encoding: chunked");
                for chunk in response.body().chunks(7) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
                script(Duration::ZERO, vec![bytes], End::Close)
            }
            Self::WrongLength(length) => {
                let mut bytes = head(&response, &format!("content-length: {length}"));
                bytes.extend_from_slice(response.body());
                script(Duration::ZERO, vec![bytes], End::Close)
            }
            Self::Raw(bytes, end) => script(Duration::ZERO, vec![bytes], end),
        }
    }
}

fn script(pause: Duration, pieces: Vec<Vec<u8>>, end: End) -> Delivery {
    Delivery::Script(Script { pause, pieces, end })
}

fn head(response: &Response<Vec<u8>>, framing: &str) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("connection: close\r\n{framing}\r\n\r\n").as_bytes());
    bytes
}

fn whole(response: &Response<Vec<u8>>) -> Vec<u8> {
    let length = response.body().len();
    let mut bytes = head(response, &format!("content-length: {length}"));
    bytes.extend_from_slice(response.body());
    bytes
}

fn cut(response: &Response<Vec<u8>>, after: usize) -> Vec<u8> {
    let mut bytes = whole(response);
    bytes.truncate(after);
    bytes
}
