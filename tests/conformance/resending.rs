//! Connections that break or close, and which exchanges are then sent again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use concur_oauth::net2::NativeFlow;
use concur_oauth::{
    BaseUrl, Error, Exchange, InputError, ResponseContext, ResponseError, SecretBody, Stage, http,
};
use concur_oauth_emulator::Fault;

use crate::columns::Transport;
use crate::peers::{build, builder, client, flow, peer, read_request, respond, send, servers, url};

pub(crate) fn connection_closed_by_the_server_is_replaced<T: Transport>() {
    // Closed together with the response, and when the client has long read that.
    for late in [false, true] {
        let gate = Arc::new(Barrier::new(2));
        let closed = Arc::clone(&gate);
        let (base_url, peer) = peer(2, move |number, mut stream| {
            read_request(&mut stream);
            respond(&mut stream, "t");
            if number == 0 {
                if late {
                    closed.wait();
                }
                drop(stream);
                closed.wait();
            }
        });
        let client = build::<T>(builder::<T>());
        client.send(flow(&base_url)).unwrap();
        if late {
            client.idle();
            gate.wait();
        }
        gate.wait();
        client.idle();
        client.send(flow(&base_url)).unwrap();
        peer.join().unwrap();
    }
}

pub(crate) fn exchanges_survive_a_server_that_closes_after_each_response<T: Transport>() {
    const EXCHANGES: usize = 60;
    let (base_url, peer) = peer(2 * EXCHANGES, |number, mut stream| {
        read_request(&mut stream);
        respond(&mut stream, "t");
        // From at once to a millisecond later, when the client may have sent the next request.
        thread::sleep(Duration::from_micros((number as u64 * 37) % 1000));
    });
    let client = build::<T>(builder::<T>());
    for _ in 0..EXCHANGES {
        client.send(flow(&base_url)).unwrap();
        client.send(Once(flow(&base_url))).unwrap();
    }
    drop(client);
    peer.join().unwrap();
}

/// The Native flow, as if sending it twice did harm.
struct Once(NativeFlow);

impl Exchange for Once {
    type Output = <NativeFlow as Exchange>::Output;

    fn base_url(&self) -> &BaseUrl {
        self.0.base_url()
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        self.0.into_request()
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<Self::Output, ResponseError> {
        NativeFlow::parse(response, context)
    }
}

/// Responds once, and closes its first connection when the second request has come.
fn closes_late(number: usize, mut stream: TcpStream) {
    read_request(&mut stream);
    respond(&mut stream, "t");
    if number == 0 {
        read_request(&mut stream);
    }
}

pub(crate) fn resendable_exchange_is_sent_again_where_a_reused_connection_breaks<T: Transport>() {
    let (base_url, peer) = peer(2, closes_late);
    let client = build::<T>(builder::<T>());
    client.send(flow(&base_url)).unwrap();
    client.idle();
    client.send(flow(&base_url)).unwrap();
    peer.join().unwrap();
}

/// A 408 over a reused connection is not the response to the request that was just sent. Over a new one it is.
pub(crate) fn idle_timeout_of_a_server_is_not_a_response<T: Transport>() {
    const LATE: &[u8] =
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (base_url, peer) = peer(3, |number, mut stream| {
        read_request(&mut stream);
        if number < 2 {
            respond(&mut stream, "t");
            read_request(&mut stream);
        }
        if number != 1 {
            stream.write_all(LATE).unwrap();
        }
    });
    let client = build::<T>(builder::<T>());
    client.send(flow(&base_url)).unwrap();
    client.idle();
    client.send(flow(&base_url)).unwrap();
    client.idle();
    let error = client.send(flow(&base_url)).unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Unavailable(_))),
        "{error:?}"
    );
    peer.join().unwrap();
}

pub(crate) fn exchange_not_resendable_is_never_sent_again<T: Transport>() {
    let (base_url, peer) = peer(2, |number, mut stream| {
        read_request(&mut stream);
        if number == 1 {
            respond(&mut stream, "t");
        }
    });
    let client = build::<T>(builder::<T>());
    let error = client.send(Once(flow(&base_url))).unwrap_err();
    assert!(matches!(
        error,
        Error::Interrupted {
            stage: Stage::Receive,
            ..
        }
    ));
    assert!(error.may_have_reached_concur());
    // The second connection is free for this one.
    client.send(flow(&base_url)).unwrap();
    peer.join().unwrap();
}

pub(crate) fn exchange_not_resendable_has_a_connection_of_its_own<T: Transport>() {
    for server in servers() {
        let client: T = client(&server);
        for sent in 1..=3 {
            send(&client, &server).unwrap();
            client.idle();
            client.send(Once(flow(&url(&server)))).unwrap();
            client.idle();
            // One for all that is resendable, and one for each that is not.
            assert_eq!(server.connections(), 1 + sent);
        }
    }
}

