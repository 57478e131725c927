//! Answers in pieces. What goes wrong over real sockets is in the transports' own tests.

use super::*;
use http::StatusCode;
use proptest::prelude::*;

/// Feeds bytes in pieces of this size, and then the end.
fn read(bytes: &[u8], piece: usize) -> Result<Answer, Error> {
    let mut reader = AnswerReader::new(Method::GET, Limits::default());
    for piece in bytes.chunks(piece) {
        if let Some(answer) = reader.receive(piece)? {
            return Ok(answer);
        }
    }
    reader.receive(&[]).map(Option::unwrap)
}

fn body(answer: &Answer) -> &[u8] {
    &answer.bytes[answer.start..]
}

const ANSWERS: [(&str, bool); 7] = [
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
fn pieces_of_any_size_are_the_same_answer() {
    for (bytes, usable) in ANSWERS {
        for piece in 1..=bytes.len() {
            let answer = read(bytes.as_bytes(), piece).unwrap();
            assert_eq!(body(&answer), b"body", "{bytes} by {piece}");
            // Bytes past the answer can come in a later piece, which is not seen here.
            if piece == bytes.len() || usable {
                assert_eq!(answer.leaves_connection_usable(), usable, "{bytes}");
            }
        }
    }
}

#[test]
fn debug_output_shows_nothing_of_an_answer() {
    for (bytes, _) in ANSWERS {
        let mut reader = AnswerReader::new(Method::GET, Limits::default());
        let answer = reader.receive(bytes.as_bytes()).unwrap();
        let shown = format!("{reader:?} {answer:?}");
        assert!(
            !shown.contains("body") && !shown.contains("98, 111"),
            "{shown}"
        );
    }
}

#[test]
fn an_end_that_comes_early_is_an_error() {
    for (bytes, _) in ANSWERS {
        let whole = bytes.find("\r\n\r\nbody").map_or(bytes.len(), |at| at + 4);
        for cut in 0..whole {
            let error = read(&bytes.as_bytes()[..cut], 7).unwrap_err();
            assert!(matches!(error, Error::Interrupted { .. }), "{cut} {bytes}");
        }
    }
}

#[test]
fn a_status_that_says_enough_survives_its_body() {
    for (rest, reason) in [
        ("Content-Length: 4\r\n\r\nbo", ProtocolError::CutShort),
        ("Content-Length: x\r\n\r\n", ProtocolError::Length),
        ("Content-Length: 70000\r\n\r\n", ProtocolError::BodyTooLarge),
        ("Transfer-Encoding: chunked\r\n\r\nx", ProtocolError::Chunk),
    ] {
        let refused = format!("HTTP/1.1 403 No\r\n{rest}");
        let answer = read(refused.as_bytes(), 1000).unwrap();
        assert_eq!(answer.head.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.head.extensions.get(), Some(&reason));
        assert!(!answer.leaves_connection_usable());
        assert_eq!(body(&answer), b"");
        let granted = format!("HTTP/1.1 200 OK\r\n{rest}");
        read(granted.as_bytes(), 1000).unwrap_err();
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_and_none_are_kept_past_the_limits(
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
