//! Exchanges that succeed, and what becomes of their connections.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::transport::Stage;
use concur_oauth::{
    Error, Exchange, ExposeSecret, InputError, InstanceUrl, NativeFlow, ResponseError, http,
};
use concur_oauth_emulator::{Emulator, Fault, SAMPLE_CONSUMER_KEY, Server, User};

use crate::columns::Transport;
use crate::peers::{
    answer, build, builder, client, flow, flow_with, peer, read_request, send, servers, trusting,
    url,
};

pub(crate) fn a_token_comes_back_over_tls<T: Transport>() {
    let server = Server::start().unwrap();
    let token = send(&client::<T>(&server), &server).unwrap();
    assert_eq!(token.token().expose_secret().len(), 28);
    assert!(token.refresh_token().unwrap().is_some());
    assert_eq!(token.instance_url().unwrap(), Some(&url(&server)));
    let left = token.time_left_at(SystemTime::now()).unwrap();
    let day = Duration::from_secs(86_400);
    assert!(left > day * 364 && left <= day * 365, "{left:?}");
}

pub(crate) fn a_token_comes_back_over_plain_http_on_loopback<T: Transport>() {
    let server = Server::builder().plain_http().start().unwrap();
    assert!(server.url().starts_with("http://localhost:"));
    send(&client::<T>(&server), &server).unwrap();
}

pub(crate) fn what_is_sent_is_what_concur_documents_and_no_more<T: Transport>() {
    let (instance, peer) = peer(1, |_, mut stream| {
        let request = read_request(&mut stream);
        let mut lines: Vec<_> = request.trim_end().split("\r\n").collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "GET /net2/oauth2/accesstoken.ashx HTTP/1.1",
                "accept-encoding: identity",
                "accept: application/xml",
                "authorization: Basic am9obl9kZXZlbG9wZXJAaG90bWFpbC5jb206VHJhdmVsJkV4cGVuc2UkMjAxMg==",
                &format!("host: {}", stream.local_addr().unwrap()),
                &format!("user-agent: concur-oauth/{}", env!("CARGO_PKG_VERSION")),
                "x-consumerkey: hj7683jslks93lalkjss93",
            ]
        );
        answer(&mut stream, "t");
    });
    build::<T>(builder::<T>()).send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

/// Any call with a body, and what came back.
struct Put(Vec<u8>);

impl Exchange for Put {
    type Output = (u16, usize);
    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, instance: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        let request = http::Request::put(format!("{instance}/a?b=c"))
            .header("host", "evil.example")
            .header("connection", "close")
            .header("transfer-encoding", "chunked")
            .body(self.0);
        Ok(request.unwrap())
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &InstanceUrl,
    ) -> Result<Self::Output, ResponseError> {
        Ok((response.status().as_u16(), response.body().len()))
    }
}

pub(crate) fn a_body_has_its_length<T: Transport>() {
    let (instance, peer) = peer(1, |_, mut stream| {
        for _ in 0..2 {
            let request = read_request(&mut stream);
            let mut body = [0; 4];
            stream.read_exact(&mut body).unwrap();
            assert_eq!(&body, b"body");
            let mut lines: Vec<_> = request.trim_end().split("\r\n").collect();
            lines.sort_unstable();
            let host = format!("host: {}", stream.local_addr().unwrap());
            let agent = format!("user-agent: concur-oauth/{}", env!("CARGO_PKG_VERSION"));
            assert_eq!(
                lines,
                ["PUT /a?b=c HTTP/1.1", "content-length: 4", &host, &agent]
            );
            answer(&mut stream, "t");
        }
    });
    let client = build::<T>(builder::<T>());
    client.send(&instance, Put(b"body".to_vec())).unwrap();
    client.idle();
    client.send(&instance, Put(b"body".to_vec())).unwrap();
    peer.join().unwrap();
}

pub(crate) fn an_answer_may_come_before_its_request_has_ended<T: Transport>() {
    const LENGTH: usize = 8 << 20;
    let (instance, peer) = peer(1, |_, mut stream| {
        read_request(&mut stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
            .unwrap();
        thread::sleep(Duration::from_millis(50));
        let mut body = vec![0; LENGTH];
        stream.read_exact(&mut body).unwrap();
        stream.write_all(b"answer").unwrap();
    });
    let client = build::<T>(builder::<T>());
    let answer = client.send(&instance, Put(vec![0; LENGTH])).unwrap();
    assert_eq!(answer, (200, 6));
    peer.join().unwrap();
}

pub(crate) fn an_answer_may_come_before_its_request<T: Transport>() {
    let (instance, peer) = peer(1, |_, mut stream| {
        stream
            .write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy")
            .unwrap();
        read_request(&mut stream);
    });
    let client = build::<T>(builder::<T>());
    let error = client.send(&instance, flow()).unwrap_err();
    let unavailable = matches!(error, Error::Response(ResponseError::Unavailable(_)));
    assert!(unavailable, "{error:?}");
    peer.join().unwrap();
}

pub(crate) fn non_ascii_credentials_arrive_as_utf_8<T: Transport>() {
    let mut emulator = Emulator::new();
    emulator.add_application(SAMPLE_CONSUMER_KEY);
    emulator.add_user(User::new("john_developer@hotmail.com", "pâss:wörd ✓ 密码"));
    let server = Server::builder().emulator(emulator).start().unwrap();
    let flow = flow_with("pâss:wörd ✓ 密码");
    client::<T>(&server).send(&url(&server), flow).unwrap();
}

pub(crate) fn a_connection_is_reused<T: Transport>() {
    for server in servers() {
        let first: T = client(&server);
        for _ in 0..5 {
            // A clone shares its connections.
            let client = first.again();
            send(&client, &server).unwrap();
            client.idle();
        }
        assert_eq!((server.connections(), server.requests()), (1, 5));
    }
}

pub(crate) fn idle_connections_are_few_and_not_for_long<T: Transport>() {
    let server = Server::start().unwrap();
    let none = build::<T>(trusting::<T>(&server).max_idle_connections(0));
    let gone = build::<T>(trusting::<T>(&server).idle_timeout(Duration::ZERO));
    let short = build::<T>(trusting::<T>(&server).idle_timeout(Duration::from_millis(100)));
    for client in [none, gone, short] {
        let before = server.connections();
        send(&client, &server).unwrap();
        for _ in 0..10 {
            client.idle();
        }
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), before + 2);
    }
}