/// An exchange whose user lives at the second base URL, if the response of the first says so.
struct Moved(BaseUrl);

impl Exchange for Moved {
    type Output = String;

    fn base_url(&self) -> &BaseUrl {
        &self.0
    }

    fn is_resendable(&self) -> bool {
        false
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let request = http::Request::put(format!("{}/a?b=c", self.0));
        Ok(request.body(b"body".to_vec().into()).unwrap())
    }

    fn elsewhere(response: &http::Response<&[u8]>, _: &ResponseContext) -> Option<BaseUrl> {
        let location = response.headers().get("location")?;
        location.to_str().ok()?.parse().ok()
    }

    fn parse(
        response: http::Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<String, ResponseError> {
        let body = String::from_utf8_lossy(response.body());
        Ok(format!("{body} from {}", context.base_url()))
    }
}

pub(crate) fn user_who_lives_elsewhere_is_asked_for_there_once<T: Transport>() {
    fn read_put(stream: &mut TcpStream) -> String {
        let request = read_request(stream);
        let mut body = [0; 4];
        stream.read_exact(&mut body).unwrap();
        assert_eq!(&body, b"body");
        assert!(request.starts_with("PUT /a?b=c HTTP/1.1\r\n"), "{request}");
        request
    }
    let moved = |stream: &mut TcpStream, to: &str, body: &str| {
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 400 No\r\nLocation: {to}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
    };
    // The second host sends the client on, too.
    let (there, second) = peer(1, move |_, mut stream| {
        let request = read_put(&mut stream);
        let host = format!("host: {}\r\n", stream.local_addr().unwrap());
        assert!(request.contains(&host), "{request}");
        moved(&mut stream, "http://localhost:1", "second");
    });
    let to = there.to_string();
    let (here, first) = peer(1, move |_, mut stream| {
        read_put(&mut stream);
        moved(&mut stream, &to, "first");
    });
    let client = build::<T>(builder::<T>());
    let output = client.send(Moved(here)).unwrap();
    assert_eq!(output, format!("second from {there}"));
    first.join().unwrap();
    second.join().unwrap();
}

pub(crate) fn failed_second_attempt_may_have_reached_concur<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let peer = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // From here on, the port is closed.
        drop(listener);
        closes_late(0, stream);
    });
    let client = build::<T>(builder::<T>());
    let base_url = base_url.parse().unwrap();
    client.send(flow(&base_url)).unwrap();
    client.idle();
    let error = client.send(flow(&base_url)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_reached_concur());
    peer.join().unwrap();
}

pub(crate) fn exchange_is_not_sent_again_after_a_byte_of_response<T: Transport>() {
    let (base_url, peer) = peer(2, |number, mut stream| {
        read_request(&mut stream);
        respond(&mut stream, "t");
        if number == 0 {
            read_request(&mut stream);
            stream.write_all(b"H").unwrap();
        }
    });
    let client = build::<T>(builder::<T>());
    client.send(flow(&base_url)).unwrap();
    client.idle();
    let error = client.send(flow(&base_url)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    client.send(flow(&base_url)).unwrap();
    peer.join().unwrap();
}

pub(crate) fn exchange_is_not_sent_again_over_a_new_connection<T: Transport>() {
    let (base_url, peer) = peer(2, |number, mut stream| {
        read_request(&mut stream);
        if number == 1 {
            respond(&mut stream, "t");
        }
    });
    let client = build::<T>(builder::<T>());
    let error = client.send(flow(&base_url)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    client.send(flow(&base_url)).unwrap();
    peer.join().unwrap();
}

pub(crate) fn stray_byte_after_a_response_retires_the_connection<T: Transport>() {
    for late in [false, true] {
        let gate = Arc::new(Barrier::new(2));
        let sent = Arc::clone(&gate);
        let (base_url, peer) = peer(2, move |number, mut stream| {
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
        client.send(flow(&base_url)).unwrap();
        gate.wait();
        gate.wait();
        client.idle();
        client.send(flow(&base_url)).unwrap();
        peer.join().unwrap();
    }
}

pub(crate) fn connection_closed_after_its_response_is_not_reused<T: Transport>() {
    for server in servers() {
        let client: T = client(&server);
        send(&client, &server).unwrap();
        client.idle();
        server.inject(Fault::Chunked);
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), 1);
        // The fault closed the connection after its response.
        client.idle();
        send(&client, &server).unwrap();
        assert_eq!(server.connections(), 2);
    }
}
