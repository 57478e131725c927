//! Answers that go wrong: each ends in its typed error in time, and the client goes on.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::transport::{Limits, ProtocolError, Stage};
use concur_oauth::{Error, ExposeSecret, ResponseError, Unreadable};
use concur_oauth_emulator::{End, Fault, Server};

use crate::columns::Transport;
use crate::peers::{
    answer, build, builder, client, flow, flow_with, peer, read_request, send, servers, trusting,
    url,
};

const BODY: &str = "<Access_Token><Token>t</Token></Access_Token>";

fn raw(bytes: &str, end: End) -> Fault {
    Fault::Raw(bytes.as_bytes().to_vec(), end)
}

/// Injects a fault, sends, and proves that the client then works.
fn outcome<T: Transport>(server: &Server, client: &T, fault: Fault) -> Result<String, Error> {
    server.inject(fault);
    let result = send(client, server);
    send(client, server).expect("the client is usable after a fault");
    let token = result?;
    Ok(token.token().expose_secret().to_owned())
}

/// Runs a table over TLS and over plain http.
fn each_way<T: Transport>(check: impl Fn(&Server, &T)) {
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

pub(crate) fn endless_and_oversized_answers_end_at_the_limits<T: Transport>() {
    let fields = |n: usize| "X: y\r\n".repeat(n);
    let long = "y".repeat(20_000);
    each_way::<T>(|server, client| {
        for (fault, expected) in [
            (Fault::Oversize(65_537), ProtocolError::BodyTooLarge),
            (
                raw(
                    &format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(70_000)),
                    End::Hold,
                ),
                ProtocolError::BodyTooLarge,
            ),
            (
                raw(
                    &format!(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
                        "1\r\nx\r\n".repeat(70_000)
                    ),
                    End::Hold,
                ),
                ProtocolError::BodyTooLarge,
            ),
            (
                raw(&format!("HTTP/1.1 200 OK\r\n{}", fields(65)), End::Hold),
                ProtocolError::TooManyFields,
            ),
            (
                raw(&format!("HTTP/1.1 200 OK\r\nX: {long}"), End::Hold),
                ProtocolError::HeadTooLarge,
            ),
            (
                raw(&format!("HTTP/1.1 200 {long}"), End::Hold),
                ProtocolError::HeadTooLarge,
            ),
            (
                raw(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), End::Hold),
                ProtocolError::HeadTooLarge,
            ),
            (
                raw(
                    &format!("HTTP/1.1 103 Early\r\n{}\r\n", fields(33)).repeat(2),
                    End::Hold,
                ),
                ProtocolError::TooManyFields,
            ),
        ] {
            let shown = format!("{fault:?}").chars().take(60).collect::<String>();
            match outcome(server, client, fault).expect_err(&shown) {
                Error::Protocol(error) => assert_eq!(error, expected, "{shown}"),
                other => panic!("{shown}: {other:?}"),
            }
        }
        assert!(outcome(server, client, Fault::Oversize(65_536)).is_ok());
        let whole = format!("HTTP/1.1 200 OK\r\n{}\r\n{BODY}", fields(64));
        assert!(outcome(server, client, raw(&whole, End::Close)).is_ok());
    });
}

pub(crate) fn limits_can_be_lowered<T: Transport>() {
    let server = Server::start().unwrap();
    for (limits, expected) in [
        (
            Limits::default().with_body(100),
            ProtocolError::BodyTooLarge,
        ),
        (Limits::default().with_head(50), ProtocolError::HeadTooLarge),
        (
            Limits::default().with_head_fields(1),
            ProtocolError::TooManyFields,
        ),
    ] {
        let client = build::<T>(trusting::<T>(&server).limits(limits));
        match send(&client, &server).unwrap_err() {
            Error::Protocol(error) => assert_eq!(error, expected),
            other => panic!("{other:?}"),
        }
    }
    // A body that ends with the connection has no length to be judged by beforehand.
    let limits = Limits::default().with_body(BODY.len() - 1);
    let client = build::<T>(trusting::<T>(&server).limits(limits));
    let answer = format!("HTTP/1.1 200 OK\r\n\r\n{BODY}");
    server.inject(raw(&answer, End::Close));
    let error = send(&client, &server).unwrap_err();
    assert!(
        matches!(error, Error::Protocol(ProtocolError::BodyTooLarge)),
        "{error:?}"
    );
}

pub(crate) fn nothing_outlives_the_deadline<T: Transport>() {
    let server = Server::start().unwrap();
    let plain = Server::builder().plain_http().start().unwrap();
    // Long enough for the exchange that follows each fault on a slow machine.
    let timeout = Duration::from_secs(2);
    for server in [&server, &plain] {
        let client = build::<T>(trusting::<T>(server).timeout(timeout));
        send(&client, server).unwrap();
        for fault in [
            Fault::Delay(Duration::from_secs(60)),
            Fault::Drip(Duration::from_millis(20)),
            raw("", End::Hold),
            raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", End::Hold),
            raw(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                End::Hold,
            ),
        ] {
            let start = Instant::now();
            let error = outcome(server, &client, fault.clone()).unwrap_err();
            assert!(
                matches!(
                    error,
                    Error::Timeout {
                        stage: Stage::Receive,
                        ..
                    }
                ),
                "{fault:?}: {error:?}"
            );
            assert!(error.may_have_reached_concur());
            assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
            assert!(start.elapsed() < Duration::from_secs(10), "{fault:?}");
        }
    }
}

pub(crate) fn a_dripped_body_does_not_outlive_the_deadline<T: Transport>() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let (instance, peer) = peer(2, move |number, mut stream| {
            read_request(&mut stream);
            if number == 1 {
                return answer(&mut stream, "t");
            }
            stream.write_all(head.as_bytes()).unwrap();
            while stream.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let timeout = Duration::from_secs(1);
        let client = build::<T>(builder::<T>().timeout(timeout));
        let start = Instant::now();
        let error = client.send(&instance, flow()).unwrap_err();
        let receiving = matches!(
            error,
            Error::Timeout {
                stage: Stage::Receive,
                ..
            }
        );
        assert!(receiving, "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        client.send(&instance, flow()).unwrap();
        peer.join().unwrap();
    }
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
