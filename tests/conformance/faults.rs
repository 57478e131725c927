//! Responses that go wrong: each ends in its typed error in time, and the client goes on.

use std::time::Duration;

use concur_oauth::http1::ProtocolError;
use concur_oauth::{BodyError, Error, ExposeSecret, ResponseError, Stage};
use concur_oauth_emulator::{End, Fault, Server};

use crate::columns::Transport;
use crate::peers::{build, client, flow_with, send, servers, trusting, url};

pub(crate) const BODY: &str = "<Access_Token><Token>t</Token></Access_Token>";

pub(crate) fn raw(bytes: &str, end: End) -> Fault {
    Fault::Raw(bytes.as_bytes().to_vec(), end)
}

/// Injects a fault, sends, and proves that the client then works.
pub(crate) fn outcome<T: Transport>(
    server: &Server,
    client: &T,
    fault: Fault,
) -> Result<String, Error> {
    server.inject(fault);
    let result = send(client, server);
    send(client, server).expect("the client is usable after a fault");
    let token = result?;
    Ok(token.token().expose_secret().to_owned())
}

/// Runs a table over TLS and over plain http.
pub(crate) fn each_way<T: Transport>(check: impl Fn(&Server, &T)) {
    for server in servers() {
        check(&server, &client(&server));
    }
}

pub(crate) fn refusal_has_concurs_words<T: Transport>() {
    let server = Server::start().unwrap();
    let error = client::<T>(&server)
        .send(flow_with(&url(&server), "wrong"))
        .unwrap_err();
    let Error::Response(ResponseError::Refused(response)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(response.status(), 403);
    assert_eq!(response.message(), Some("Invalid credentials"));
    assert!(error.may_have_reached_concur());
    assert_eq!(error.retry_after(), None);
}

pub(crate) fn faults_of_concur_are_handled<T: Transport>() {
    each_way::<T>(|server, client| {
        let error = outcome(server, client, Fault::Unavailable).unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
        let Error::Response(ResponseError::Unavailable(response)) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(response.body_error(), Some(BodyError::Html));
        assert!(outcome(server, client, Fault::Chunked).is_ok());
        assert!(outcome(server, client, Fault::Delay(Duration::from_millis(50))).is_ok());
        assert!(outcome(server, client, Fault::Drip(Duration::ZERO)).is_ok());
    });
}

pub(crate) fn redirects_are_not_followed<T: Transport>() {
    let elsewhere = Server::builder().plain_http().start().unwrap();
    each_way::<T>(|server, client| {
        for location in [elsewhere.url(), "https://evil.example/", "/elsewhere"] {
            let error = outcome(server, client, Fault::Redirect(location.to_owned())).unwrap_err();
            assert!(matches!(
                error,
                Error::Response(ResponseError::Redirected { .. })
            ));
        }
    });
    assert_eq!(elsewhere.connections(), 0);
}

/// Returns the length of a response, and a client that keeps no connection: over a reused one, a fault before the
/// first byte of a response leads to a second attempt.
fn whole_response<T: Transport>(server: &Server) -> (usize, T) {
    let client: T = build::<T>(trusting::<T>(server).max_idle_connections(0));
    let length = (200..2000).find(|length| {
        server.inject(Fault::CutOff(*length));
        send(&client, server).is_ok()
    });
    (length.unwrap(), client)
}

pub(crate) fn response_cut_off_at_any_byte_is_an_error<T: Transport>() {
    for server in servers() {
        let (length, client) = whole_response::<T>(&server);
        assert!(length > 300, "{length} bytes are no whole response");
        for at in 0..length {
            server.inject(Fault::CutOff(at));
            let error = send(&client, &server).unwrap_err();
            let receiving = matches!(
                error,
                Error::Interrupted {
                    stage: Stage::Receive,
                    ..
                }
            );
            assert!(receiving, "{at}: {error:?}");
        }
        send(&client, &server).unwrap();
    }
}

pub(crate) fn response_reset_at_any_byte_is_an_error<T: Transport>() {
    for server in servers() {
        let (length, client) = whole_response::<T>(&server);
        for at in (0..length).step_by(29) {
            server.inject(Fault::Reset(at));
            let error = send(&client, &server).unwrap_err();
            assert!(
                matches!(error, Error::Interrupted { .. }),
                "{at}: {error:?}"
            );
        }
        send(&client, &server).unwrap();
    }
}

fn ok(head: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{BODY}")
}

/// Heads that are refused, each with its reason.
fn refused_heads() -> Vec<(String, ProtocolError)> {
    let length = BODY.len();
    vec![
        (
            ok("Transfer-Encoding: gzip, chunked"),
            ProtocolError::TransferCoding,
        ),
        (ok("Transfer-Encoding: gzip"), ProtocolError::TransferCoding),
        (
            ok(&format!(
                "Content-Length: {length}\r\nTransfer-Encoding: chunked"
            )),
            ProtocolError::ConflictingBodyHeaders,
        ),
        (
            ok(&format!("Content-Length: {length}\r\nContent-Length: 7")),
            ProtocolError::InvalidContentLength,
        ),
        (
            ok("Content-Length: many"),
            ProtocolError::InvalidContentLength,
        ),
        (ok("Content-Length: 65537"), ProtocolError::BodyTooLarge),
        (
            ok("Content-Length: 99999999999999999999"),
            ProtocolError::BodyTooLarge,
        ),
        (ok("Content-Encoding: gzip"), ProtocolError::ContentCoding),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n".into(),
            ProtocolError::Upgrade,
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n".into(),
            ProtocolError::MalformedHead,
        ),
        (
            "HTTP/2.0 200 OK\r\n\r\n".into(),
            ProtocolError::MalformedHead,
        ),
        (
            "HTTP/1.1 099 Low\r\n\r\n".into(),
            ProtocolError::MalformedHead,
        ),
        (ok("Broken Field: x"), ProtocolError::MalformedHead),
        (ok("NoColon"), ProtocolError::MalformedHead),
    ]
}

