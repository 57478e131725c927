//! How much a database can do.

use std::time::{Duration, Instant};

use concur_oauth_benches::Engine;
use concur_oauth_core::keeper::{AsyncStore, StoreRequest, StoreResponse, StoredGrant, Version};
use tokio::runtime::Runtime;

use crate::fleet::name;

const CONNECTIONS: usize = 16;
const GRANTS: usize = 16_000;
const LEASE: Duration = Duration::from_secs(300);
const TIME: Duration = Duration::from_secs(10);
const TABLE: &str = "growth_rate";

/// Returns how often in a second a database does this, over sixteen connections that each wait for one response.
pub(crate) fn of(runtime: &Runtime, url: &str, renews: bool) -> f64 {
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for first in 0..CONNECTIONS {
            let store = Engine::open(url, TABLE).await;
            for number in (first..GRANTS).step_by(CONNECTIONS) {
                put(&store, number).await;
            }
            tasks.push((store, first));
        }
        let start = Instant::now();
        let tasks: Vec<_> = tasks
            .into_iter()
            .map(|(store, first)| tokio::spawn(work(store, first, renews, start)))
            .collect();
        let mut done = 0;
        for task in tasks {
            done += task.await.expect("it ends");
        }
        done as f64 / start.elapsed().as_secs_f64()
    })
}

async fn put(store: &Engine, number: usize) {
    let commit = StoreRequest::Commit {
        name: name(number),
        at: Version::NONE,
        version: Version::new(1),
        grant: Some(StoredGrant::new(vec![b'e'; 2700])),
        due_in: LEASE,
    };
    store.send(commit).await.expect("it responds");
}

async fn work(store: Engine, first: usize, renews: bool, start: Instant) -> usize {
    let mut done = 0;
    for number in (first..GRANTS).step_by(CONNECTIONS).cycle() {
        if start.elapsed() > TIME {
            break;
        }
        let name = name(number);
        let load = store.send(StoreRequest::Load { name: name.clone() }).await;
        let Ok(StoreResponse::Loaded(Some(record))) = load else {
            panic!("a grant is gone");
        };
        done += 1;
        if !renews {
            continue;
        }
        let claim = StoreRequest::Claim {
            name: name.clone(),
            version: record.version,
            nonce: number as u128,
            lease: LEASE,
        };
        store.send(claim).await.expect("it responds");
        let commit = StoreRequest::Commit {
            name,
            at: record.version,
            version: Version::new(record.version.get() + 1),
            grant: record.grant,
            due_in: LEASE,
        };
        store.send(commit).await.expect("it responds");
    }
    done
}
