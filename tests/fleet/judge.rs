//! What came of it: each grant that ended must be explained, and each exchange.

use std::collections::BTreeMap;
use std::time::Duration;

use concur_oauth::keeper::{KeepError, Record, StoreRequest, StoreResponse};
use concur_oauth_emulator::v0::Rotation;

use crate::concur::{Concur, Exchange, grant_name};
use crate::databases::Folder;
use crate::logs::Logs;
use crate::member::open;
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

/// Returns whether a call may fail for this: a grant that ended, or a database that is down.
fn is_expected(why: &str) -> bool {
    why.starts_with("consent") || why == "store, none"
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
            let (why, counts) = match logs.held_up(failure) {
                Some(held_up) => (format!("{held_up:?}"), &mut verdict.held_up),
                None => (failure.why.clone(), &mut verdict.failed),
            };
            *counts.entry(why).or_default() += 1;
            if logs.held_up(failure).is_none() && !is_expected(&failure.why) {
                logs.print(&failure.name);
            }
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
            assert!(is_expected(why), "{why}: {count}");
        }
    }
}