pub(crate) fn refused_heads_are_protocol_errors<T: Transport>() {
    each_way::<T>(|server, client| {
        for (response, _) in refused_heads() {
            for end in [End::Close, End::Hold] {
                let error = outcome(server, client, raw(&response, end)).expect_err(&response);
                assert!(matches!(error, Error::Protocol(_)), "{response}: {error:?}");
            }
        }
    });
}

pub(crate) fn refused_heads_are_named<T: Transport>() {
    each_way::<T>(|server, client| {
        for (response, expected) in refused_heads() {
            match outcome(server, client, raw(&response, End::Close)).expect_err(&response) {
                Error::Protocol(error) => assert_eq!(error, expected, "{response}"),
                other => panic!("{response}: {other:?}"),
            }
        }
    });
}

/// Only servers are told to skip them (RFC 9112 section 2.2).
pub(crate) fn empty_lines_before_a_head_are_refused<T: Transport>() {
    each_way::<T>(|server, client| {
        let response = format!("\r\n{}", ok("X: y"));
        let error = outcome(server, client, raw(&response, End::Close)).unwrap_err();
        assert!(
            matches!(error, Error::Protocol(ProtocolError::MalformedHead)),
            "{error:?}"
        );
    });
}

pub(crate) fn unusual_heads_are_accepted<T: Transport>() {
    let length = BODY.len();
    each_way::<T>(|server, client| {
        for response in [
            ok(&format!("Content-Length: {length}")),
            ok(&format!(
                "content-length:{length}\r\nContent-Length: {length}"
            )),
            ok(&format!("Content-Length: {length}\r\nConnection: close")),
            format!("HTTP/1.0 200 OK\r\n\r\n{BODY}"),
            format!("HTTP/1.1 200 \r\n\r\n{BODY}"),
            format!(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{}",
                ok("X: y")
            ),
        ] {
            let token = outcome(server, client, raw(&response, End::Close));
            assert_eq!(token.expect(&response), "t");
        }
    });
}

