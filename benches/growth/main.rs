//! What a fleet asks of its database in an hour, and how much the database can do.
//!
//! `CONCUR_STORE` is the URL of a database of PostgreSQL or Redis that may be filled. The processes are simulated: each is a real
//! keeper, with a connection of its own to the real database, and the time is a number. Nothing else may use the loopback
//! interface meanwhile, because its bytes are counted. `GROWTH_FLEETS` chooses fleets, as in `10x1000,100x1000`.

mod fleet;
mod rate;

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use fleet::{Fleet, HOUR};

/// Processes and grants.
const FLEETS: [(usize, usize); 9] = [
    (1, 1_000),
    (1, 10_000),
    (1, 100_000),
    (10, 1_000),
    (10, 10_000),
    (10, 100_000),
    (100, 1_000),
    (100, 10_000),
    (100, 100_000),
];

/// The length of tokens, in bytes, and how long a fleet is watched. A hundred processes hold ten million tokens in the memory of one
/// machine, so those are short, and are watched for a quarter of an hour.
fn scale((processes, grants): (usize, usize)) -> (usize, Duration) {
    if processes * grants > 1_000_000 {
        (50, HOUR / 4)
    } else {
        (2500, HOUR)
    }
}

fn main() {
    let Ok(url) = std::env::var("CONCUR_STORE") else {
        println!("set CONCUR_STORE to the URL of a database that may be filled");
        return;
    };
    let only = std::env::var("GROWTH_FLEETS").unwrap_or_default();
    let is_chosen = |(processes, grants): (usize, usize)| {
        let name = format!("{processes}x{grants}");
        only.is_empty() || only.split(',').any(|it| it == name)
    };
    let runtime = Runtime::new().expect("a runtime");
    println!(
        "| processes | grants | minutes | exchanges | loads | claims | commits | all a second | bytes of a token | bytes a second | measured in |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for of in FLEETS.into_iter().filter(|of| is_chosen(*of)) {
        let (processes, grants) = of;
        let (token, watched) = scale(of);
        let start = Instant::now();
        let cost = Fleet::start(&runtime, &url, of, token).goes_on(watched);
        let all = cost.loads + cost.claims + cost.commits + cost.others;
        println!(
            "| {processes} | {grants} | {} | {} | {} | {} | {} | {:.1} | {token} | {} | {:.0?} |",
            watched.as_secs() / 60,
            cost.exchanges,
            cost.loads,
            cost.claims,
            cost.commits,
            all as f64 / watched.as_secs_f64(),
            cost.bytes / watched.as_secs(),
            start.elapsed(),
        );
    }
    println!("At once, from sixteen connections:");
    for (what, renews) in [
        ("loads", false),
        ("renewals, of a load, a claim and a commit each", true),
    ] {
        println!("{:.0} {what} a second", rate::of(&runtime, &url, renews));
    }
}
