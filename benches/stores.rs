//! A database with 100,000 grants: a list of them, the first token, and a claim and a commit.
//!
//! `CONCUR_STORE` is the URL of a database of PostgreSQL or Redis that may be filled.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth_benches::Engine;
use concur_oauth_blocking::Client;
use concur_oauth_blocking::keeper::{BlockOn, Keeper};
use concur_oauth_core::keeper::{
    AsyncStore, Claimed, GrantName, Store, StoreRequest, StoredGrant, Version, Written,
};
use concur_oauth_core::{BaseUrl, TokenParts, TokenScheme};
use tokio::runtime::Runtime;

const GRANTS: usize = 100_000;
const TABLE: &str = "concur_oauth_bench";
const LEASE: Duration = Duration::from_secs(300);

fn name(number: usize) -> GrantName {
    GrantName::new(format!("customer-{number:06}")).expect("a name")
}

/// The stored form of a grant of usual size: a token of 2,500 bytes.
fn stored() -> Vec<u8> {
    let mut parts = TokenParts::new(TokenScheme::Bearer, "e".repeat(2500), BaseUrl::EU2);
    parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
    parts.expires_at = Some(SystemTime::now() + Duration::from_secs(3600));
    let about = serde_json::json!({
        "format": 1, "client_id": "3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11", "age": 0, "life": 3600, "lineage": 1,
    });
    let token = serde_json::to_string(&parts).expect("a form");
    format!("{about}\n{token}").into_bytes()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let Ok(url) = std::env::var("CONCUR_STORE") else {
        println!("set CONCUR_STORE to the URL of a database that may be filled");
        return;
    };
    let runtime = Runtime::new().expect("a runtime");
    let engine = Arc::new(runtime.block_on(Engine::open(&url, TABLE)));
    let grant = stored();
    let fill = Instant::now();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for task in 0..64 {
            let (engine, grant) = (Arc::clone(&engine), grant.clone());
            tasks.push(tokio::spawn(async move {
                for number in (task..GRANTS).step_by(64) {
                    let commit = StoreRequest::Commit {
                        name: name(number),
                        at: Version::NONE,
                        version: Version::new(1),
                        grant: Some(StoredGrant::new(grant.clone())),
                        due_in: LEASE,
                    };
                    engine.send(commit).await.expect("it is stored");
                }
            }));
        }
        for task in tasks {
            task.await.expect("it ends");
        }
    });
    println!(
        "{GRANTS} grants stored in             {:>9.1?}",
        fill.elapsed()
    );
    for _ in 0..3 {
        let start = Instant::now();
        let count = runtime.block_on(engine.count());
        println!(
            "{count} names, states and times in {:>9.1?}",
            start.elapsed()
        );
    }

    // The first token, with the connection that it takes.
    let fresh = runtime.block_on(Engine::open(&url, TABLE));
    let handle = runtime.handle().clone();
    let store = BlockOn::new(fresh, move |future| handle.block_on(future));
    let client = Client::builder().no_proxy().build().expect("a client");
    let keeper = Keeper::builder(client, store).build().expect("a keeper");
    let start = Instant::now();
    keeper.token("customer-050000").expect("a token");
    println!(
        "the first token in                  {:>9.1?}",
        start.elapsed()
    );

    let handle = runtime.handle().clone();
    let store = BlockOn::new(Arc::clone(&engine), move |future| handle.block_on(future));
    let (mut claims, mut commits) = (Vec::new(), Vec::new());
    for number in 0..2000 {
        let (name, at) = (name(number * 37), Version::new(1));
        let start = Instant::now();
        let claimed = store.claim(&name, at, 7, LEASE).expect("a claim");
        claims.push(start.elapsed());
        assert!(matches!(claimed, Claimed::Yes(_)));
        let start = Instant::now();
        let written = store.commit(&name, at, Version::new(2), Some(&grant), LEASE);
        commits.push(start.elapsed());
        assert!(matches!(written, Ok(Written::Yes)));
    }
    println!(
        "a claim, median of 2,000            {:>9.1?}",
        median(claims)
    );
    println!(
        "a commit, median of 2,000           {:>9.1?}",
        median(commits)
    );
}
