//! Bad days of Redis.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::ExposeSecret;
use concur_oauth::hyper::Client;
use concur_oauth::hyper::keeper::{Keeper, Runner, SealingKeys};
use concur_oauth::keeper::{
    AsyncStore, Event, KeepError, StoreError, StoreRequest, StoreResponse, Version,
};
use concur_oauth_redis::{RedisStore, StoreBuilder};
use concur_oauth_shared::rustls::pki_types::CertificateDer;

use crate::databases::{Authority, REDIS_PASSWORD, Redis, free_port};
use crate::{RUNTIME, grant, keys, name};

const KEPT: [&str; 2] = ["--appendonly", "yes"];

fn builder(redis: &Redis) -> StoreBuilder {
    RedisStore::builder(&redis.url()).unwrap()
}

fn open(redis: &Redis) -> RedisStore {
    builder(redis).build(keys()).unwrap()
}

fn send(store: &RedisStore, request: StoreRequest) -> Result<StoreResponse, StoreError> {
    RUNTIME.block_on(store.send(request))
}

fn load(store: &RedisStore, it: &str) -> Result<StoreResponse, StoreError> {
    send(store, StoreRequest::Load { name: name(it) })
}

#[track_caller]
fn fails(store: &RedisStore, with: &str) {
    let error = load(store, "a").unwrap_err();
    let shown = error.report().to_string();
    assert!(shown.contains(with), "{shown}");
    assert!(!shown.contains(REDIS_PASSWORD), "{shown}");
}

struct Kept {
    keeper: Keeper,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Kept {
    fn over(store: RedisStore) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let client = RUNTIME.block_on(async { Client::builder().no_proxy().build() });
        let keeper = Keeper::builder(client.unwrap(), store)
            .on_event(move |event| heard.lock().unwrap().push(event.clone()));
        let (keeper, runner): (Keeper, Runner) = keeper.build().unwrap();
        RUNTIME.spawn(runner);
        Self { keeper, events }
    }

    fn put(&self, it: &str, refresh_token: &str) -> Result<(), KeepError> {
        RUNTIME.block_on(self.keeper.put(&name(it), grant(refresh_token)))
    }

