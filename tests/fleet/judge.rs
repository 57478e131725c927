//! What came of it: each grant that ended must be explained, and each exchange.

use std::collections::BTreeMap;
use std::time::Duration;

use concur_oauth::keeper::{KeepError, Record, StoreRequest, StoreResponse};
use concur_oauth_emulator::v0::Rotation;

use crate::concur::{Concur, Exchange, grant_name};
use crate::databases::Folder;
use crate::member::{LOGGED, SLOW, open};
use crate::{MEMBERS, RUNTIME, grants};

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    exchanges: usize,
    lost_responses: usize,
    refused_requests: usize,
    kills: usize,
    asked: u64,
    /// How often a call of `token` failed, by why and whether the process held a living token.
    failed: BTreeMap<String, u64>,
    /// How often it failed for a reason that is not the keeper's.
    held_up: BTreeMap<String, u64>,
    grants_ended: usize,
    ended_by_a_lost_response: usize,
    ended_by_a_kill: usize,
    ended_without_reason: Vec<String>,
    /// Grants that were renewed more often than they were stored, without a lost response or a kill.
    exchanges_without_a_version: Vec<String>,
    stopped_in_order: usize,
}

/// A line of a member's log.
struct Line<'a> {
    pid: u32,
    at: u64,
    what: &'a str,
}

fn lines(log: &str) -> impl Iterator<Item = Line<'_>> {
    log.lines().filter_map(|line| {
        let mut words = line.splitn(3, ' ');
        Some(Line {
            pid: words.next()?.parse().ok()?,
            at: words.next()?.parse().ok()?,
            what: words.next()?,
        })
    })
}

/// A claim that a process sent.
struct Claim {
    pid: u32,
    at: u64,
    name: String,
    /// Of what it was given: none where it was refused, or where that is unknown.
    version: Option<u64>,
    /// When it was refused, given back, or followed by a commit.
    ended_at: Option<u64>,
    is_stored: bool,
}

/// A time in which a process waited long for the store or for Concur.
struct Slow {
    pid: u32,
    from: u64,
    to: u64,
}

/// When a process did not know what became of a renewal, and until when it sends none of that grant.
struct Unknown {
    pid: u32,
    at: u64,
    name: String,
    until: u64,
}

struct Failure {
    pid: u32,
    at: u64,
    name: String,
    why: String,
}

/// Why no token could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeldUp {
    ByLease,
    BySlowness,
}

/// What the members, the emulator and the harness have logged.
#[derive(Default)]
struct Logs {
    text: String,
    claims: Vec<Claim>,
    slow: Vec<Slow>,
    failures: Vec<Failure>,
    exchanges: Vec<Exchange>,
    /// Processes, and when each was killed.
    killed: BTreeMap<u32, u64>,
    unknown: Vec<Unknown>,
    asked: u64,
    ended: usize,
}

