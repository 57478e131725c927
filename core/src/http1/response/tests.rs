//! Responses in pieces. What goes wrong over real sockets is in the conformance table.

use super::*;
use http::StatusCode;
use proptest::prelude::*;

/// Reads bytes in pieces of this size, and then the end of the stream.
fn read(bytes: &[u8], piece: usize) -> Result<CompleteResponse, ProtocolError> {
    let mut reader = ResponseReader::new(Method::GET, Limits::default());
    for piece in bytes.chunks(piece) {
        if let Some(response) = reader.receive(piece)? {
            return Ok(response);
        }
    }
    reader.receive(&[]).map(Option::unwrap)
}

fn body(response: &CompleteResponse) -> &[u8] {
    &response.buffer[response.start..]
}

const RESPONSES: [(&str, bool); 7] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", true),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: keep, Close\r\n\r\nbody",
        false,
    ),
    ("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", false),
    ("HTTP/1.1 200 OK\r\n\r\nbody", false),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n3;x\r\nody\r\n0\r\n\r\n",
        true,
    ),
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody and more",
        false,
    ),
];

#[test]
fn pieces_of_any_size_read_as_the_same_response() {
    for (bytes, usable) in RESPONSES {
        for piece in 1..=bytes.len() {
            let response = read(bytes.as_bytes(), piece).unwrap();
            assert_eq!(body(&response), b"body", "{bytes} by {piece}");
            // Bytes past the response can come in a later piece, which is not seen here.
            if piece == bytes.len() || usable {
                assert_eq!(response.leaves_connection_usable(), usable, "{bytes}");
            }
        }
    }
}

#[test]
fn debug_shows_nothing_of_a_response() {
    for (bytes, _) in RESPONSES {
        let mut reader = ResponseReader::new(Method::GET, Limits::default());
        let response = reader.receive(bytes.as_bytes()).unwrap();
        let shown = format!("{reader:?} {response:?}");
        assert!(
            !shown.contains("body") && !shown.contains("98, 111"),
            "{shown}"
        );
    }
}

#[test]
fn early_end_is_truncated() {
    for (bytes, _) in RESPONSES {
        let whole = bytes.find("\r\n\r\nbody").map_or(bytes.len(), |at| at + 4);
        for cut in 0..whole {
            let error = read(&bytes.as_bytes()[..cut], 7).unwrap_err();
            assert_eq!(error, ProtocolError::Truncated, "{cut} {bytes}");
        }
    }
}

#[test]
fn error_status_survives_its_body() {
    for (rest, reason) in [
        ("Content-Length: 4\r\n\r\nbo", ProtocolError::Truncated),
        (
            "Content-Length: x\r\n\r\n",
            ProtocolError::InvalidContentLength,
        ),
        ("Content-Length: 70000\r\n\r\n", ProtocolError::BodyTooLarge),
        (
            "Transfer-Encoding: chunked\r\n\r\nx",
            ProtocolError::MalformedChunk,
        ),
    ] {
        let refused = format!("HTTP/1.1 403 No\r\n{rest}");
        let response = read(refused.as_bytes(), 1000).unwrap();
        assert_eq!(response.head.status, StatusCode::FORBIDDEN);
        assert_eq!(response.head.extensions.get(), Some(&reason));
        assert!(!response.leaves_connection_usable());
        assert_eq!(body(&response), b"");
        let granted = format!("HTTP/1.1 200 OK\r\n{rest}");
        read(granted.as_bytes(), 1000).unwrap_err();
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(
        head in prop::sample::select(vec![
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 100 C\r\n\r\n",
            "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        piece in 1_usize..40,
    ) {
        let _ = read(&[head.as_bytes(), &bytes].concat(), piece);
    }
}