pub(crate) fn chunks_are_checked<T: Transport>() {
    let chunked =
        |body: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    let length = BODY.len();
    each_way::<T>(|server, client| {
        for body in [
            BODY.to_owned(),
            format!("-{length:x}\r\n{BODY}\r\n0\r\n\r\n"),
            format!("0x{length:x}\r\n{BODY}\r\n0\r\n\r\n"),
            format!("\r\n{length:x}\r\n{BODY}\r\n0\r\n\r\n"),
            format!("{length:x}\n{BODY}\n0\n\n"),
            format!("{length:x}\r\n{BODY}0\r\n\r\n"),
            format!("{length:x};a\nb\r\n{BODY}\r\n0\r\n\r\n"),
            format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", length - 1),
            format!("5;{}", "x".repeat(20_000)),
            format!("{length:x}\r\n{BODY}\r\n0\r\n{}", "a: b\r\n".repeat(5000)),
        ] {
            for end in [End::Close, End::Hold] {
                let error = outcome(server, client, raw(&chunked(&body), end)).expect_err(&body);
                let broken = matches!(error, Error::Protocol(ProtocolError::MalformedChunk));
                assert!(broken, "{body}: {error:?}");
            }
        }
        for body in [
            format!("{length:X};a=b\r\n{BODY}\r\n0\r\nT: x\r\n\r\n"),
            format!("000{length:x}\r\n{BODY}\r\n000\r\n\r\n"),
        ] {
            let token = outcome(server, client, raw(&chunked(&body), End::Close));
            assert_eq!(token.expect(&body), "t");
        }
        let cut = chunked(&format!("{length:x}\r\n{BODY}\r\n"));
        let error = outcome(server, client, raw(&cut, End::Close)).unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    });
}

pub(crate) fn wrong_length_is_an_error<T: Transport>() {
    each_way::<T>(|server, client| {
        // Too long: the rest never comes.
        let error = outcome(server, client, Fault::WrongLength(5000)).unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
        // Too short: the stated length is taken, and the connection retired.
        client.idle();
        let before = server.connections();
        let error = outcome(server, client, Fault::WrongLength(50)).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Response(ResponseError::Unreadable {
                    reason: BodyError::Xml(_),
                    ..
                })
            ),
            "{error:?}"
        );
        assert_eq!(server.connections(), before + 1);
    });
}

pub(crate) fn close_delimited_body_must_end_with_close_notify<T: Transport>() {
    let response = format!("HTTP/1.1 200 OK\r\n\r\n{BODY}");
    let tls = Server::start().unwrap();
    let client = client::<T>(&tls);
    assert!(outcome(&tls, &client, raw(&response, End::Close)).is_ok());
    let error = outcome(&tls, &client, raw(&response, End::CutOff)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
}

pub(crate) fn error_status_survives_its_unreadable_body<T: Transport>() {
    let page = " ".repeat(70_000);
    let cut = "HTTP/1.1 403 Forbidden\r\nContent-Length: 900\r\n\r\n<html>";
    each_way::<T>(|server, client| {
        let error = outcome(server, client, raw(cut, End::CutOff)).unwrap_err();
        let Error::Response(ResponseError::Refused(response)) = error else {
            panic!("{error:?}");
        };
        let reason = BodyError::Unread(ProtocolError::Truncated);
        assert_eq!(response.body_error(), Some(reason));
        for (head, reason) in [
            (
                format!("Content-Length: {}", page.len()),
                ProtocolError::BodyTooLarge,
            ),
            (
                "Content-Encoding: gzip".to_owned(),
                ProtocolError::ContentCoding,
            ),
            (
                "Transfer-Encoding: gzip, chunked".to_owned(),
                ProtocolError::TransferCoding,
            ),
        ] {
            let response = format!("HTTP/1.1 503 Busy\r\n{head}\r\n\r\n{page}");
            let error = outcome(server, client, raw(&response, End::Close)).unwrap_err();
            assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
            let Error::Response(ResponseError::Unavailable(response)) = error else {
                panic!("{head}: {error:?}");
            };
            assert_eq!(response.body_error(), Some(BodyError::Unread(reason)));
            let response = format!("HTTP/1.1 302 Found\r\n{head}\r\n\r\n{page}");
            let error = outcome(server, client, raw(&response, End::Close)).unwrap_err();
            assert!(matches!(
                error,
                Error::Response(ResponseError::Redirected { .. })
            ));
        }
    });
}