    fn had(&self, event: impl Fn(&Event) -> bool) -> bool {
        self.events.lock().unwrap().iter().any(event)
    }
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn server_that_was_killed_keeps_what_it_acknowledged() {
    let mut redis = Redis::start(&KEPT);
    let kept = Kept::over(open(&redis));
    kept.put("a", "hidden-refresh").unwrap();
    redis.kill();
    // What is held is handed out.
    let token = RUNTIME.block_on(kept.keeper.token("a")).unwrap();
    assert_eq!(token.token().token().expose_secret(), "hidden-access");
    let failed = RUNTIME.block_on(kept.keeper.token("b")).unwrap_err();
    assert!(matches!(failed, KeepError::Store { .. }), "{failed:?}");
    redis.restart();
    assert!(matches!(
        load(&open(&redis), "a").unwrap(),
        StoreResponse::Loaded(Some(_))
    ));
    assert!(!kept.had(|event| matches!(event, Event::StoreWarning { .. })));
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn server_that_was_restarted_is_used_again_without_an_error() {
    let mut redis = Redis::start(&KEPT);
    let store = open(&redis);
    load(&store, "a").unwrap();
    redis.kill();
    fails(&store, "cannot be reached");
    redis.restart();
    load(&store, "a").unwrap();
    redis.kill();
    redis.restart();
    load(&store, "a").unwrap();
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn server_that_forgets_is_said_once() {
    let redis = Redis::start(&[]);
    let kept = Kept::over(open(&redis));
    kept.put("a", "hidden-refresh").unwrap();
    kept.put("b", "hidden-refresh").unwrap();
    let warnings = kept.events.lock().unwrap();
    let warnings = warnings.iter().filter_map(|event| match event {
        Event::StoreWarning { advice } => Some(advice),
        _ => None,
    });
    let warnings: Vec<_> = warnings.collect();
    assert!(
        warnings.len() == 1 && warnings[0].contains("appendonly yes"),
        "{warnings:?}"
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn server_that_stalls_is_given_up_in_time() {
    let redis = Redis::start(&KEPT);
    let store = builder(&redis)
        .timeout(Duration::from_millis(500))
        .build(keys())
        .unwrap();
    load(&store, "a").unwrap();
    redis.signal("-STOP");
    for _ in 0..2 {
        let start = Instant::now();
        fails(&store, "did not respond within 0.5 s");
        assert!(start.elapsed() < Duration::from_secs(2));
    }
    redis.signal("-CONT");
    load(&store, "a").unwrap();
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn what_is_set_up_wrongly_is_said_with_what_to_do() {
    let redis = Redis::start(&["--appendonly", "yes", "--maxclients", "40"]);
    let of = |url: &str| RedisStore::builder(url).unwrap().build(keys()).unwrap();
    let wrong = builder(&redis).password("another").build(keys()).unwrap();
    fails(&wrong, "refuses the user or the password");
    fails(
        &of(&format!("redis://127.0.0.1:{}", redis.port)),
        "refuses the user or the password",
    );
    let elsewhere = redis
        .url()
        .replace(&redis.port.to_string(), &free_port().to_string());
    fails(&of(&elsewhere), "cannot be reached");
    fails(&of("redis://nowhere.invalid"), "cannot be reached");
    redis.ask(&["SET", "{concur-oauth}:schema", "2"]);
    fails(&open(&redis), "form 2, which a later version");
    redis.ask(&["SET", "{concur-oauth}:schema", "1"]);
    load(&open(&redis), "a").unwrap();
    // A user without the right to run scripts.
    redis.ask(&[
        "ACL", "SETUSER", "reader", "on", ">pass", "~*", "+get", "+hmget", "+info",
    ]);
    let reader = format!("redis://reader:pass@127.0.0.1:{}", redis.port);
    fails(&of(&reader), "may not run scripts");
    // No memory is left.
    let store = open(&redis);
    load(&store, "a").unwrap();
    redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let commit = StoreRequest::Commit {
        name: name("a"),
        at: Version::NONE,
        version: Version::new(1),
        grant: Some(concur_oauth::keeper::StoredGrant::new(b"grant".to_vec())),
        due_in: Duration::ZERO,
    };
    let error = send(&store, commit).unwrap_err().report().to_string();
    assert!(error.contains("out of memory"), "{error}");
    redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    // No connection is left.
    let many: Vec<_> = (0..40)
        .map(|_| std::net::TcpStream::connect(("127.0.0.1", redis.port)).unwrap())
        .collect();
    fails(&open(&redis), "connection");
    drop(many);
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn sealed_grant_shows_nothing_and_opens_in_its_place_alone() {
    let redis = Redis::start(&KEPT);
    let kept = Kept::over(open(&redis));
    kept.put("one", "hidden-refresh").unwrap();
    kept.put("two", "hidden-refresh").unwrap();
    redis.ask(&["SAVE"]);
    let found = Command::new("grep")
        .args(["-rla", "hidden-"])
        .arg(redis.folder())
        .output();
    assert_eq!(String::from_utf8_lossy(&found.unwrap().stdout), "");
    let store = open(&redis);
    load(&store, "two").unwrap();
    let copy = "redis.call('HSET', KEYS[2], 'sealed', redis.call('HGET', KEYS[1], 'sealed'))";
    redis.ask(&[
        "EVAL",
        copy,
        "2",
        "{concur-oauth}:grant:one",
        "{concur-oauth}:grant:two",
    ]);
    redis.ask(&["HSET", "{concur-oauth}:grant:one", "version", "2"]);
    for it in ["one", "two"] {
        assert!(load(&store, it).unwrap_err().is_wrong_key(), "{it}");
    }
    let other = SealingKeys::parse(&format!("b {}", "11".repeat(32))).unwrap();
    let other = builder(&redis).build(other).unwrap();
    redis.ask(&["HSET", "{concur-oauth}:grant:one", "version", "1"]);
    let claim = StoreRequest::Claim {
        name: name("one"),
        version: Version::new(1),
        nonce: 7,
        lease: Duration::from_secs(300),
    };
    assert!(send(&other, claim).unwrap_err().is_wrong_key());
    assert_eq!(
        redis.ask(&["HEXISTS", "{concur-oauth}:grant:one", "lease_nonce"]),
        "0"
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn server_that_went_back_is_given_the_newer_grant() {
    let redis = Redis::start(&KEPT);
    let kept = Kept::over(open(&redis));
    kept.put("a", "hidden-first").unwrap();
    redis.ask(&["COPY", "{concur-oauth}:grant:a", "yesterday"]);
    kept.put("a", "hidden-second").unwrap();
    let newer = RUNTIME.block_on(kept.keeper.token("a")).unwrap();
    redis.ask(&["COPY", "yesterday", "{concur-oauth}:grant:a", "REPLACE"]);
    let wait = Duration::from_secs(2);
    let later = RUNTIME.block_on(kept.keeper.token_after("a", newer.version(), wait));
    assert!(later.is_err());
    assert!(kept.had(|event| matches!(event, Event::StoreWentBack { .. })));
    let version = redis.ask(&["HGET", "{concur-oauth}:grant:a", "version"]);
    assert!(
        version.parse::<u64>().unwrap() >= newer.version().get(),
        "{version}"
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn commit_waits_for_its_replicas() {
    let redis = Redis::start(&KEPT);
    let store = builder(&redis)
        .wait_replicas(1)
        .timeout(Duration::from_secs(1));
    let store = store.build(keys()).unwrap();
    let commit = |at: u64| StoreRequest::Commit {
        name: name("a"),
        at: Version::new(at),
        version: Version::new(at + 1),
        grant: Some(concur_oauth::keeper::StoredGrant::new(b"grant".to_vec())),
        due_in: Duration::ZERO,
    };
    let error = send(&store, commit(0)).unwrap_err().report().to_string();
    assert!(
        error.contains("0 replicas have the grant, and 1 must"),
        "{error}"
    );
    let replica = Redis::start(&[
        "--appendonly",
        "yes",
        "--replicaof",
        &format!("127.0.0.1 {}", redis.port),
        "--masterauth",
        REDIS_PASSWORD,
    ]);
    let start = Instant::now();
    while !redis.ask(&["INFO", "replication"]).contains("state=online") {
        assert!(start.elapsed() < Duration::from_secs(20), "no replica");
        thread::sleep(Duration::from_millis(50));
    }
    send(&store, commit(1)).unwrap();
    assert_eq!(
        replica.ask(&["HGET", "{concur-oauth}:grant:a", "version"]),
        "2"
    );
    // A replica is not written to.
    let error = send(&open(&replica), commit(2))
        .unwrap_err()
        .report()
        .to_string();
    assert!(error.contains("name the primary"), "{error}");
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn certificate_is_verified() {
    let authority = Authority::new();
    for (host, is_expired, with) in [
        ("localhost", false, None),
        ("localhost", true, Some("certificate expired")),
        ("elsewhere.example", false, Some("not valid for name")),
    ] {
        let (certificate, key) = authority.issue(host, is_expired);
        let redis = Redis::with_tls(&certificate, &key);
        let url = redis
            .url()
            .replace("redis://", "rediss://")
            .replace("127.0.0.1", "localhost");
        let url = url.replace(&redis.port.to_string(), &redis.tls_port.to_string());
        let root = CertificateDer::from(authority.der.clone());
        let store = RedisStore::builder(&url).unwrap().add_root(root);
        let store = store.build(keys()).unwrap();
        match with {
            None => drop(load(&store, "a").unwrap()),
            Some(with) => {
                fails(&store, "TLS with the server failed");
                fails(&store, with);
            }
        }
        fails(
            &RedisStore::builder(&url).unwrap().build(keys()).unwrap(),
            "TLS with the server failed",
        );
    }
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn full_disk_is_said_and_ends_nothing() {
    let redis = Redis::on_small_disk(8, &["--appendonly", "yes", "--appendfsync", "always"]);
    let kept = Kept::over(open(&redis));
    kept.put("a", "hidden-refresh").unwrap();
    redis.fill_disk();
    // What is left of the last page is written first.
    let names: Vec<_> = (0..20).map(|number| format!("b{number}")).collect();
    let put = |it: &String| (it.clone(), kept.put(it, "hidden-other"));
    let failed = names.iter().map(put).find(|(_, put)| put.is_err());
    let (last, failed) = failed.expect("the disk is full");
    let Err(KeepError::Store { source, .. }) = failed else {
        panic!("it is stored: {failed:?}");
    };
    let shown = source.report().to_string();
    assert!(
        shown.contains("disk") || shown.contains("connection") || shown.contains("reached"),
        "{shown}"
    );
    RUNTIME.block_on(kept.keeper.token("a")).unwrap();
    RUNTIME.block_on(kept.keeper.token(&last)).unwrap();
    assert!(kept.had(|event| matches!(event, Event::Unsaved { .. })));
}