impl Logs {
    fn read(folder: &Folder, exchanges: Vec<Exchange>, killed: &[(u32, u64)]) -> Self {
        let mut text = String::new();
        for entry in std::fs::read_dir(&folder.0).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|it| it == "log") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
        Self {
            exchanges,
            ..Self::parse(text, killed)
        }
    }

    fn parse(text: String, killed: &[(u32, u64)]) -> Self {
        let mut logs = Self {
            killed: killed.iter().copied().collect(),
            ..Self::default()
        };
        for line in lines(&text) {
            let (pid, at) = (line.pid, line.at);
            let words: Vec<_> = line.what.split(' ').collect();
            match words[..] {
                ["claiming", name] => logs.claims.push(Claim {
                    pid,
                    at,
                    name: name.to_owned(),
                    version: None,
                    ended_at: None,
                    is_stored: false,
                }),
                ["claim", name, version] => {
                    if let Some(claim) = logs.last_claim(pid, name) {
                        claim.version = Some(version.parse().unwrap());
                    }
                }
                [what @ ("unclaimed" | "commit"), name, ..] => {
                    if let Some(claim) = logs.last_claim(pid, name) {
                        claim.ended_at = Some(at);
                        claim.is_stored = what == "commit";
                    }
                }
                // It is noted while it lasts, and when it ends.
                ["slow"] => logs.slow.push(Slow {
                    pid,
                    from: at,
                    to: at,
                }),
                ["failed", name, kind, held, ..] => logs.failures.push(Failure {
                    pid,
                    at,
                    name: name.to_owned(),
                    why: format!("{kind}, {held}"),
                }),
                ["event", "RenewalFailed", "{", "name:", name, ..]
                    if line.what.contains("may_have_reached_concur: true") =>
                {
                    let (_, until) = line.what.split_once("tv_sec: ").unwrap();
                    let (until, _) = until.split_once(',').unwrap();
                    logs.unknown.push(Unknown {
                        pid,
                        at,
                        name: name.trim_matches(['"', ',']).to_owned(),
                        until: (until.parse::<u64>().unwrap() + 1) * 1000,
                    });
                }
                ["asked", ..] => logs.asked += LOGGED,
                ["end"] => logs.ended += 1,
                _ => {}
            }
        }
        for claim in logs.claims.iter().filter(|claim| claim.is_stored) {
            let (pid, from, to) = (claim.pid, claim.at, claim.ended_at.unwrap());
            if u128::from(to.saturating_sub(from)) > SLOW.as_millis() {
                logs.slow.push(Slow { pid, from, to });
            }
        }
        logs.text = text;
        logs
    }

    fn last_claim(&mut self, pid: u32, name: &str) -> Option<&mut Claim> {
        let mut latest_first = self.claims.iter_mut().rev();
        latest_first.find(|claim| claim.pid == pid && claim.name == name)
    }

    /// Returns whether the process that claimed this grant before `at` was killed before it had stored what came.
    fn was_killed(&self, name: &str, at: u64) -> bool {
        self.claims.iter().any(|claim| {
            // What it had sent can arrive a deadline later.
            let killed = self.killed.get(&claim.pid);
            claim.name == name
                && claim.version.is_some()
                && claim.at <= at
                && killed.is_some_and(|kill| *kill + 1000 >= at)
                && !claim.is_stored
        })
    }

    /// Returns why a call got no token, where the keeper is not to blame for it.
    fn held_up(&self, failure: &Failure) -> Option<HeldUp> {
        let is_of_the_lease = failure.why == "waiting, none" || failure.why == "failed, none";
        if is_of_the_lease && self.is_held_up_by_lease(failure) {
            Some(HeldUp::ByLease)
        } else if failure.why == "waiting, none" && self.is_of_slowness(failure) {
            Some(HeldUp::BySlowness)
        } else {
            None
        }
    }

    /// Returns whether no process could renew the grant meanwhile: the lease was of one that was killed with it, or whose response was
    /// lost, or came after the deadline. Or this process did not know what became of a request, and sends none for a time.
    fn is_held_up_by_lease(&self, failure: &Failure) -> bool {
        let (name, at) = (&failure.name, failure.at);
        let is_recent = |it: u64| (at.saturating_sub(6000)..=at).contains(&it);
        let of_killed = self.claims.iter().any(|claim| {
            // It was still at work where it was killed while this caller waited, or just after.
            let killed = self.killed.get(&claim.pid).copied();
            claim.name == *name
                && claim.ended_at.is_none()
                && is_recent(claim.at)
                && killed.is_some_and(|kill| (claim.at..=at + 1000).contains(&kill))
        });
        let of_lost = self.exchanges.iter().any(|it| {
            it.is_lost && is_recent(it.at) && grant_name(it.grant).as_str() == name.as_str()
        });
        let of_late = self.unknown.iter().any(|it| {
            let is_own = failure.why.starts_with("failed")
                && it.pid == failure.pid
                && (it.at..=it.until).contains(&at);
            it.name == *name && (is_own || is_recent(it.at))
        });
        of_killed || of_lost || of_late
    }

    /// Returns whether the process waited long for the store or for Concur, while a caller waited for it.
    fn is_of_slowness(&self, failure: &Failure) -> bool {
        let (from, to) = (failure.at.saturating_sub(1000), failure.at);
        let mut slow = self.slow.iter();
        slow.any(|it| it.pid == failure.pid && it.from <= to && it.to >= from)
    }

    fn print(&self, name: &str) {
        for line in lines(&self.text).filter(|line| line.what.contains(name)) {
            println!("{} {} {}", line.pid, line.at, line.what);
        }
    }
}

