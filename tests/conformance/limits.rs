//! Limits and deadlines: no response goes past either.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::http1::{Limits, ProtocolError};
use concur_oauth::{Error, Stage};
use concur_oauth_emulator::{End, Fault, Server};

use crate::columns::Transport;
use crate::faults::{BODY, each_way, outcome, raw};
use crate::peers::{build, builder, flow, peer, read_request, respond, send, trusting};

fn header_fields(count: usize) -> String {
    "X: y\r\n".repeat(count)
}

fn assert_refused<T: Transport>(server: &Server, client: &T, faults: &[(Fault, ProtocolError)]) {
    for (fault, expected) in faults {
        let shown = format!("{fault:?}").chars().take(60).collect::<String>();
        match outcome(server, client, fault.clone()).expect_err(&shown) {
            Error::Protocol(error) => assert_eq!(error, *expected, "{shown}"),
            other => panic!("{shown}: {other:?}"),
        }
    }
}

pub(crate) fn oversized_bodies_are_refused<T: Transport>() {
    let spaces = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(70_000));
    let chunks = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "1\r\nx\r\n".repeat(70_000)
    );
    let faults = [
        Fault::Oversize(65_537),
        raw(&spaces, End::Hold),
        raw(&chunks, End::Hold),
    ]
    .map(|fault| (fault, ProtocolError::BodyTooLarge));
    each_way::<T>(|server, client| {
        assert_refused(server, client, &faults);
        assert!(outcome(server, client, Fault::Oversize(65_536)).is_ok());
    });
}

/// Heads that are too large, each with its reason.
fn oversized_heads() -> [(Fault, ProtocolError); 3] {
    let long = "y".repeat(40_000);
    let many = format!("HTTP/1.1 200 OK\r\n{}", header_fields(65));
    [
        (raw(&many, End::Hold), ProtocolError::TooManyHeaders),
        (
            raw(&format!("HTTP/1.1 200 OK\r\nX: {long}"), End::Hold),
            ProtocolError::HeadTooLarge,
        ),
        (
            raw(&format!("HTTP/1.1 200 {long}"), End::Hold),
            ProtocolError::HeadTooLarge,
        ),
    ]
}

pub(crate) fn oversized_heads_are_protocol_errors<T: Transport>() {
    each_way::<T>(|server, client| {
        for (fault, _) in oversized_heads() {
            let error = outcome(server, client, fault).unwrap_err();
            assert!(matches!(error, Error::Protocol(_)), "{error:?}");
        }
        let whole = format!("HTTP/1.1 200 OK\r\n{}\r\n{BODY}", header_fields(64));
        assert!(outcome(server, client, raw(&whole, End::Close)).is_ok());
    });
}

pub(crate) fn oversized_heads_are_named<T: Transport>() {
    let just_over = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(16_400));
    each_way::<T>(|server, client| {
        assert_refused(server, client, &oversized_heads());
        let fault = (raw(&just_over, End::Hold), ProtocolError::HeadTooLarge);
        assert_refused(server, client, &[fault]);
    });
}

pub(crate) fn endless_informational_responses_are_refused<T: Transport>() {
    let early = format!("HTTP/1.1 103 Early\r\n{}\r\n", header_fields(33)).repeat(2);
    let faults = [
        (
            raw(&"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), End::Hold),
            ProtocolError::HeadTooLarge,
        ),
        (raw(&early, End::Hold), ProtocolError::TooManyHeaders),
    ];
    each_way::<T>(|server, client| assert_refused(server, client, &faults));
}

fn assert_limited<T: Transport>(limits: Limits, expected: Option<ProtocolError>) {
    let server = Server::start().unwrap();
    let client = build::<T>(trusting::<T>(&server).limits(limits));
    match send(&client, &server).unwrap_err() {
        Error::Protocol(error) => assert!(expected.is_none_or(|it| it == error), "{error}"),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn lowered_body_limit_holds<T: Transport>() {
    let too_large = Some(ProtocolError::BodyTooLarge);
    assert_limited::<T>(Limits::default().with_max_body(100), too_large);
    // A body that ends with the connection has no length to check beforehand.
    let server = Server::start().unwrap();
    let limits = Limits::default().with_max_body(BODY.len() - 1);
    let client = build::<T>(trusting::<T>(&server).limits(limits));
    let response = format!("HTTP/1.1 200 OK\r\n\r\n{BODY}");
    server.inject(raw(&response, End::Close));
    let error = send(&client, &server).unwrap_err();
    assert!(
        matches!(error, Error::Protocol(ProtocolError::BodyTooLarge)),
        "{error:?}"
    );
}

pub(crate) fn lowered_header_limit_holds<T: Transport>() {
    assert_limited::<T>(Limits::default().with_max_headers(1), None);
}

pub(crate) fn lowered_head_limit_holds<T: Transport>() {
    let too_large = Some(ProtocolError::HeadTooLarge);
    assert_limited::<T>(Limits::default().with_max_head(50), too_large);
    let too_many = Some(ProtocolError::TooManyHeaders);
    assert_limited::<T>(Limits::default().with_max_headers(1), too_many);
}

pub(crate) fn slow_response_ends_at_the_deadline<T: Transport>() {
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

pub(crate) fn dripped_body_ends_at_the_deadline<T: Transport>() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let (base_url, peer) = peer(2, move |number, mut stream| {
            read_request(&mut stream);
            if number == 1 {
                return respond(&mut stream, "t");
            }
            stream.write_all(head.as_bytes()).unwrap();
            while stream.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let timeout = Duration::from_secs(1);
        let client = build::<T>(builder::<T>().timeout(timeout));
        let start = Instant::now();
        let error = client.send(flow(&base_url)).unwrap_err();
        let receiving = matches!(
            error,
            Error::Timeout {
                stage: Stage::Receive,
                ..
            }
        );
        assert!(receiving, "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        client.send(flow(&base_url)).unwrap();
        peer.join().unwrap();
    }
}
