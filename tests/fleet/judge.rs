//! What came of it: each grant that ended must be explained, and each exchange.

use std::collections::BTreeMap;
use std::time::Duration;

use concur_oauth::keeper::{KeepError, Record, StoreRequest, StoreResponse};
use concur_oauth_emulator::v0::Rotation;

use crate::concur::{Concur, Exchange, grant_name};
use crate::databases::Folder;
use crate::member::{SLOW, open};
use crate::{MEMBERS, RUNTIME, grants};

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    exchanges: usize,
    lost_responses: usize,
    refused_requests: usize,
    kills: usize,
    asked: usize,
    /// How often a call of `token` failed, by why and whether the process held a living token.
    failed: BTreeMap<String, usize>,
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

struct Claim {
    pid: u32,
    at: u64,
    name: String,
    version: u64,
}

/// When something happened to a process and a grant.
struct Moment {
    pid: u32,
    at: u64,
    name: String,
}

/// A time in which a process waited long for the store or for Concur.
struct Slow {
    pid: u32,
    from: u64,
    to: u64,
}

struct Failure {
    pid: u32,
    at: u64,
    name: String,
    why: String,
}

/// What the members, the emulator and the harness have logged.
struct Logs {
    text: String,
    claims: Vec<Claim>,
    /// Claims that were sent, of which it can be unknown what became.
    claiming: Vec<Moment>,
    slow: Vec<Slow>,
    /// Processes, and what they have stored: names and versions, and when.
    commits: BTreeMap<(u32, String, u64), u64>,
    failures: Vec<Failure>,
    exchanges: Vec<Exchange>,
    /// Processes, and when each was killed.
    killed: BTreeMap<u32, u64>,
    /// When a process did not know what became of a renewal.
    unknown: Vec<Moment>,
    asked: usize,
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
        let mut logs = Self {
            claims: Vec::new(),
            claiming: Vec::new(),
            slow: Vec::new(),
            commits: BTreeMap::new(),
            failures: Vec::new(),
            exchanges,
            killed: killed.iter().copied().collect(),
            unknown: Vec::new(),
            asked: 0,
            ended: 0,
            text: String::new(),
        };
        for line in lines(&text) {
            let (pid, at) = (line.pid, line.at);
            let words: Vec<_> = line.what.split(' ').collect();
            match words[..] {
                ["claim", name, version] => logs.claims.push(Claim {
                    pid,
                    at,
                    name: name.to_owned(),
                    version: version.parse().unwrap(),
                }),
                ["commit", name, version] => {
                    let version = version.parse().unwrap();
                    logs.commits.insert((pid, name.to_owned(), version), at);
                }
                ["claiming", name] => logs.claiming.push(Moment {
                    pid,
                    at,
                    name: name.to_owned(),
                }),
                // It is noted while it lasts, and when it ends.
                ["slow", ..] => logs.slow.push(Slow {
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
                    let name = name.trim_matches(['"', ',']).to_owned();
                    logs.unknown.push(Moment { pid, at, name });
                }
                ["asked", ..] => logs.asked += 1000,
                ["end"] => logs.ended += 1,
                _ => {}
            }
        }
        for claim in &logs.claims {
            let next = (claim.pid, claim.name.clone(), claim.version + 1);
            let (pid, from) = (claim.pid, claim.at);
            let stored = logs.commits.get(&next).copied();
            if let Some(to) =
                stored.filter(|to| u128::from(to.saturating_sub(from)) > SLOW.as_millis())
            {
                logs.slow.push(Slow { pid, from, to });
            }
        }
        logs.text = text;
        logs
    }

    /// Returns whether the process that claimed this grant before `at` was killed before it had stored what came.
    fn was_killed(&self, name: &str, at: u64) -> bool {
        self.claims.iter().any(|claim| {
            let next = (claim.pid, name.to_owned(), claim.version + 1);
            // What it had sent can arrive a deadline later.
            let killed = self.killed.get(&claim.pid);
            claim.name == name
                && claim.at <= at
                && killed.is_some_and(|kill| *kill + 1000 >= at)
                && !self.commits.contains_key(&next)
        })
    }

    /// Returns whether no process could renew a grant meanwhile: the lease is of one that was killed, or whose response was lost, or
    /// came after the deadline. The process that does not know what became of a renewal sends none for five minutes.
    fn is_held_up(&self, failure: &Failure) -> bool {
        let (name, at) = (&failure.name, failure.at);
        let is_recent = |it: u64| (at.saturating_sub(6000)..=at).contains(&it);
        let of_killed = self
            .claiming
            .iter()
            .any(|it| it.name == *name && is_recent(it.at) && self.killed.contains_key(&it.pid));
        let of_lost = self.exchanges.iter().any(|it| {
            it.is_lost && is_recent(it.at) && grant_name(it.grant).as_str() == name.as_str()
        });
        let of_late = self.unknown.iter().any(|it| {
            let is_own = failure.why.starts_with("failed") && it.pid == failure.pid;
            it.name == *name && it.at <= at && (is_own || is_recent(it.at))
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
            let (name, mut why) = (&failure.name, failure.why.clone());
            let is_of_the_lease = why == "waiting, none" || why == "failed, none";
            if is_of_the_lease && logs.is_held_up(failure) {
                why.push_str(", held up by a lease");
            } else if why == "waiting, none" && logs.is_of_slowness(failure) {
                why.push_str(", held up by slowness");
            } else if why != "store, none" && !why.starts_with("consent") {
                logs.print(name);
            }
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
        assert!(self.asked > grants() && self.stopped_in_order == MEMBERS);
        assert!(self.refused_requests > 0 || self.grants_ended == 0);
        assert!(self.ended_without_reason.is_empty());
        assert!(self.exchanges_without_a_version.is_empty());
        if rotation == Rotation::KeepOld {
            assert_eq!(self.grants_ended, 0);
        }
        let held_up = |(why, count): (&String, &usize)| why.contains("slowness").then_some(*count);
        let by_slowness: usize = self.failed.iter().filter_map(held_up).sum();
        assert!(by_slowness <= self.asked / 100, "{by_slowness}");
        for (why, count) in &self.failed {
            let is_of_an_ended_grant = why.starts_with("consent");
            let is_without_a_database = why == "store, none";
            let is_held_up = why.contains(", held up by ");
            assert!(
                is_of_an_ended_grant || is_without_a_database || is_held_up,
                "{why}: {count}"
            );
        }
    }
}
