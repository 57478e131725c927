//! A fleet: eight processes keep two thousand grants in one database, with tokens of a minute and every time of the policy divided
//! by sixty. One of the processes is killed every five seconds, the database is restarted twice, and one in two hundred of Concur's
//! responses is lost.
//!
//! The time is `FLEET_SECONDS`: 60 by default. The number of grants is `FLEET_GRANTS`: 2,000 by default.
#![cfg(all(feature = "blocking", feature = "hyper", feature = "keeper"))]

mod concur;
#[path = "../databases/mod.rs"]
mod databases;
mod judge;
mod logs;
mod member;

use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth_emulator::v0::Rotation;
use databases::{Folder, Postgres, Redis};
use tokio::runtime::Runtime;

use concur::Concur;
use judge::Verdict;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// How many processes there are.
const MEMBERS: usize = 8;
/// Returns how many grants they keep.
pub(crate) fn grants() -> usize {
    let grants = std::env::var("FLEET_GRANTS").ok();
    grants.map_or(2000, |grants| grants.parse().unwrap())
}

/// A database that can be restarted.
pub(crate) trait Database {
    fn url(&self) -> String;
    fn kill(&mut self);
    fn restart(&mut self);
}

impl Database for Postgres {
    fn url(&self) -> String {
        self.url()
    }

    fn kill(&mut self) {
        self.kill();
    }

    fn restart(&mut self) {
        self.restart();
    }
}

impl Database for Redis {
    fn url(&self) -> String {
        self.url()
    }

    fn kill(&mut self) {
        self.kill();
    }

    fn restart(&mut self) {
        self.restart();
    }
}

fn seconds() -> u64 {
    let seconds = std::env::var("FLEET_SECONDS").ok();
    seconds.map_or(60, |seconds| seconds.parse().unwrap())
}

/// Milliseconds since 1970, by which the logs of all processes are compared.
pub(crate) fn milliseconds() -> u64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}

/// A process of the fleet.
struct Member(Child);

impl Member {
    fn start(concur: &Concur, url: &str, folder: &Folder) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "member::member", "--ignored", "--nocapture"])
            .env("FLEET_STORE", url)
            .env("FLEET_CONCUR", concur.url())
            .env("FLEET_FOLDER", &folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// Has it finish and store what is under way, and end.
    fn stop(mut self) {
        drop(self.0.stdin.take());
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

fn run(mut database: impl Database, rotation: Rotation) {
    let folder = Folder::new("fleet");
    let concur = Concur::start(rotation, &folder);
    let url = database.url();
    concur.put_grants(&url);
    let mut members: Vec<_> = (0..MEMBERS)
        .map(|_| Member::start(&concur, &url, &folder))
        .collect();
    let (start, time) = (Instant::now(), Duration::from_secs(seconds()));
    let mut restarts = [time / 3, time * 2 / 3].into_iter().peekable();
    let mut next_kill = Duration::from_secs(5);
    let (mut killed, mut drawn) = (Vec::new(), 7_usize);
    while start.elapsed() < time {
        thread::sleep(Duration::from_millis(100));
        if restarts.next_if(|at| start.elapsed() >= *at).is_some() {
            println!("{} the database is restarted", milliseconds());
            database.kill();
            thread::sleep(Duration::from_secs(1));
            database.restart();
        }
        if start.elapsed() >= next_kill {
            next_kill += Duration::from_secs(5);
            drawn = drawn
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (drawn >> 33) % members.len();
            let mut member =
                std::mem::replace(&mut members[at], Member::start(&concur, &url, &folder));
            member.0.kill().unwrap();
            killed.push((member.0.id(), milliseconds()));
            println!("{} {} is killed", milliseconds(), member.0.id());
            member.0.wait().unwrap();
        }
    }
    members.into_iter().for_each(Member::stop);
    let verdict = Verdict::of(&concur, &url, &folder, &killed);
    println!("{rotation:?}, {} s: {verdict:#?}", time.as_secs());
    verdict.check(rotation);
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn fleet_on_postgres_loses_no_grant_that_can_be_saved() {
    run(
        Postgres::start(&["max_connections=50"]),
        Rotation::RefuseOld,
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn fleet_on_postgres_loses_no_grant_where_old_tokens_stay_valid() {
    run(Postgres::start(&["max_connections=50"]), Rotation::KeepOld);
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn fleet_on_redis_loses_no_grant_that_can_be_saved() {
    run(Redis::start(&["--appendonly", "yes"]), Rotation::RefuseOld);
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn fleet_on_redis_loses_no_grant_where_old_tokens_stay_valid() {
    run(Redis::start(&["--appendonly", "yes"]), Rotation::KeepOld);
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn example_renews_each_grant_once_for_four_processes() {
    let (postgres, redis) = (Postgres::start(&[]), Redis::start(&["--appendonly", "yes"]));
    for url in [postgres.url(), redis.url()] {
        let mut example = Command::new(env!("CARGO"));
        example
            .args([
                "run",
                "--quiet",
                "--locked",
                "--all-features",
                "--example",
                "keeper_fleet",
            ])
            .env("CONCUR_STORE", url);
        let output = example.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        // Tokens of five seconds, for eight seconds: two renewals each, or three.
        let requests = said.rsplit(": ").next().unwrap().split(' ').next().unwrap();
        assert!(
            (3..=9).contains(&requests.parse::<usize>().unwrap()),
            "{said}"
        );
    }
}
