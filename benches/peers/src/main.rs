//! A held token, asked for again: the keeper beside the token caches of other libraries.
//!
//! Each is asked through its public API for a token that it has, which needs no exchange. The futures of the asynchronous ones are
//! ready at the first poll, so no runtime is measured. Each figure is the least of several rounds, taken in turns.

mod peers;

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

const ROUNDS: usize = 21;
const CALLS: u32 = 200_000;

/// Polls a future that is ready.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a held token must be waited for"),
    }
}

/// A library, and the asking for a token that it holds.
struct Peer {
    name: &'static str,
    ask: Box<dyn Fn()>,
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let context = runtime.enter();
    let peers = [
        Peer {
            name: "concur-oauth, blocking",
            ask: peers::keeper_blocking(),
        },
        Peer {
            name: "concur-oauth, hyper",
            ask: peers::keeper_hyper(),
        },
        Peer {
            name: "huskarl 0.11.10, InMemoryTokenCache",
            ask: peers::huskarl(),
        },
        Peer {
            name: "google-cloud-auth 1.19.0, user_account",
            ask: peers::google(&runtime),
        },
        Peer {
            name: "azure_identity 1.0.0, ClientSecretCredential",
            ask: peers::azure(&runtime),
        },
        Peer {
            name: "aws-smithy-runtime 1.16.2, lazy identity cache",
            ask: peers::aws(&runtime),
        },
    ];
    let mut best = vec![f64::INFINITY; peers.len()];
    for _ in 0..ROUNDS {
        for (peer, best) in peers.iter().zip(&mut best) {
            let start = Instant::now();
            for _ in 0..CALLS {
                black_box(&peer.ask)();
            }
            let each = start.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS);
            *best = best.min(each);
        }
    }
    let first = best.first().copied().unwrap_or(f64::NAN);
    for (peer, best) in peers.iter().zip(&best) {
        println!(
            "{:<48} {best:>7.1} ns   {:>5.2} of the first",
            peer.name,
            best / first
        );
    }
    drop(context);
}
