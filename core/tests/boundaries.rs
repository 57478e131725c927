//! Each limit is where it says: what reaches it is accepted, and one more is refused.

use concur_oauth_core::http1::{CompleteResponse, Limits, MAX_BODY, ProtocolError, ResponseReader};
use concur_oauth_core::net2::{NativeFlow, RevokeToken};
use concur_oauth_core::transport::{prepare_request, user_agent};
use concur_oauth_core::{
    BaseUrl, BodyError, Exchange, ResponseContext, ResponseError, SecretBody, http,
};

fn read(limits: Limits, bytes: &[u8]) -> Result<Option<CompleteResponse>, ProtocolError> {
    ResponseReader::new(http::Method::GET, limits).receive(bytes)
}

fn chunked(body: &str) -> Result<(), ProtocolError> {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let response = read(Limits::default(), [head, body].concat().as_bytes())?;
    response.map(|_| ()).ok_or(ProtocolError::Truncated)
}

#[test]
fn lines_and_padding_and_trailers_of_chunks_are_bounded_exactly() {
    const MALFORMED: Result<(), ProtocolError> = Err(ProtocolError::MalformedChunk);
    let last = "\r\n0\r\n\r\n";
    // A line of 1,024 bytes, its CR included.
    let extension = |length: usize| format!("1;{}\r\nx{last}", "e".repeat(length - 3));
    assert_eq!(chunked(&extension(1024)), Ok(()));
    assert_eq!(chunked(&extension(1025)), MALFORMED);
    // Digits without an end are refused before their line ends.
    let digits = |length| "1".repeat(length);
    assert_eq!(chunked(&digits(1024)), Err(ProtocolError::Truncated));
    assert_eq!(chunked(&digits(1025)), MALFORMED);
    // 16,384 bytes of padding over all chunks: each of these lines has a thousand.
    let padded = |length: usize| format!("1{}\r\nx\r\n", " ".repeat(length));
    let most = padded(1000).repeat(16) + &padded(384);
    assert_eq!(
        chunked(&format!("{most}0\r\n\r\n")),
        MALFORMED,
        "the last zero is padding too"
    );
    let most = padded(1000).repeat(16) + &padded(383);
    assert_eq!(chunked(&format!("{most}0\r\n\r\n")), Ok(()));
    // 1,024 bytes of trailers: a line of n bytes with its CR and LF, and the start of the next.
    let trailer = |length: usize| format!("0\r\na:{}\r\n\r\n", "v".repeat(length));
    assert_eq!(chunked(&trailer(1024 - 5)), Ok(()));
    assert_eq!(chunked(&trailer(1024 - 4)), MALFORMED);
    // White space and semicolons come after a size, and as much as there is.
    assert_eq!(chunked("1 \t \r\nx\r\n0\r\n\r\n"), Ok(()));
    for bad in [" \r\n\r\n", "\t\r\n\r\n", ";\r\n\r\n", ";a\r\n\r\n"] {
        assert_eq!(chunked(bad), MALFORMED, "{bad:?}");
    }
}

#[test]
fn heads_are_bounded_exactly() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let limits = |bytes| Limits::default().with_max_head(bytes);
    assert!(read(limits(head.len()), head.as_bytes()).unwrap().is_some());
    let error = read(limits(head.len() - 1), head.as_bytes()).unwrap_err();
    assert_eq!(error, ProtocolError::HeadTooLarge);
    let part = &head.as_bytes()[..20];
    assert!(read(limits(20), part).unwrap().is_none());
    assert_eq!(
        read(limits(19), part).unwrap_err(),
        ProtocolError::HeadTooLarge
    );
    assert_eq!(
        read(limits(10), part).unwrap_err(),
        ProtocolError::HeadTooLarge
    );
}

#[test]
fn bodies_are_bounded_exactly() {
    let limits = Limits::default().with_max_body(4);
    let until_close = |body: &str| {
        let mut reader = ResponseReader::new(http::Method::GET, limits);
        reader.receive(format!("HTTP/1.1 200 OK\r\n\r\n{body}").as_bytes())?;
        reader
            .receive(&[])
            .map(|response| response.unwrap().into_response().body().len())
    };
    assert_eq!(until_close("body"), Ok(4));
    for longer in ["body+", "body++"] {
        assert_eq!(until_close(longer), Err(ProtocolError::BodyTooLarge));
    }
    let chunks = |size: usize| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let body = "x".repeat(size);
        let bytes = format!("{head}{size:x}\r\n{body}\r\n0\r\n\r\n");
        read(limits, bytes.as_bytes()).map(|response| response.is_some())
    };
    assert_eq!(chunks(4), Ok(true));
    assert_eq!(chunks(5), Err(ProtocolError::BodyTooLarge));
}