pub(crate) fn no_more_connections_are_kept_than_may_be<T: Transport>() {
    let server = Server::start().unwrap();
    let client = build::<T>(trusting::<T>(&server).max_idle_connections(2));
    let instance = url(&server);
    let together = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                server.inject(Fault::Delay(Duration::from_millis(50)));
                together.wait();
                client.send(&instance, flow()).unwrap();
                client.send(&instance, flow()).unwrap();
            });
        }
    });
    let start = Instant::now();
    while server.open_connections() > 2 {
        client.idle();
        let open = server.open_connections();
        assert!(start.elapsed() < Duration::from_secs(10), "{open} are open");
    }
}

pub(crate) fn sixty_four_at_once<T: Transport>() {
    for server in servers() {
        let client: T = client(&server);
        let instance = url(&server);
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| client.send(&instance, flow()).unwrap());
            }
        });
        assert_eq!(server.requests(), 64);
        send(&client, &server).unwrap();
    }
}

pub(crate) fn a_kept_connection_that_the_server_closed_is_not_used<T: Transport>() {
    // Closed together with the answer, and when the client has long read that.
    for late in [false, true] {
        let gate = Arc::new(Barrier::new(2));
        let closed = Arc::clone(&gate);
        let (instance, peer) = peer(2, move |number, mut stream| {
            read_request(&mut stream);
            answer(&mut stream, "t");
            if number == 0 {
                if late {
                    closed.wait();
                }
                drop(stream);
                closed.wait();
            }
        });
        let client = build::<T>(builder::<T>());
        client.send(&instance, flow()).unwrap();
        if late {
            client.idle();
            gate.wait();
        }
        gate.wait();
        client.idle();
        // Not once more: at once on another.
        client.send(&instance, Once(flow())).unwrap();
        peer.join().unwrap();
    }
}

/// The native flow, if sending it twice did harm.
struct Once(NativeFlow);

impl Exchange for Once {
    type Output = <NativeFlow as Exchange>::Output;
    fn is_resendable(&self) -> bool {
        false
    }

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

pub(crate) fn an_exchange_that_may_be_is_sent_once_more_when_a_kept_connection_dies<
    T: Transport,
>() {
    let (instance, peer) = peer(2, closes_late);
    let client = build::<T>(builder::<T>());
    client.send(&instance, flow()).unwrap();
    client.idle();
    client.send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

pub(crate) fn one_that_may_not_is_not<T: Transport>() {
    let (instance, peer) = peer(2, closes_late);
    let client = build::<T>(builder::<T>());
    client.send(&instance, Once(flow())).unwrap();
    client.idle();
    let error = client.send(&instance, Once(flow())).unwrap_err();
    assert!(matches!(
        error,
        Error::Interrupted {
            stage: Stage::Receive,
            ..
        }
    ));
    assert!(error.may_have_reached_concur());
    // Somebody was there to be asked again, and is asked now.
    client.send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

pub(crate) fn what_was_sent_may_have_arrived_though_it_cannot_be_sent_again<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let instance = format!("http://{}", listener.local_addr().unwrap());
    let peer = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // From here on, nobody listens.
        drop(listener);
        closes_late(0, stream);
    });
    let client = build::<T>(builder::<T>());
    let instance = instance.parse().unwrap();
    client.send(&instance, flow()).unwrap();
    client.idle();
    let error = client.send(&instance, flow()).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_reached_concur());
    peer.join().unwrap();
}

pub(crate) fn nothing_is_sent_once_more_after_a_byte_of_answer_or_on_a_new_connection<
    T: Transport,
>() {
    let (instance, peer) = peer(3, |number, mut stream| {
        read_request(&mut stream);
        if number == 0 {
            answer(&mut stream, "t");
            read_request(&mut stream);
            stream.write_all(b"H").unwrap();
        } else if number == 2 {
            answer(&mut stream, "t");
        }
    });
    let client = build::<T>(builder::<T>());
    client.send(&instance, flow()).unwrap();
    client.idle();
    for _ in 0..2 {
        let error = client.send(&instance, flow()).unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    }
    client.send(&instance, flow()).unwrap();
    peer.join().unwrap();
}

pub(crate) fn a_byte_past_the_answer_retires_the_connection<T: Transport>() {
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
        let client = build::<T>(builder::<T>());
        client.send(&instance, flow()).unwrap();
        gate.wait();
        gate.wait();
        client.idle();
        client.send(&instance, flow()).unwrap();
        peer.join().unwrap();
    }
}

pub(crate) fn a_connection_closed_after_its_answer_is_not_reused<T: Transport>() {
    for server in servers() {
        let client: T = client(&server);
        send(&client, &server).unwrap();
        client.idle();
        server.inject(Fault::Chunked);
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), 1);
        // The fault closed the connection after its answer.
        client.idle();
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), 2);
    }
}
