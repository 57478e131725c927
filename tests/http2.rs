//! The promises over HTTP/2, where h2 reads the frames and the limits are ours.
#![cfg(all(feature = "hyper", feature = "http2"))]

#[path = "conformance/http2_server.rs"]
mod http2_server;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use concur_oauth::http1::ProtocolError;
use concur_oauth::hyper::Client;
use concur_oauth::net2::NativeFlow;
use concur_oauth::{
    AccessToken, BaseUrl, BodyError, ConsumerKey, Credentials, Error, Exchange, ExposeSecret,
    InputError, Proxy, ResponseContext, ResponseError, SecretBody, Stage,
};
use http::{Response, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};

use http2_server::{Fate, Http2, ServerResponse};

const BODY: &str = "<Access_Token><Token>t</Token></Access_Token>";

fn respond(status: u16, fields: &[(&str, &str)], body: impl Into<Bytes>) -> ServerResponse {
    let mut response = Response::builder().status(status);
    for (name, value) in fields {
        response = response.header(*name, *value);
    }
    let body = Full::new(body.into()).map_err(|never| match never {});
    response.body(body.boxed_unsync()).unwrap()
}

fn granted() -> Fate {
    Fate::Respond(respond(200, &[], BODY))
}

fn flow(base_url: &BaseUrl) -> NativeFlow {
    NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new("key").unwrap(),
        Credentials::with_password("jo@example.com", "secret").unwrap(),
    )
}

fn client(server: &Http2, timeout: Duration) -> Client {
    let builder = Client::builder().no_proxy().timeout(timeout);
    builder.add_root(server.root.clone()).build().unwrap()
}

const LONG: Duration = Duration::from_secs(20);

async fn send(server: &Http2, client: &Client) -> Result<AccessToken, Error> {
    client.send(flow(&server.base_url)).await
}

/// A proxy that leads one tunnel to a port of this machine.
fn relay(port: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            client.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut back, mut out) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut back, &mut out));
        let _ = std::io::copy(&mut client, &mut server);
    });
    url
}