fn context() -> ResponseContext {
    ResponseContext::new(BaseUrl::US_PRODUCTION, std::time::SystemTime::UNIX_EPOCH)
}

#[test]
fn largest_document_is_read() {
    let document = |size: usize| {
        let (start, end) = ("<Access_Token><Token>t</Token>", "</Access_Token>");
        format!("{start}{}{end}", " ".repeat(size - start.len() - end.len()))
    };
    let parse = |size| {
        let document = document(size);
        NativeFlow::parse(http::Response::new(document.as_bytes()), &context()).map(|_| ())
    };
    parse(MAX_BODY).unwrap();
    let error = parse(MAX_BODY + 1).unwrap_err();
    let is_large = |error| {
        matches!(
            error,
            ResponseError::Unreadable {
                reason: BodyError::TooLarge,
                ..
            }
        )
    };
    assert!(is_large(error));
}

#[test]
fn only_what_is_known_to_be_done_is_done() {
    let parse = |body: &str, html: bool| {
        let mut response = http::Response::new(body.as_bytes());
        if html {
            let html = http::HeaderValue::from_static("text/html");
            response.headers_mut().insert("content-type", html);
        }
        RevokeToken::parse(response, &context())
    };
    // Words that are plain, and a document that is not, both declared as a page.
    assert!(parse("OK", true).is_ok());
    let error = parse("<p>OK</p>", true).unwrap_err();
    assert!(
        matches!(
            error,
            ResponseError::Unreadable {
                reason: BodyError::Html,
                ..
            }
        ),
        "{error:?}"
    );
    // A document of another kind, with words and without.
    let error = parse("<Fault><Message>No</Message></Fault>", false).unwrap_err();
    assert!(matches!(error, ResponseError::Unconfirmed(_)), "{error:?}");
    let error = parse("<Fault><Other>No</Other></Fault>", false).unwrap_err();
    assert!(
        matches!(
            error,
            ResponseError::Unreadable {
                reason: BodyError::OtherDocument,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn empty_refusal_may_be_concurs_whatever_it_is_declared_as() {
    let response = http::Response::builder()
        .status(403)
        .header("content-type", "text/html")
        .body(&b""[..]);
    let error = NativeFlow::parse(response.unwrap(), &context()).unwrap_err();
    assert!(matches!(error, ResponseError::Refused(_)), "{error:?}");
}

#[test]
fn longest_user_agent_is_accepted_and_bodies_of_any_method_are_framed() {
    assert!(user_agent(&"x".repeat(8192)).is_ok());
    assert!(user_agent(&"x".repeat(8193)).is_err());
    let agent = user_agent("a").unwrap();
    let mut request = http::Request::delete("https://www.concursolutions.com/")
        .body(SecretBody::from(b"abc".to_vec()))
        .unwrap();
    prepare_request(&mut request, &BaseUrl::US_PRODUCTION, &agent).unwrap();
    assert_eq!(request.headers()["content-length"], "3");
}

#[test]
fn reader_says_what_has_come() {
    let mut reader = ResponseReader::new(http::Method::GET, Limits::default());
    assert!(!reader.has_received());
    assert!(reader.cut_off().is_none());
    let mut reader = ResponseReader::new(http::Method::GET, Limits::default());
    let head = b"HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\npart";
    assert!(reader.receive(head).unwrap().is_none());
    assert!(reader.has_received());
    let response = reader.cut_off().unwrap().into_response();
    assert_eq!(
        (response.status().as_u16(), response.body().len()),
        (503, 0)
    );
    for (status, is_idle_timeout) in [(408, true), (200, false), (503, false)] {
        let bytes = format!("HTTP/1.1 {status} It\r\nContent-Length: 0\r\n\r\n");
        let response = read(Limits::default(), bytes.as_bytes()).unwrap().unwrap();
        assert_eq!(response.is_idle_timeout(), is_idle_timeout, "{status}");
    }
}
