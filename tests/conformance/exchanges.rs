//! Exchanges that succeed, and what becomes of their connections.

use std::io::{Read, Write};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::{
    BaseUrl, Error, Exchange, ExposeSecret, InputError, ResponseContext, ResponseError, SecretBody,
    http,
};
use concur_oauth_emulator::{Emulator, Fault, SAMPLE_CONSUMER_KEY, Server, User};

use crate::columns::Transport;
use crate::peers::{
    build, builder, client, flow, flow_with, peer, read_request, respond, send, servers, trusting,
    url,
};

pub(crate) fn token_arrives_over_tls<T: Transport>() {
    let server = Server::start().unwrap();
    let token = send(&client::<T>(&server), &server).unwrap();
    assert_eq!(token.token().expose_secret().len(), 28);
    assert!(token.refresh_token().is_some());
    assert_eq!(token.base_url(), &url(&server));
    assert!(token.warnings().is_empty());
    let left = token.time_left_at(SystemTime::now()).unwrap();
    let day = Duration::from_secs(86_400);
    assert!(left > day * 364 && left <= day * 365, "{left:?}");
}

pub(crate) fn token_arrives_over_plain_http_on_loopback<T: Transport>() {
    let server = Server::builder().plain_http().start().unwrap();
    assert!(server.url().starts_with("http://localhost:"));
    send(&client::<T>(&server), &server).unwrap();
}

/// Any call with a body, and what came back.
struct Put(BaseUrl, Vec<u8>);

impl Exchange for Put {
    type Output = (u16, usize);

    fn base_url(&self) -> &BaseUrl {
        &self.0
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let request = http::Request::put(format!("{}/a?b=c", self.0))
            .header("host", "evil.example")
            .header("connection", "close")
            .header("transfer-encoding", "chunked")
            .body(self.1.into());
        Ok(request.unwrap())
    }

    fn parse(
        response: http::Response<&[u8]>,
        _: &ResponseContext,
    ) -> Result<Self::Output, ResponseError> {
        Ok((response.status().as_u16(), response.body().len()))
    }
}

pub(crate) fn body_is_sent_with_its_length<T: Transport>() {
    let (base_url, peer) = peer(1, |_, mut stream| {
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
            respond(&mut stream, "t");
        }
    });
    let client = build::<T>(builder::<T>());
    client
        .send(Put(base_url.clone(), b"body".to_vec()))
        .unwrap();
    client.idle();
    client
        .send(Put(base_url.clone(), b"body".to_vec()))
        .unwrap();
    peer.join().unwrap();
}

pub(crate) fn response_before_its_request_has_ended_is_read<T: Transport>() {
    const LENGTH: usize = 8 << 20;
    let (base_url, peer) = peer(1, |_, mut stream| {
        read_request(&mut stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
            .unwrap();
        thread::sleep(Duration::from_millis(50));
        let mut body = vec![0; LENGTH];
        stream.read_exact(&mut body).unwrap();
        stream.write_all(b"response").unwrap();
    });
    let client = build::<T>(builder::<T>());
    let response = client.send(Put(base_url.clone(), vec![0; LENGTH])).unwrap();
    assert_eq!(response, (200, 6));
    peer.join().unwrap();
}

pub(crate) fn response_before_its_request_is_read<T: Transport>() {
    let (base_url, peer) = peer(1, |_, mut stream| {
        stream
            .write_all(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy")
            .unwrap();
        read_request(&mut stream);
    });
    let client = build::<T>(builder::<T>());
    let error = client.send(flow(&base_url)).unwrap_err();
    let unavailable = matches!(error, Error::Response(ResponseError::Unavailable(_)));
    assert!(unavailable, "{error:?}");
    peer.join().unwrap();
}

pub(crate) fn non_ascii_credentials_arrive_as_utf_8<T: Transport>() {
    let mut emulator = Emulator::new();
    emulator.add_application(SAMPLE_CONSUMER_KEY);
    emulator.add_user(User::new("john_developer@hotmail.com", "pâss:wörd ✓ 密码"));
    let server = Server::builder().emulator(emulator).start().unwrap();
    let flow = flow_with(&url(&server), "pâss:wörd ✓ 密码");
    client::<T>(&server).send(flow).unwrap();
}

pub(crate) fn connection_is_reused<T: Transport>() {
    for server in servers() {
        let first: T = client(&server);
        for _ in 0..5 {
            // A clone shares its connections.
            let client = first.again();
            send(&client, &server).unwrap();
            client.idle();
        }
        assert_eq!((server.connections(), server.request_count()), (1, 5));
    }
}

pub(crate) fn idle_connections_are_bounded_in_time<T: Transport>() {
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

pub(crate) fn idle_connections_are_bounded_in_number<T: Transport>() {
    let server = Server::start().unwrap();
    let client = build::<T>(trusting::<T>(&server).max_idle_connections(2));
    let base_url = url(&server);
    let together = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                server.inject(Fault::Delay(Duration::from_millis(50)));
                together.wait();
                client.send(flow(&base_url)).unwrap();
                client.send(flow(&base_url)).unwrap();
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

pub(crate) fn sixty_four_exchanges_at_once_succeed<T: Transport>() {
    for server in servers() {
        let client: T = client(&server);
        let base_url = url(&server);
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| client.send(flow(&base_url)).unwrap());
            }
        });
        assert_eq!(server.request_count(), 64);
        send(&client, &server).unwrap();
    }
}
