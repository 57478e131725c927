//! Answers that go wrong: each ends in its typed error in time, and the client goes on.

use std::time::Duration;

use concur_oauth::transport::{ProtocolError, Stage};
use concur_oauth::{Error, ExposeSecret, ResponseError, Unreadable};
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

pub(crate) fn a_refusal_is_concurs_own_words<T: Transport>() {
    let server = Server::start().unwrap();
    let error = client::<T>(&server)
        .send(&url(&server), flow_with("wrong"))
        .unwrap_err();
    let Error::Response(ResponseError::Refused(refusal)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.status(), 403);
    assert_eq!(refusal.message(), Some("Invalid credentials"));
    assert!(error.may_have_reached_concur());
    assert_eq!(error.retry_after(), None);
}

pub(crate) fn faults_that_concur_itself_has<T: Transport>() {
    each_way::<T>(|server, client| {
        let error = outcome(server, client, Fault::Unavailable).unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
        let Error::Response(ResponseError::Unavailable(refusal)) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.unreadable(), Some(Unreadable::Html));
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

/// How long an answer is; and a client that keeps no connection: on a kept one, a fault before the
/// first byte of answer is mended.
fn whole_answer<T: Transport>(server: &Server) -> (usize, T) {
    let client: T = build::<T>(trusting::<T>(server).max_idle_connections(0));
    let length = (200..2000).find(|length| {
        server.inject(Fault::CutOff(*length));
        send(&client, server).is_ok()
    });
    (length.unwrap(), client)
}

pub(crate) fn an_answer_cut_off_at_any_byte_is_an_error<T: Transport>() {
    for server in servers() {
        let (length, client) = whole_answer::<T>(&server);
        assert!(length > 300, "{length} bytes are no whole answer");
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

pub(crate) fn an_answer_reset_at_any_byte_is_an_error<T: Transport>() {
    for server in servers() {
        let (length, client) = whole_answer::<T>(&server);
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

pub(crate) fn lengths_and_codings<T: Transport>() {
    let ok = |head: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{BODY}");
    let length = BODY.len();
    each_way::<T>(|server, client| {
        for (answer, expected) in [
            (
                ok("Transfer-Encoding: gzip, chunked"),
                ProtocolError::TransferCoding,
            ),
            (ok("Transfer-Encoding: gzip"), ProtocolError::TransferCoding),
            (
                ok(&format!(
                    "Content-Length: {length}\r\nTransfer-Encoding: chunked"
                )),
                ProtocolError::LengthBesideCoding,
            ),
            (
                ok(&format!("Content-Length: {length}\r\nContent-Length: 7")),
                ProtocolError::Length,
            ),
            (ok("Content-Length: many"), ProtocolError::Length),
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
            ("SSH-2.0-OpenSSH_9.2\r\n".into(), ProtocolError::Head),
            ("HTTP/2.0 200 OK\r\n\r\n".into(), ProtocolError::Head),
            ("HTTP/1.1 099 Low\r\n\r\n".into(), ProtocolError::Head),
            (ok("Broken Field: x"), ProtocolError::Head),
            (ok("NoColon"), ProtocolError::Head),
        ] {
            for end in [End::Close, End::Hold] {
                let error = outcome(server, client, raw(&answer, end)).expect_err(&answer);
                match error {
                    Error::Protocol(error) => assert_eq!(error, expected, "{answer}"),
                    other => panic!("{answer}: {other:?}"),
                }
            }
        }
        for answer in [
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
            let token = outcome(server, client, raw(&answer, End::Close));
            assert_eq!(token.expect(&answer), "t");
        }
    });
}

pub(crate) fn chunks<T: Transport>() {
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
                let broken = matches!(error, Error::Protocol(ProtocolError::Chunk));
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

pub(crate) fn a_length_that_is_wrong<T: Transport>() {
    each_way::<T>(|server, client| {
        // Too long: the rest never comes.
        let error = outcome(server, client, Fault::WrongLength(5000)).unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
        // Too short: the stated length is taken, and the connection retired.
        let before = server.connections();
        let error = outcome(server, client, Fault::WrongLength(50)).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Response(ResponseError::Unreadable {
                    reason: Unreadable::Xml(_),
                    ..
                })
            ),
            "{error:?}"
        );
        assert_eq!(server.connections(), before + 1);
    });
}

pub(crate) fn a_body_that_ends_with_the_connection_must_end_properly<T: Transport>() {
    let answer = format!("HTTP/1.1 200 OK\r\n\r\n{BODY}");
    let tls = Server::start().unwrap();
    let client = client::<T>(&tls);
    assert!(outcome(&tls, &client, raw(&answer, End::Close)).is_ok());
    let error = outcome(&tls, &client, raw(&answer, End::CutOff)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
}

pub(crate) fn a_status_that_says_enough_is_not_lost_with_its_page<T: Transport>() {
    let page = " ".repeat(70_000);
    let cut = "HTTP/1.1 403 Forbidden\r\nContent-Length: 900\r\n\r\n<html>";
    each_way::<T>(|server, client| {
        let error = outcome(server, client, raw(cut, End::CutOff)).unwrap_err();
        let Error::Response(ResponseError::Refused(refusal)) = error else {
            panic!("{error:?}");
        };
        let reason = Unreadable::Unread(ProtocolError::CutShort);
        assert_eq!(refusal.unreadable(), Some(reason));
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
            let answer = format!("HTTP/1.1 503 Busy\r\n{head}\r\n\r\n{page}");
            let error = outcome(server, client, raw(&answer, End::Close)).unwrap_err();
            assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
            let Error::Response(ResponseError::Unavailable(refusal)) = error else {
                panic!("{head}: {error:?}");
            };
            assert_eq!(refusal.unreadable(), Some(Unreadable::Unread(reason)));
            let answer = format!("HTTP/1.1 302 Found\r\n{head}\r\n\r\n{page}");
            let error = outcome(server, client, raw(&answer, End::Close)).unwrap_err();
            assert!(matches!(
                error,
                Error::Response(ResponseError::Redirected { .. })
            ));
        }
    });
}
