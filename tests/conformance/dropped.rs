//! Futures that are dropped before they end.

use std::future::{Future, poll_fn};
use std::io::Read;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::{
    BaseUrl, Error, Exchange, InputError, Proxy, ResponseContext, ResponseError, SecretBody, http,
};
use concur_oauth_emulator::{End, Fault, Server};

use crate::columns::AsyncTransport;
use crate::peers::{build, builder, flow, peer, read_request, send, servers, trusting, url};

/// Polls a future until it has been pending this often, and drops it then; `None`, unless it ended
/// before.
async fn dropped_after<F: Future>(pending: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = pending;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Waits until no more than the kept connections are open and no more than their tasks are alive.
fn settles<T: AsyncTransport>(client: &T, server: &Server, kept: usize, tasks: Option<usize>) {
    let start = Instant::now();
    loop {
        send(client, server).unwrap();
        // A runtime on one thread goes on only while something is awaited.
        client.idle();
        if server.open_connections() <= kept && client.tasks() <= tasks {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{} connections, {:?} tasks, and {tasks:?} before",
            server.open_connections(),
            client.tasks()
        );
    }
}

pub(crate) fn future_dropped_at_any_await_point_leaves_nothing_behind<T: AsyncTransport>() {
    for server in servers() {
        let base_url = url(&server);
        // On a kept connection, and on one that has yet to be made.
        for kept in [1, 0] {
            let client: T = build(trusting::<T>(&server).max_idle_connections(kept));
            send(&client, &server).unwrap();
            settles(&client, &server, kept, Some(usize::MAX));
            let tasks = client.tasks();
            // Each of the first points, and some of the many in a response that drips.
            let mut points = (0..20).chain((20..).step_by(50));
            loop {
                let point = points.next().unwrap();
                server.inject(Fault::Drip(Duration::ZERO));
                let exchange = dropped_after(point, client.future(flow(&base_url)));
                if client.block_on(exchange).is_some() {
                    assert!(point > 3, "{point} points");
                    break;
                }
                // The fault may be left, if the request was never read.
                send(&client, &server).unwrap();
            }
            settles(&client, &server, kept, tasks);
        }
    }
}

pub(crate) fn future_dropped_while_it_waits_closes_its_connection<T: AsyncTransport>() {
    for server in servers() {
        let client: T = build(trusting::<T>(&server).max_idle_connections(1));
        send(&client, &server).unwrap();
        settles(&client, &server, 1, Some(usize::MAX));
        let tasks = client.tasks();
        let base_url = url(&server);
        for _ in 0..10 {
            server.inject(Fault::Raw(Vec::new(), End::Hold));
            let requests = server.request_count();
            client.block_on(async {
                let mut exchange = pin!(client.future(flow(&base_url)));
                poll_fn(|cx| {
                    let pending = exchange.as_mut().poll(cx).is_pending();
                    assert!(pending, "nothing responds");
                    if server.request_count() > requests {
                        return Poll::Ready(());
                    }
                    cx.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
            });
        }
        settles(&client, &server, 1, tasks);
    }
}

pub(crate) fn future_dropped_while_its_proxy_is_silent_closes_the_connection<T: AsyncTransport>() {
    let asked = Arc::new(AtomicBool::new(false));
    let was_asked = Arc::clone(&asked);
    let (address, peer) = peer(1, move |_, mut stream| {
        assert!(read_request(&mut stream).starts_with("CONNECT "));
        was_asked.store(true, Ordering::SeqCst);
        // The end, and no byte more.
        let timeout = Some(Duration::from_secs(10));
        stream.set_read_timeout(timeout).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    });
    let proxy = Proxy::new(address.to_string()).unwrap();
    let client: T = build(builder::<T>().proxy(proxy));
    client.block_on(async {
        let mut exchange = pin!(client.future(flow(&BaseUrl::US_PRODUCTION)));
        poll_fn(|cx| {
            let pending = exchange.as_mut().poll(cx).is_pending();
            assert!(pending, "nothing responds");
            if asked.load(Ordering::SeqCst) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    });
    client.idle();
    peer.join().unwrap();
    assert!(client.tasks().is_none_or(|tasks| tasks == 0));
}

/// More than any socket buffers for a peer that does not read.
struct Much(BaseUrl);

impl Exchange for Much {
    type Output = ();

    fn base_url(&self) -> &BaseUrl {
        &self.0
    }

    fn is_resendable(&self) -> bool {
        true
    }

    fn into_request(self) -> Result<http::Request<SecretBody>, InputError> {
        let body = SecretBody::from(vec![0; 16 << 20]);
        let request = http::Request::put(self.0.to_string()).body(body);
        Ok(request.unwrap())
    }

    fn parse(_: http::Response<&[u8]>, _: &ResponseContext) -> Result<(), ResponseError> {
        Ok(())
    }
}

pub(crate) fn peer_that_never_reads_keeps_nothing<T: AsyncTransport>() {
    let (closed, all_closed) = mpsc::channel();
    let (base_url, peer) = peer(2, move |_, mut stream| {
        let closed = closed.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(5));
            // What was sent before the client gave up, and then the end.
            while stream.read(&mut [0; 8192]).is_ok_and(|read| read > 0) {}
            closed.send(()).unwrap();
        });
    });
    let client: T = build(builder::<T>().timeout(Duration::from_secs(1)));
    for _ in 0..2 {
        let error = client.send(Much(base_url.clone())).unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
        assert!(error.may_have_reached_concur());
    }
    peer.join().unwrap();
    let start = Instant::now();
    while client.tasks().is_some_and(|tasks| tasks > 0) {
        client.idle();
        let tasks = client.tasks();
        // Before the peer reads.
        assert!(start.elapsed() < Duration::from_secs(2), "{tasks:?} tasks");
    }
    for _ in 0..2 {
        all_closed.recv_timeout(Duration::from_secs(20)).unwrap();
    }
}
