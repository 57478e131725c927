//! How much is read, and how long is waited: no answer goes past either.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::Error;
use concur_oauth::transport::{Limits, ProtocolError, Stage};
use concur_oauth_emulator::{End, Fault, Server};

use crate::columns::Transport;
use crate::faults::{BODY, each_way, outcome, raw};
use crate::peers::{answer, build, builder, flow, peer, read_request, send, trusting};

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
