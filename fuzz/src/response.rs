use concur_oauth_core::http1::{
    CompleteResponse, ConnectError, Limits, MAX_BODY, ProtocolError, ResponseReader,
};
use concur_oauth_core::transport::proxy::Tunnel;
use concur_oauth_core::{BaseUrl, Error, Proxy};
use http::{Method, StatusCode};

/// An HTTP/1.1 response, of Concur and of a proxy: it is read alike in pieces of any size, within the limits. The first
/// byte is the size of the pieces.
///
/// Returns what became of the response.
///
/// # Panics
///
/// Where that does not hold.
pub fn response(bytes: &[u8]) -> &'static str {
    let Some((&size, bytes)) = bytes.split_first() else {
        return "nothing";
    };
    let size = usize::from(size).max(1);
    match (tunnel(bytes, bytes.len().max(1)), tunnel(bytes, size)) {
        // What follows a head can be in a piece that is never read.
        (Err(ConnectError::Protocol(ProtocolError::EarlyBytes)), Ok(())) => {}
        (whole, pieces) => assert_eq!(whole, pieces),
    }
    let whole = read(bytes, bytes.len().max(1));
    let pieces = read(bytes, size);
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            // What follows a response can be in a piece that is never read.
            assert!(!whole.leaves_connection_usable() || pieces.leaves_connection_usable());
            let (whole, pieces) = (seen(whole), seen(pieces));
            assert_eq!(whole, pieces);
            let (status, body, unread) = whole;
            assert!(!status.is_informational() && body.len() <= MAX_BODY);
            assert!(unread.is_none() || (!status.is_success() && body.is_empty()));
            if unread.is_some() {
                "a status without its body"
            } else {
                "complete"
            }
        }
        (Err(ProtocolError::Truncated), Err(ProtocolError::Truncated)) => "cut short",
        (Err(whole), Err(pieces)) if ![whole, pieces].contains(&ProtocolError::Truncated) => {
            "refused"
        }
        (whole, pieces) => panic!("{whole:?} is not {pieces:?}"),
    }
}

fn read(bytes: &[u8], size: usize) -> Result<CompleteResponse, ProtocolError> {
    let mut reader = ResponseReader::new(Method::GET, Limits::default());
    for piece in bytes.chunks(size) {
        if let Some(response) = reader.receive(piece)? {
            return Ok(response);
        }
    }
    let response = reader.receive(&[])?;
    Ok(response.expect("the end of a stream is a response or an error"))
}

fn tunnel(bytes: &[u8], size: usize) -> Result<(), ConnectError> {
    let proxy = Proxy::new("proxy").expect("it is a host");
    let agent = http::HeaderValue::from_static("fuzz");
    let limits = Limits::default();
    let mut tunnel = Tunnel::new(&proxy, &BaseUrl::US_PRODUCTION, &agent, &limits);
    for piece in bytes.chunks(size).chain([&[][..]]) {
        match tunnel.receive(piece) {
            Ok(true) => return Ok(()),
            Ok(false) => assert!(!piece.is_empty(), "the end of a stream is an error"),
            Err(Error::Proxy { reason, .. }) => return Err(reason),
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("the end of a stream is an error");
}

fn seen(response: CompleteResponse) -> (StatusCode, Vec<u8>, Option<ProtocolError>) {
    let (head, body) = response.into_response().into_parts();
    (head.status, body, head.extensions.get().copied())
}