fn load_all(url: &str) -> Vec<Record> {
    RUNTIME.block_on(async {
        let store = open(url).await;
        let mut records = Vec::new();
        for number in 0..grants() {
            let name = grant_name(number);
            let loaded = store.send(StoreRequest::Load { name }).await.unwrap();
            let StoreResponse::Loaded(Some(record)) = loaded else {
                panic!("a record is gone");
            };
            records.push(record);
        }
        records
    })
}

impl Verdict {
    pub(crate) fn of(concur: &Concur, url: &str, folder: &Folder, killed: &[(u32, u64)]) -> Self {
        concur.is_well();
        let (exchanges, refused_requests) = concur.record();
        let logs = Logs::read(folder, exchanges, killed);
        let mut verdict = Self {
            exchanges: logs.exchanges.len(),
            lost_responses: logs.exchanges.iter().filter(|it| it.is_lost).count(),
            refused_requests,
            kills: killed.len(),
            asked: logs.asked,
            stopped_in_order: logs.ended,
            ..Self::default()
        };
        for failure in &logs.failures {
            let held_up = logs.held_up(failure);
            let why = &failure.why;
            if held_up.is_none() && why != "store, none" && !why.starts_with("consent") {
                logs.print(&failure.name);
            }
            let why = match held_up {
                Some(held_up) => {
                    *verdict.held_up.entry(format!("{held_up:?}")).or_default() += 1;
                    continue;
                }
                None => why.clone(),
            };
            *verdict.failed.entry(why).or_default() += 1;
        }
        let records = load_all(url);
        let (keeper, running) = concur.keeper(url);
        for (number, record) in records.iter().enumerate() {
            let name = grant_name(number);
            verdict.count(number, record, &logs);
            // Can it still be renewed?
            let wait = Duration::from_secs(30);
            let renewed = RUNTIME.block_on(keeper.token_after(&name, record.version, wait));
            if let Err(error) = renewed {
                verdict.ended(number, record, &error, &logs);
            }
        }
        keeper.stop();
        RUNTIME.block_on(running).unwrap();
        verdict
    }

    /// Compares the exchanges of a grant with the versions that were stored.
    fn count(&mut self, number: usize, record: &Record, logs: &Logs) {
        let name = grant_name(number);
        let own = || logs.exchanges.iter().filter(|it| it.grant == number);
        let is_excused = |it: &&Exchange| it.is_lost || logs.was_killed(name.as_str(), it.at);
        let (exchanges, excused) = (own().count(), own().filter(is_excused).count());
        // The first version is what was put.
        let renewals = usize::try_from(record.version.get()).unwrap() - 1;
        if exchanges > renewals + excused {
            let text =
                format!("{name}: {exchanges} exchanges, {renewals} stored, {excused} excused");
            self.exchanges_without_a_version.push(text);
            logs.print(name.as_str());
        }
    }

    /// Finds out why a grant has ended: its stored refresh token was spent, and what came of that was not stored.
    fn ended(&mut self, number: usize, record: &Record, error: &KeepError, logs: &Logs) {
        let name = grant_name(number);
        self.grants_ended += 1;
        let stored = record.grant.as_ref().unwrap().as_bytes();
        let stored = std::str::from_utf8(stored).unwrap();
        let mut own = logs.exchanges.iter().filter(|it| it.grant == number).rev();
        match own.find(|it| stored.contains(&it.sent)) {
            Some(exchange) if exchange.is_lost => self.ended_by_a_lost_response += 1,
            Some(exchange) if logs.was_killed(name.as_str(), exchange.at) => {
                self.ended_by_a_kill += 1;
            }
            _ => {
                let text = format!("{name}: {}", error.report());
                self.ended_without_reason.push(text);
                logs.print(name.as_str());
            }
        }
    }

