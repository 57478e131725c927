//! The same promises over HTTP/2, where the frames are hyper's business and the limits are ours.
#![cfg(all(feature = "hyper", feature = "http2"))]

#[path = "conformance/http2_server.rs"]
mod http2_server;

use std::time::Duration;

use concur_oauth::hyper::Client;
use concur_oauth::transport::{ProtocolError, Stage};
use concur_oauth::{
    AccessToken, ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InputError, InstanceUrl,
    NativeFlow, ResponseError, Unreadable,
};
use http::{Response, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};

use http2_server::{Answer, Fate, Http2};

const BODY: &str = "<Access_Token><Token>t</Token></Access_Token>";

fn answer(status: u16, fields: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::builder().status(status);
    for (name, value) in fields {
        answer = answer.header(*name, *value);
    }
    let body = Full::new(body.into()).map_err(|never| match never {});
    answer.body(body.boxed_unsync()).unwrap()
}

fn granted() -> Fate {
    Fate::Answer(answer(200, &[], BODY))
}

fn flow() -> NativeFlow {
    NativeFlow::new(
        ConsumerKey::new("key").unwrap(),
        Credentials::with_password("jo@example.com", "secret").unwrap(),
    )
}

fn client(server: &Http2, timeout: Duration) -> Client {
    let builder = Client::builder().timeout(timeout);
    builder.add_root(server.root.clone()).build().unwrap()
}

const LONG: Duration = Duration::from_secs(20);

async fn send(server: &Http2, client: &Client) -> Result<AccessToken, Error> {
    client.send(&server.instance, flow()).await
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
            let (client, instance) = (client.clone(), server.instance.clone());
            tokio::spawn(async move { client.send(&instance, flow()).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn answers_that_are_refused() {
    let many: Vec<_> = (0..65).map(|n| format!("x-{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "y")).collect();
    let cases: Vec<(Answer, ProtocolError)> = vec![
        (
            answer(200, &[("content-encoding", "gzip")], BODY),
            ProtocolError::ContentCoding,
        ),
        (
            answer(200, &[], vec![b' '; 65_537]),
            ProtocolError::BodyTooLarge,
        ),
        (answer(200, &many, BODY), ProtocolError::TooManyFields),
    ];
    for (answer, expected) in cases {
        let answer = std::sync::Mutex::new(Some(answer));
        let server = Http2::start(move |_, _| {
            answer
                .lock()
                .unwrap()
                .take()
                .map_or_else(granted, Fate::Answer)
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
async fn a_head_past_its_limit_is_an_error() {
    let long = "y".repeat(20_000);
    let server = Http2::start(move |number, _| match number {
        0 => Fate::Answer(answer(200, &[("x", &long)], BODY)),
        _ => granted(),
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert!(error.may_have_reached_concur(), "{error:?}");
    assert!(!matches!(error, Error::Response(_)), "{error:?}");
    send(&server, &client).await.unwrap();
}

#[tokio::test]
async fn a_status_that_says_enough_is_not_lost_with_its_page() {
    let server = Http2::start(|number, _| match number {
        0 => Fate::Answer(answer(503, &[("content-encoding", "gzip")], "page")),
        1 => Fate::Answer(answer(302, &[("location", "https://evil.example/")], "")),
        _ => granted(),
    });
    let client = client(&server, LONG);
    let error = send(&server, &client).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    let Error::Response(ResponseError::Unavailable(refusal)) = &error else {
        panic!("{error:?}");
    };
    let reason = Unreadable::Unread(ProtocolError::ContentCoding);
    assert_eq!(refusal.unreadable(), Some(reason));
    let error = send(&server, &client).await.unwrap_err();
    assert!(matches!(
        error,
        Error::Response(ResponseError::Redirected { .. })
    ));
    send(&server, &client).await.unwrap();
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_and_its_stream_alone_ends() {
    let server = Http2::start(|number, _| {
        if number > 0 {
            return granted();
        }
        let data = Ok(Frame::data(Bytes::from_static(b"<Access_Token>")));
        let frames = [data, Err(std::io::Error::other("broken"))];
        let body = StreamBody::new(futures_lite::stream::iter(frames));
        Fate::Answer(Response::new(body.boxed_unsync()))
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
async fn silence_ends_at_the_deadline_and_its_connection_is_not_trusted_again() {
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
async fn a_dropped_exchange_ends_its_stream_and_not_the_connection() {
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
async fn exchanges_that_lose_their_connection_together_share_the_next() {
    let server = Http2::start(|number, _| match number {
        64 => Fate::Disconnect,
        1..64 => Fate::Silence,
        _ => granted(),
    });
    let client = client(&server, LONG);
    send(&server, &client).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (client, instance) = (client.clone(), server.instance.clone());
            tokio::spawn(async move { client.send(&instance, flow()).await })
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
        response: Response<&[u8]>,
        instance: &InstanceUrl,
    ) -> Result<Self::Output, ResponseError> {
        NativeFlow::parse(response, instance)
    }
}

#[tokio::test]
async fn a_kept_connection_that_dies_is_replaced_for_what_may_be_sent_twice() {
    let server = Http2::start(|number, _| match number {
        1 | 4 => Fate::Disconnect,
        _ => granted(),
    });
    let client = client(&server, LONG);
    send(&server, &client).await.unwrap();
    // Request 1 dies with its connection, and is sent once more as request 2.
    send(&server, &client).await.unwrap();
    assert_eq!(server.connections(), 2);
    send(&server, &client).await.unwrap();
    let error = client
        .send(&server.instance, Once(flow()))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_reached_concur());
}

#[tokio::test]
async fn a_new_connection_that_dies_is_not_replaced() {
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
