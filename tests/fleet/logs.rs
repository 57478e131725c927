//! What the processes have logged, and what held a caller up.

use std::collections::BTreeMap;

use crate::concur::{Exchange, grant_name};
use crate::databases::Folder;
use crate::member::{LOGGED, SLOW};

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
    is_won: bool,
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

pub(crate) struct Failure {
    pid: u32,
    at: u64,
    pub(crate) name: String,
    pub(crate) why: String,
}

/// Why no token could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeldUp {
    ByLease,
    BySlowness,
}

/// What the members, the emulator and the harness have logged.
#[derive(Default)]
pub(crate) struct Logs {
    text: String,
    claims: Vec<Claim>,
    slow: Vec<Slow>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) exchanges: Vec<Exchange>,
    /// Processes, and when each was killed.
    killed: BTreeMap<u32, u64>,
    unknown: Vec<Unknown>,
    pub(crate) asked: u64,
    pub(crate) ended: usize,
}

impl Logs {
    pub(crate) fn read(folder: &Folder, exchanges: Vec<Exchange>, killed: &[(u32, u64)]) -> Self {
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
                    is_won: false,
                    ended_at: None,
                    is_stored: false,
                }),
                ["claim", name, ..] => {
                    if let Some(claim) = logs.last_claim(pid, name) {
                        claim.is_won = true;
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
    pub(crate) fn was_killed(&self, name: &str, at: u64) -> bool {
        self.claims.iter().any(|claim| {
            // What it had sent can arrive a deadline later.
            let killed = self.killed.get(&claim.pid);
            claim.name == name
                && claim.is_won
                && claim.ended_at.is_none()
                && claim.at <= at
                && killed.is_some_and(|kill| *kill + 1000 >= at)
        })
    }

    /// Returns why a call got no token, where the keeper is not to blame for it.
    pub(crate) fn held_up(&self, failure: &Failure) -> Option<HeldUp> {
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

    pub(crate) fn print(&self, name: &str) {
        for line in lines(&self.text).filter(|line| line.what.contains(name)) {
            println!("{} {} {}", line.pid, line.at, line.what);
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
