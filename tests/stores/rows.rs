//! The rows of the table.

use std::thread;
use std::time::Duration;

use concur_oauth::keeper::{Claimed, GrantName, Record, Store, Version, Written};

const LEASE: Duration = Duration::from_secs(300);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

fn name(name: &str) -> GrantName {
    GrantName::new(name).unwrap()
}

fn v(number: u64) -> Version {
    Version::new(number)
}

fn load(store: &dyn Store, it: &str) -> Option<Record> {
    store.load(&name(it)).unwrap()
}

fn grant(record: Option<Record>) -> Option<(u64, Option<Vec<u8>>)> {
    record.map(|record| {
        let grant = record.grant.map(|grant| grant.as_bytes().to_vec());
        (record.version.get(), grant)
    })
}

fn commit(store: &dyn Store, it: &str, at: u64, version: u64, grant: &str) -> Written {
    let grant = Some(grant.as_bytes());
    store
        .commit(&name(it), v(at), v(version), grant, MONTH)
        .unwrap()
}

#[track_caller]
fn put(store: &dyn Store, it: &str, at: u64, version: u64, grant: &str) {
    let written = commit(store, it, at, version, grant);
    assert!(matches!(written, Written::Yes), "{written:?}");
}

fn claim(store: &dyn Store, it: &str, version: u64, nonce: u128) -> Claimed {
    store.claim(&name(it), v(version), nonce, LEASE).unwrap()
}

#[track_caller]
fn claimed(store: &dyn Store, it: &str, version: u64, nonce: u128) -> Record {
    match claim(store, it, version, nonce) {
        Claimed::Yes(record) => record,
        Claimed::No(record) => panic!("not claimed: {record:?}"),
    }
}

#[track_caller]
fn not_claimed(store: &dyn Store, it: &str, version: u64, nonce: u128) -> Option<Record> {
    match claim(store, it, version, nonce) {
        Claimed::Yes(record) => panic!("claimed: {record:?}"),
        Claimed::No(record) => record,
    }
}

#[track_caller]
fn refused(written: Written) -> Option<Record> {
    match written {
        Written::Yes => panic!("it was written"),
        Written::No(record) => record,
    }
}

pub(crate) fn name_that_was_never_stored_has_no_record(store: &dyn Store) {
    assert!(load(store, "a").is_none());
    assert!(not_claimed(store, "a", 0, 1).is_none());
    assert!(not_claimed(store, "a", 1, 1).is_none());
    assert!(refused(commit(store, "a", 1, 2, "x")).is_none());
    assert!(refused(store.mark_dead(&name("a"), v(1)).unwrap()).is_none());
    store.release(&name("a"), 1).unwrap();
    assert!(load(store, "a").is_none());
}

pub(crate) fn commit_inserts_once(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    let record = load(store, "a").unwrap();
    assert!(!record.dead && record.lease.is_none());
    assert!(record.age < Duration::from_secs(60));
    assert_eq!(grant(Some(record)), Some((1, Some(b"one".to_vec()))));
    let there = refused(commit(store, "a", 0, 1, "two"));
    assert_eq!(grant(there), Some((1, Some(b"one".to_vec()))));
}

pub(crate) fn commit_at_another_version_changes_nothing(store: &dyn Store) {
    put(store, "a", 0, 5, "five");
    for at in [0, 4, 6] {
        let there = refused(commit(store, "a", at, 9, "nine"));
        assert_eq!(grant(there), Some((5, Some(b"five".to_vec()))), "{at}");
    }
    // A version can be passed over.
    put(store, "a", 5, 9, "nine");
    assert_eq!(grant(load(store, "a")), Some((9, Some(b"nine".to_vec()))));
}

pub(crate) fn claim_is_given_to_one(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    let record = claimed(store, "a", 1, 1);
    assert_eq!(grant(Some(record)), Some((1, Some(b"one".to_vec()))));
    let there = not_claimed(store, "a", 1, 2).unwrap();
    let lease = there.lease.unwrap();
    assert!(!lease.left.is_zero() && lease.left <= LEASE && !lease.is_abandoned);
    // Another grant's is another's.
    put(store, "b", 0, 1, "one");
    claimed(store, "b", 1, 2);
}

pub(crate) fn claim_can_be_repeated_by_its_nonce_alone(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    claimed(store, "a", 1, u128::MAX);
    claimed(store, "a", 1, u128::MAX);
    not_claimed(store, "a", 1, u128::MAX - 1);
}

pub(crate) fn claim_needs_the_version_a_grant_and_life(store: &dyn Store) {
    put(store, "a", 0, 2, "two");
    for version in [0, 1, 3] {
        let there = not_claimed(store, "a", version, 1).unwrap();
        assert_eq!(there.version, v(2));
        assert!(there.lease.is_none());
    }
    assert!(matches!(
        store.mark_dead(&name("a"), v(2)).unwrap(),
        Written::Yes
    ));
    assert!(not_claimed(store, "a", 2, 1).unwrap().dead);
    let written = store.commit(&name("a"), v(2), v(3), None, Duration::ZERO);
    assert!(matches!(written.unwrap(), Written::Yes));
    assert!(not_claimed(store, "a", 3, 1).unwrap().grant.is_none());
}

