//! Peers that are not there, say nothing, or speak something else.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use concur_oauth::transport::Stage;
use concur_oauth::{Error, Exchange, InputError, InstanceUrl, ResponseError, http};
use concur_oauth_emulator::Server;

use crate::columns::Transport;
use crate::peers::{build, builder, client, flow, peer, read_request, url};

pub(crate) fn silence_before_and_during_the_handshake<T: Transport>() {
    // Nothing; the beginning of a handshake record; a drip that would go on for a minute.
    for (bytes, drip) in [(0, false), (7, false), (3600, true)] {
        let (instance, peer) = peer(1, move |_, mut stream| {
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
        let instance = instance.to_string().replace("http:", "https:");
        let timeout = Duration::from_secs(1);
        let client = build::<T>(builder::<T>().timeout(timeout));
        let error = client.send(&instance.parse().unwrap(), flow()).unwrap_err();
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

pub(crate) fn nobody_there<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https"] {
        let instance = format!("{scheme}://{address}").parse().unwrap();
        let error = build::<T>(builder::<T>())
            .send(&instance, flow())
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
        .send(&nowhere, flow())
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
struct Astray;

impl Exchange for Astray {
    type Output = ();
    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self, _: &InstanceUrl) -> Result<http::Request<Vec<u8>>, InputError> {
        Ok(http::Request::get("https://evil.example/?secret")
            .body(Vec::new())
            .unwrap())
    }

    fn parse(_: http::Response<&[u8]>, _: &InstanceUrl) -> Result<(), ResponseError> {
        Ok(())
    }
}

pub(crate) fn another_host_is_refused_before_anything_is_sent<T: Transport>() {
    let server = Server::start().unwrap();
    let client: T = client(&server);
    let error = client.send(&url(&server), Astray).unwrap_err();
    assert!(matches!(error, Error::Input(_)), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(server.connections(), 0);
}

pub(crate) fn tls_to_a_plain_port_and_plain_to_a_tls_port<T: Transport>() {
    let plain = Server::builder().plain_http().start().unwrap();
    let instance = plain.url().replace("http:", "https:").parse().unwrap();
    let error = client::<T>(&plain).send(&instance, flow()).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(!error.may_have_reached_concur());
    assert_eq!(plain.requests(), 0);

    let tls = Server::start().unwrap();
    let instance = tls.url().replace("https:", "http:").parse().unwrap();
    let error = client::<T>(&tls).send(&instance, flow()).unwrap_err();
    assert!(
        matches!(error, Error::Protocol(_) | Error::Interrupted { .. }),
        "{error:?}"
    );
}

pub(crate) fn an_answer_that_ends_before_it_begins<T: Transport>() {
    let (instance, peer) = peer(1, |_, mut stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        read_request(&mut stream);
        let _ = stream.flush();
    });
    let error = build::<T>(builder::<T>())
        .send(&instance, flow())
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    peer.join().unwrap();
}

/// A listener whose queue is full drops what more comes, as a firewall does; on Linux.
pub(crate) fn a_connect_that_never_completes<T: Transport>() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(200);
    let queue: Vec<_> = (0..10_000)
        .map_while(|_| std::net::TcpStream::connect_timeout(&address, patience).ok())
        .collect();
    assert!(queue.len() < 10_000, "the queue has no end");
    for scheme in ["http", "https"] {
        let client = build::<T>(builder::<T>().timeout(Duration::from_secs(1)));
        let instance = format!("{scheme}://{address}").parse().unwrap();
        let error = client.send(&instance, flow()).unwrap_err();
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