    pub(crate) fn check(&self, rotation: Rotation) {
        assert!(self.exchanges > grants() / 2, "too little happened");
        assert!(
            self.kills > 5 && self.lost_responses > 0,
            "too little went wrong"
        );
        assert!(
            usize::try_from(self.asked).unwrap() > grants() && self.stopped_in_order == MEMBERS
        );
        assert!(self.refused_requests > 0 || self.grants_ended == 0);
        assert!(self.ended_without_reason.is_empty());
        assert!(self.exchanges_without_a_version.is_empty());
        if rotation == Rotation::KeepOld {
            assert_eq!(self.grants_ended, 0);
        }
        for (by, count) in &self.held_up {
            assert!(*count <= self.asked / 100, "{by}: {count}");
        }
        for (why, count) in &self.failed {
            let is_of_an_ended_grant = why.starts_with("consent");
            let is_without_a_database = why == "store, none";
            assert!(
                is_of_an_ended_grant || is_without_a_database,
                "{why}: {count}"
            );
        }
    }
}

#[test]
fn judge_takes_no_excuse_that_is_none() {
    let waited = "2 5500 failed g0001 waiting none";
    let gave_up = "2 5500 failed g0001 failed none";
    let unknown = "3 4900 event RenewalFailed { name: \"g0001\", until: SystemTime { tv_sec: 9, tv_nsec: 0 }, may_have_reached_concur: true }";
    let own = unknown.replacen('3', "2", 1);
    for (before, failed, held_up) in [
        // Process 1 is killed at 5000.
        ("1 4000 claiming g0001", waited, Some(HeldUp::ByLease)),
        (
            "1 4000 claiming g0001\n1 4001 claim g0001 1",
            waited,
            Some(HeldUp::ByLease),
        ),
        (
            "1 4000 claiming g0001\n1 4001 unclaimed g0001",
            waited,
            None,
        ),
        (
            "1 4000 claiming g0001\n1 4001 claim g0001 1\n1 4300 commit g0001 2",
            waited,
            None,
        ),
        ("1 4000 claiming g0002", waited, None),
        ("2 4000 claiming g0001", waited, None),
        // It was killed long after the failure.
        ("4 4000 claiming g0001", waited, None),
        (unknown, waited, Some(HeldUp::ByLease)),
        (unknown, &gave_up.replace("5500", "10950"), None),
        (
            &own,
            &gave_up.replace("5500", "9900"),
            Some(HeldUp::ByLease),
        ),
        (&own, &gave_up.replace("5500", "12000"), None),
        ("2 4600 slow", waited, Some(HeldUp::BySlowness)),
        ("2 4600 slow", gave_up, None),
        ("2 4400 slow", waited, None),
        ("3 5000 slow", waited, None),
        (
            "2 4500 claiming g2\n2 4501 claim g2 1\n2 4900 commit g2 2",
            waited,
            Some(HeldUp::BySlowness),
        ),
        (
            "2 4500 claiming g2\n2 4501 claim g2 1\n2 4600 commit g2 2",
            waited,
            None,
        ),
        // It was given back, and claimed again much later.
        (
            "2 2 claiming g2\n2 3 claim g2 1\n2 9 unclaimed g2\n2 9000 claiming g2\n2 9001 claim g2 1\n2 9050 commit g2 2",
            waited,
            None,
        ),
    ] {
        let logs = Logs::parse(format!("{before}\n{failed}"), &[(1, 5000), (4, 60_000)]);
        assert_eq!(logs.held_up(&logs.failures[0]), held_up, "{before}");
    }
}
