//! Exchanges that succeed, and what becomes of their connections.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use common::{answer, builder, client, flow, flow_with, peer, read_request, send, url};
use concur_oauth_blocking::{Client, Error, Stage};
use concur_oauth_core::{
    Exchange, ExposeSecret, InputError, InstanceUrl, NativeFlow, ResponseError,
};
use concur_oauth_emulator::{Emulator, Fault, SAMPLE_CONSUMER_KEY, Server, User};

#[test]
fn a_token_comes_back_over_tls() {
    let server = Server::start().unwrap();
    let token = send(&client(&server), &server).unwrap();
    assert_eq!(token.token().expose_secret().len(), 28);
    assert!(token.refresh_token().unwrap().is_some());
    assert_eq!(token.instance_url().unwrap(), Some(&url(&server)));
    let left = token.time_left_at(SystemTime::now()).unwrap();
    let day = Duration::from_secs(86_400);
    assert!(left > day * 364 && left <= day * 365, "{left:?}");
}

#[test]
fn a_token_comes_back_over_plain_http_on_loopback() {
    let server = Server::builder().plain_http().start().unwrap();
    assert!(server.url().starts_with("http://localhost:"));
    send(&client(&server), &server).unwrap();
}

#[test]
fn what_is_sent_is_what_concur_documents_and_no_more() {
    let (instance, peer) = peer(1, |_, mut stream| {
        let request = read_request(&mut stream);
        let mut lines: Vec<_> = request.trim_end().split("\r\n").skip(2).collect();
        lines.sort_unstable();
        assert!(
            request.starts_with("GET /net2/oauth2/accesstoken.ashx HTTP/1.1\r\nhost: 127.0.0.1:")
        );
        assert_eq!(
            lines,
            [
                "accept-encoding: identity",
                "accept: application/xml",
                "authorization: Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
                &format!("user-agent: concur-oauth/{}", env!("CARGO_PKG_VERSION")),
                "x-consumerkey: hj7683jslks93lalkjss93",
            ]
        );
        answer(&mut stream, "t");
    });
    Client::new().unwrap().send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

#[test]
fn non_ascii_credentials_arrive_as_utf_8() {
    let mut emulator = Emulator::new();
    emulator.add_application(SAMPLE_CONSUMER_KEY);
    emulator.add_user(User::new("john_developer@hotmail.com", "pâss:wörd ✓ 密码"));
    let server = Server::builder().emulator(emulator).start().unwrap();
    let flow = flow_with("pâss:wörd ✓ 密码");
    client(&server).send(&url(&server), flow).unwrap();
}

#[test]
fn a_connection_is_reused() {
    for plain in [false, true] {
        let server = Server::builder();
        let server = if plain { server.plain_http() } else { server };
        let server = server.start().unwrap();
        let client = client(&server);
        for _ in 0..5 {
            send(&client.clone(), &server).unwrap();
        }
        assert_eq!((server.connections(), server.requests()), (1, 5));
    }
}

#[test]
fn idle_connections_are_few_and_not_for_long() {
    let server = Server::start().unwrap();
    let none = builder(&server).max_idle_connections(0).build().unwrap();
    let short = builder(&server)
        .idle_timeout(Duration::ZERO)
        .build()
        .unwrap();
    for (client, connections) in [(none, 2), (short, 4)] {
        send(&client, &server).unwrap();
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), connections);
    }
}

#[test]
fn one_client_serves_many_threads() {
    let server = Server::start().unwrap();
    let client = client(&server);
    let instance = url(&server);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| client.send(&instance, flow()).unwrap());
        }
    });
    assert_eq!(server.requests(), 64);
    send(&client, &server).unwrap();
}

#[test]
fn a_kept_connection_that_the_server_closed_is_not_used() {
    let gate = Arc::new(Barrier::new(2));
    let closed = Arc::clone(&gate);
    let (instance, peer) = peer(2, move |number, mut stream| {
        read_request(&mut stream);
        answer(&mut stream, "t");
        drop(stream);
        if number == 0 {
            closed.wait();
        }
    });
    let client = Client::new().unwrap();
    client.send(&instance, flow()).unwrap();
    gate.wait();
    client.send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

/// The native flow, if sending it twice did harm.
struct Once(NativeFlow);

impl Exchange for Once {
    type Output = <NativeFlow as Exchange>::Output;
    const RESENDABLE: bool = false;

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        self.0.into_request(instance)
    }

    fn parse(
        response: http::Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<Self::Output, ResponseError> {
        NativeFlow::parse(response, instance)
    }
}

/// Answers once, and closes its first connection when the second request has come.
fn closes_late(number: usize, mut stream: TcpStream) {
    read_request(&mut stream);
    answer(&mut stream, "t");
    if number == 0 {
        read_request(&mut stream);
    }
}

#[test]
fn an_exchange_that_may_be_is_sent_once_more_when_a_kept_connection_dies() {
    let (instance, peer) = peer(2, closes_late);
    let client = Client::new().unwrap();
    client.send(&instance, flow()).unwrap();
    client.send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

#[test]
fn one_that_may_not_is_not() {
    let (instance, peer) = peer(1, closes_late);
    let client = Client::new().unwrap();
    client.send(&instance, Once(flow())).unwrap();
    let error = client.send(&instance, Once(flow())).unwrap_err();
    assert!(matches!(
        error,
        Error::Interrupted {
            stage: Stage::Receive,
            ..
        }
    ));
    assert!(error.may_have_reached_concur());
    peer.join().unwrap();
}

#[test]
fn nothing_is_sent_once_more_after_a_byte_of_answer_or_on_a_new_connection() {
    let (instance, peer) = peer(2, |number, mut stream| {
        read_request(&mut stream);
        if number == 0 {
            answer(&mut stream, "t");
            read_request(&mut stream);
            stream.write_all(b"H").unwrap();
        }
    });
    let client = Client::new().unwrap();
    client.send(&instance, flow()).unwrap();
    for _ in 0..2 {
        let error = client.send(&instance, flow()).unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    }
    peer.join().unwrap();
}

#[test]
fn a_byte_past_the_answer_retires_the_connection() {
    for late in [false, true] {
        let gate = Arc::new(Barrier::new(2));
        let sent = Arc::clone(&gate);
        let (instance, peer) = peer(2, move |number, mut stream| {
            read_request(&mut stream);
            let body = "<Access_Token><Token>t</Token></Access_Token>";
            let extra = if number == 0 && !late { "x" } else { "" };
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}{extra}"
            )
            .unwrap();
            if number == 0 {
                sent.wait();
                if late {
                    stream.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
                }
                sent.wait();
                // The client has closed, or does so now.
                assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
            }
        });
        let client = Client::new().unwrap();
        client.send(&instance, flow()).unwrap();
        gate.wait();
        gate.wait();
        client.send(&instance, flow()).unwrap();
        peer.join().unwrap();
    }
}

#[test]
fn tls_is_reused_past_its_session_tickets_and_not_past_stray_data() {
    let server = Server::start().unwrap();
    let client = client(&server);
    send(&client, &server).unwrap();
    server.inject(Fault::Chunked);
    send(&client, &server).unwrap();
    assert_eq!(server.connections(), 1);
    // The script closed the connection after its answer.
    send(&client, &server).unwrap();
    assert_eq!(server.connections(), 2);
}
