//! What a fleet asks of its database in an hour, and how much the database can do.
//!
//! `CONCUR_STORE` is the URL of a database of PostgreSQL or Redis that may be filled. The processes are simulated: each is a real
//! keeper, with a connection of its own to the real database, and the time is a number. Nothing else may use the loopback
//! interface meanwhile, because its bytes are counted.

mod fleet;
mod rate;

use std::time::Instant;

use tokio::runtime::Runtime;

use fleet::Fleet;

/// Processes and grants. (A hundred processes with 100,000 grants each would be ten million tokens in the memory of one machine.)
const FLEETS: [(usize, usize); 8] = [
    (1, 1_000),
    (1, 10_000),
    (1, 100_000),
    (10, 1_000),
    (10, 10_000),
    (10, 100_000),
    (100, 1_000),
    (100, 10_000),
];

fn main() {
    let Ok(url) = std::env::var("CONCUR_STORE") else {
        println!("set CONCUR_STORE to the URL of a database that may be filled");
        return;
    };
    let most = std::env::var("GROWTH_MOST").ok();
    let most = most.map_or(usize::MAX, |it| it.parse().expect("a number"));
    let runtime = Runtime::new().expect("a runtime");
    println!("In an hour:");
    println!(
        "| processes | grants | exchanges | loads | claims | commits | all a second | bytes a second | measured in |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for of in FLEETS {
        let (processes, grants) = of;
        if processes * grants > most {
            continue;
        }
        let start = Instant::now();
        let cost = Fleet::start(&runtime, &url, of).an_hour();
        let all = cost.loads + cost.claims + cost.commits + cost.others;
        println!(
            "| {processes} | {grants} | {} | {} | {} | {} | {:.1} | {} | {:.0?} |",
            cost.exchanges,
            cost.loads,
            cost.claims,
            cost.commits,
            all as f64 / 3600.0,
            cost.bytes / 3600,
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
