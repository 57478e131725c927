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

/// Processes, grants, and for how many of the grants each process is asked.
const FLEETS: [(usize, usize, usize); 9] = [
    (1, 1_000, 1_000),
    (1, 10_000, 10_000),
    (1, 100_000, 100_000),
    (10, 1_000, 1_000),
    (10, 10_000, 10_000),
    (10, 100_000, 100_000),
    (100, 1_000, 1_000),
    (100, 10_000, 10_000),
    // All of them would be ten million tokens in the memory of one machine.
    (100, 100_000, 10_000),
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
        "| processes | grants | of each | exchanges | loads | claims | commits | all a second | bytes a second | measured in |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for of in FLEETS {
        let (processes, grants, of_each) = of;
        if processes * of_each > most {
            continue;
        }
        let start = Instant::now();
        let cost = Fleet::start(&runtime, &url, of).an_hour();
        let all = cost.loads + cost.claims + cost.commits + cost.others;
        println!(
            "| {processes} | {grants} | {of_each} | {} | {} | {} | {} | {:.1} | {} | {:.0?} |",
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