#[tokio::test]
async fn exchanges_share_one_tunnel() {
    let server = Http2::start(|_, request| {
        assert_eq!(request.version(), Version::HTTP_2);
        granted()
    });
    let port = server.base_url.port();
    // The address of this machine that no rule takes for it.
    let base_url: BaseUrl = format!("https://[::ffff:127.0.0.1]:{port}")
        .parse()
        .unwrap();
    let proxy = Proxy::new(relay(port)).unwrap();
    let builder = Client::builder().timeout(LONG).proxy(proxy);
    let client = builder.add_root(server.root.clone()).build().unwrap();
    for _ in 0..3 {
        client.send(flow(&base_url)).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn exchanges_share_one_connection() {
    let server = Http2::start(|_, request| {
        assert_eq!(request.version(), Version::HTTP_2);
        assert_eq!(request.uri().path(), "/net2/oauth2/accesstoken.ashx");
        assert_eq!(request.headers()["x-consumerkey"], "key");
        granted()
    });
    let client = client(&server, LONG);
    let token = send(&server, &client).await.unwrap();
    assert_eq!(token.token().expose_secret(), "t");
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (client, base_url) = (client.clone(), server.base_url.clone());
            tokio::spawn(async move { client.send(flow(&base_url)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn encoded_or_oversized_response_is_refused() {
    let many: Vec<_> = (0..65).map(|n| format!("x-{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "y")).collect();
    let cases: Vec<(ServerResponse, ProtocolError)> = vec![
        (
            respond(200, &[("content-encoding", "gzip")], BODY),
            ProtocolError::ContentCoding,
        ),
        (
            respond(200, &[], vec![b' '; 65_537]),
            ProtocolError::BodyTooLarge,
        ),
        (respond(200, &many, BODY), ProtocolError::TooManyHeaders),
    ];
    for (response, expected) in cases {
        let response = std::sync::Mutex::new(Some(response));
        let server = Http2::start(move |_, _| {
            response
                .lock()
                .unwrap()
                .take()
                .map_or_else(granted, Fate::Respond)
        });
        let client = client(&server, LONG);
        match send(&server, &client).await.unwrap_err() {
            Error::Protocol(error) => assert_eq!(error, expected),
            other => panic!("{expected}: {other:?}"),
        }
        send(&server, &client).await.unwrap();
    }
}

#[tokio::test]
async fn oversized_head_is_an_error() {
    let long = "y".repeat(20_000);
    let server = Http2::start(move |number, _| match number {
        0 => Fate::Respond(respond(200, &[("x", &long)], BODY)),
        _ => granted(),
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert!(error.may_have_reached_concur(), "{error:?}");
    assert!(!matches!(error, Error::Response(_)), "{error:?}");
    send(&server, &client).await.unwrap();
}

#[tokio::test]
async fn error_status_survives_its_unreadable_body() {
    let server = Http2::start(|number, _| match number {
        0 => Fate::Respond(respond(503, &[("content-encoding", "gzip")], "page")),
        1 => Fate::Respond(respond(302, &[("location", "https://evil.example/")], "")),
        _ => granted(),
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    let Error::Response(ResponseError::Unavailable(response)) = &error else {
        panic!("{error:?}");
    };
    let reason = BodyError::Unread(ProtocolError::ContentCoding);
    assert_eq!(response.body_error(), Some(reason));
    let error = send(&server, &client).await.unwrap_err();
    assert!(matches!(
        error,
        Error::Response(ResponseError::Redirected { .. })
    ));
    send(&server, &client).await.unwrap();
}

#[tokio::test]
async fn broken_body_ends_its_stream_alone() {
    let server = Http2::start(|number, _| {
        if number > 0 {
            return granted();
        }
        let data = Ok(Frame::data(Bytes::from_static(b"<Access_Token>")));
        let frames = [data, Err(std::io::Error::other("broken"))];
        let body = StreamBody::new(futures_lite::stream::iter(frames));
        Fate::Respond(Response::new(body.boxed_unsync()))
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Interrupted {
                stage: Stage::Receive,
                ..
            }
        ),
        "{error:?}"
    );
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn connection_is_not_reused_after_a_deadline() {
    let server = Http2::start(|number, _| {
        if number == 1 {
            Fate::Silence
        } else {
            granted()
        }
    });
    let client = client(&server, Duration::from_secs(1));
    send(&server, &client).await.unwrap();
    let error = send(&server, &client).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                stage: Stage::Receive,
                ..
            }
        ),
        "{error:?}"
    );
    // The connection may be dead, and not the exchange alone.
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn dropped_exchange_ends_its_stream_alone() {
    let server = Http2::start(|number, _| {
        if number == 1 {
            Fate::Silence
        } else {
            granted()
        }
    });
    let client = client(&server, LONG);
    send(&server, &client).await.unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(100), send(&server, &client)).await;
    assert!(given_up.is_err());
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn exchanges_that_lose_their_connection_share_the_next() {
    let server = Http2::start(|number, _| match number {
        64 => Fate::Disconnect,
        1..64 => Fate::Silence,
        _ => granted(),
    });
    let client = client(&server, LONG);
    send(&server, &client).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (client, base_url) = (client.clone(), server.base_url.clone());
            tokio::spawn(async move { client.send(flow(&base_url)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let before = server.connections();
    for _ in 0..3 {
        send(&server, &client).await.unwrap();
    }
    assert_eq!(server.connections(), before, "one of them was kept");
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
        response: Response<&[u8]>,
        context: &ResponseContext,
    ) -> Result<Self::Output, ResponseError> {
        NativeFlow::parse(response, context)
    }
}

#[tokio::test]
async fn reused_connection_that_breaks_is_replaced() {
    let server = Http2::start(|number, _| match number {
        1 | 4 => Fate::Disconnect,
        _ => granted(),
    });
    let client = client(&server, LONG);
    send(&server, &client).await.unwrap();
    // Request 1 breaks with its connection, and is sent once more as request 2.
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 2);
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 2);
    // What may not be sent twice has a connection of its own, and is not sent again where that breaks.
    let once = client.send(Once(flow(&server.base_url)));
    let error = once.await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_reached_concur());
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn new_connection_that_breaks_is_not_replaced() {
    let server = Http2::start(|number, _| {
        if number == 0 {
            Fate::Disconnect
        } else {
            granted()
        }
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    send(&server, &client).await.unwrap();
}