pub(crate) fn release_needs_the_nonce(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    claimed(store, "a", 1, 1);
    store.release(&name("a"), 2).unwrap();
    not_claimed(store, "a", 1, 3);
    store.release(&name("a"), 1).unwrap();
    assert!(load(store, "a").unwrap().lease.is_none());
    claimed(store, "a", 1, 3);
}

pub(crate) fn commit_ends_the_lease_and_the_mark(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    claimed(store, "a", 1, 1);
    put(store, "a", 1, 2, "two");
    assert!(load(store, "a").unwrap().lease.is_none());
    claimed(store, "a", 2, 2);
    assert!(matches!(
        store.mark_dead(&name("a"), v(2)).unwrap(),
        Written::Yes
    ));
    let record = load(store, "a").unwrap();
    assert!(record.dead && record.lease.is_none() && record.version == v(2));
    put(store, "a", 2, 3, "three");
    assert!(!load(store, "a").unwrap().dead);
    claimed(store, "a", 3, 3);
}

pub(crate) fn put_needs_no_lease(store: &dyn Store) {
    put(store, "a", 0, 1, "one");
    claimed(store, "a", 1, 1);
    // A user's, while another process renews. That one's commit comes too late.
    put(store, "a", 1, 2, "put");
    let there = refused(commit(store, "a", 1, 2, "renewed"));
    assert_eq!(grant(there), Some((2, Some(b"put".to_vec()))));
}

pub(crate) fn mark_needs_the_version(store: &dyn Store) {
    put(store, "a", 0, 2, "two");
    for version in [0, 1, 3] {
        let there = refused(store.mark_dead(&name("a"), v(version)).unwrap());
        assert_eq!(there.unwrap().version, v(2));
    }
    assert!(!load(store, "a").unwrap().dead);
}

pub(crate) fn tombstone_keeps_the_version(store: &dyn Store) {
    put(store, "a", 0, 4, "four");
    let forgotten = store.commit(&name("a"), v(4), v(5), None, Duration::ZERO);
    assert!(matches!(forgotten.unwrap(), Written::Yes));
    assert_eq!(grant(load(store, "a")), Some((5, None)));
    assert!(refused(commit(store, "a", 0, 1, "one")).is_some());
    assert!(refused(store.mark_dead(&name("a"), v(5)).unwrap()).is_some());
    put(store, "a", 5, 6, "six");
    assert_eq!(grant(load(store, "a")), Some((6, Some(b"six".to_vec()))));
}

pub(crate) fn due_grants_are_listed_in_order(store: &dyn Store) {
    let insert = |it: &str, due_in| {
        let written = store.commit(&name(it), v(0), v(1), Some(b"x"), due_in);
        assert!(matches!(written.unwrap(), Written::Yes));
    };
    for it in ["d", "b", "e", "a", "c", "dead", "gone"] {
        insert(it, Duration::ZERO);
    }
    insert("later", MONTH);
    assert!(matches!(
        store.mark_dead(&name("dead"), v(1)).unwrap(),
        Written::Yes
    ));
    let gone = store.commit(&name("gone"), v(1), v(2), None, Duration::ZERO);
    assert!(matches!(gone.unwrap(), Written::Yes));
    let list = |after: Option<&str>, limit| {
        let after = after.map(name);
        let listed = store.list_due(after.as_ref(), limit).unwrap();
        listed
            .iter()
            .map(|name| name.as_str().to_owned())
            .collect::<String>()
    };
    assert_eq!(list(None, 100), "abcde");
    assert_eq!(list(None, 2), "ab");
    assert_eq!(list(Some("b"), 2), "cd");
    assert_eq!(list(Some("bb"), 100), "cde");
    assert_eq!(list(Some("e"), 100), "");
}

pub(crate) fn names_of_any_kind_are_kept_apart(store: &dyn Store) {
    let names = [
        "a", "A", "a.", "..", ".a", "a/b", "a%2fb", "ä", "ä ", "a b", "NUL", "a.grant", "日本",
    ];
    for (number, it) in names.iter().enumerate() {
        put(store, it, 0, number as u64 + 1, it);
    }
    for (number, it) in names.iter().enumerate() {
        let expected = (number as u64 + 1, Some(it.as_bytes().to_vec()));
        assert_eq!(grant(load(store, it)), Some(expected), "{it}");
    }
}

pub(crate) fn one_of_many_threads_commits_each_version(store: &dyn Store) {
    put(store, "a", 0, 1, "start");
    let wins: usize = thread::scope(|scope| {
        let work = |thread: u64| {
            let mut wins = 0;
            for _ in 0..20 {
                let at = load(store, "a").unwrap().version.get();
                let text = format!("{thread}");
                if matches!(commit(store, "a", at, at + 1, &text), Written::Yes) {
                    wins += 1;
                }
            }
            wins
        };
        let threads: Vec<_> = (0..8)
            .map(|thread| scope.spawn(move || work(thread)))
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    });
    assert!(wins > 0);
    assert_eq!(load(store, "a").unwrap().version.get(), wins as u64 + 1);
}
