//! The keeper's hot path, its size, and the first token over a large store.
//!
//! The machine is shared, so each figure is the best of several rounds, and the two threads stand beside a control that needs no
//! memory in common.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth_benches::Heap;
use concur_oauth_blocking::Client;
use concur_oauth_blocking::keeper::{Keeper, MemoryStore};
use concur_oauth_core::keeper::{Grant, GrantName, Store};
use concur_oauth_core::{BaseUrl, ConsumerKey, TokenParts, TokenScheme};
use concur_oauth_file::FileStore;

#[global_allocator]
static HEAP: Heap = Heap;

const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9";
const REFRESH: &str = "2d725xipty0z7ha3vlpy8b2c3hqxmw";
const SCOPE: &str = "openid user.read";
const ROUNDS: u32 = 15;

fn keeper(store: impl Store + 'static) -> Keeper {
    let roots = rustls::RootCertStore::empty();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder().no_proxy().rustls_config(tls).build();
    Keeper::builder(client.expect("a client"), store)
        .build()
        .expect("a keeper")
}

fn grant() -> Grant {
    let mut parts = TokenParts::new(TokenScheme::Bearer, TOKEN, BaseUrl::EU2);
    parts.refresh_token = Some(REFRESH.into());
    parts.scope = Some(SCOPE.to_owned());
    parts.expires_at = Some(SystemTime::now() + Duration::from_secs(3600));
    let key = ConsumerKey::new("3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11").expect("a key");
    Grant::new(key, parts.into(), SystemTime::now()).expect("a grant")
}

fn name(number: usize) -> GrantName {
    GrantName::new(format!("customer-{number:06}")).expect("a name")
}

/// Returns the least time of a call, in nanoseconds.
fn least(calls: u32, mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        for _ in 0..calls {
            work();
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// Returns how many times as much two threads do as one: the median of pairs.
fn scaling(calls: u32, work: impl Fn(usize) + Sync) -> f64 {
    let run = |threads: usize| {
        let barrier = Barrier::new(threads);
        let start = Instant::now();
        thread::scope(|scope| {
            for number in 0..threads {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    for _ in 0..calls {
                        work(number);
                    }
                });
            }
        });
        start.elapsed().as_secs_f64()
    };
    let mut ratios: Vec<f64> = (0..ROUNDS).map(|_| 2.0 * run(1) / run(2)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn hot_path(calls: u32) {
    let keeper = keeper(MemoryStore::new());
    for number in 0..1000 {
        keeper.put(name(number), grant()).expect("it is stored");
    }
    let (one, other) = (name(7), name(500));
    let (one, other) = (one.as_str(), other.as_str());
    for it in [one, other] {
        keeper.token(it).expect("a token");
    }
    let before = Heap::asked().0;
    for _ in 0..1000 {
        black_box(keeper.token(one).expect("a token"));
    }
    let allocations = Heap::asked().0 - before;
    let nanoseconds = least(calls, || {
        black_box(keeper.token(black_box(one)).expect("a token"));
    });
    println!(
        "keeper.token(), held            {nanoseconds:>8.1} ns, {allocations} allocations in 1,000 calls"
    );
    assert_eq!(allocations, 0);
    let clock = least(calls, || {
        black_box(SystemTime::now());
    });
    println!("  of which the clock            {clock:>8.1} ns");
    let control = scaling(calls, |number| {
        let mut state = number as u64;
        for _ in 0..40 {
            state = black_box(
                state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
        black_box(state);
    });
    let names = [one, other];
    let ours = scaling(calls, |number| {
        black_box(keeper.token(names[number]).expect("a token"));
    });
    println!("two threads, two grants         {ours:>8.2} times one (control {control:.2})");
}

fn size(grants: usize) {
    let keeper = keeper(MemoryStore::new());
    keeper.put(name(0), grant()).expect("it is stored");
    let store = std::sync::Arc::new(MemoryStore::new());
    let filler = self::keeper(std::sync::Arc::clone(&store));
    for number in 0..grants {
        filler.put(name(number), grant()).expect("it is stored");
    }
    drop(filler);
    let keeper = self::keeper(store);
    let before = Heap::live();
    for number in 0..grants {
        keeper.token(name(number).as_str()).expect("a token");
    }
    let each = (Heap::live() - before) / grants;
    let secrets = TOKEN.len() + REFRESH.len() + SCOPE.len();
    // Of a few, the tables are mostly empty.
    assert!(grants < 10_000 || each - secrets <= 768);
    println!(
        "{grants} grants                   {:>8} bytes each, beyond {secrets} of tokens and scopes",
        each - secrets
    );
}

fn first_token(grants: usize) {
    let folder = std::env::temp_dir().join(format!("concur-oauth-bench-{}", std::process::id()));
    let store = || FileStore::open(&folder).expect("a store");
    let filler = keeper(store());
    filler.put(name(0), grant()).expect("it is stored");
    let (from, lock) = (
        folder.join("customer-000000.grant"),
        folder.join("customer-000000.lock"),
    );
    for number in 1..grants {
        let to = |ending: &str| folder.join(format!("customer-{number:06}.{ending}"));
        std::fs::copy(&from, to("grant")).expect("a copy");
        std::fs::copy(&lock, to("lock")).expect("a copy");
    }
    let start = Instant::now();
    let keeper = keeper(store());
    keeper.token(name(grants / 2).as_str()).expect("a token");
    println!(
        "first token, store of {grants}  {:>8.2} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let _ = std::fs::remove_dir_all(&folder);
}

fn main() {
    // As the other benches do, to see that they work.
    let is_test = std::env::args().any(|arg| arg == "--test");
    let (calls, grants) = if is_test {
        (1000, 500)
    } else {
        (200_000, 100_000)
    };
    hot_path(calls);
    size(grants);
    first_token(grants);
}
