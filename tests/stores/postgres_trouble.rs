//! Bad days of PostgreSQL.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::ExposeSecret;
use concur_oauth::blocking::Client;
use concur_oauth::blocking::keeper::{BlockOn, Keeper, SealingKeys};
use concur_oauth::keeper::{
    AsyncStore, Event, KeepError, StoreError, StoreRequest, StoreResponse, Version,
};
use concur_oauth_postgres::{PostgresStore, StoreBuilder};
use concur_oauth_shared::rustls::pki_types::CertificateDer;

use crate::databases::{Authority, POSTGRES_PASSWORD, PgBouncer, Postgres, free_port};
use crate::{RUNTIME, grant, keys, name};

fn builder(postgres: &Postgres) -> StoreBuilder {
    PostgresStore::builder(&postgres.url()).unwrap()
}

fn open(postgres: &Postgres) -> PostgresStore {
    let store = builder(postgres).build(keys()).unwrap();
    RUNTIME.block_on(store.create_schema()).unwrap();
    store
}

fn load(store: &PostgresStore, it: &str) -> Result<StoreResponse, StoreError> {
    RUNTIME.block_on(store.send(StoreRequest::Load { name: name(it) }))
}

#[track_caller]
fn fails(store: &PostgresStore, with: &str) {
    let error = load(store, "a").unwrap_err();
    let shown = error.report().to_string();
    assert!(shown.contains(with), "{shown}");
    assert!(!shown.contains(POSTGRES_PASSWORD), "{shown}");
}

fn keeper(store: PostgresStore) -> (Keeper, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let store = BlockOn::new(store, |future| RUNTIME.block_on(future));
    let keeper = Keeper::builder(Client::builder().no_proxy().build().unwrap(), store)
        .on_event(move |event| heard.lock().unwrap().push(event.clone()));
    (keeper.build().unwrap(), events)
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{what}: not in time"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

/// Has statements wait in a session of their own, until it is killed.
fn session(postgres: &Postgres, statements: &str) -> Child {
    let mut psql = Command::new("psql");
    psql.args(["-qAtX", "-c", statements, &postgres.url()]);
    psql.stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn database_that_was_restarted_is_used_again_without_an_error() {
    let mut postgres = Postgres::start(&[]);
    let store = open(&postgres);
    load(&store, "a").unwrap();
    postgres.kill();
    fails(&store, "cannot be reached");
    postgres.restart();
    load(&store, "a").unwrap();
    // Restarted between two requests, of which neither notices.
    postgres.kill();
    postgres.restart();
    load(&store, "a").unwrap();
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn database_that_stalls_is_given_up_in_time() {
    let postgres = Postgres::start(&[]);
    let store = open(&postgres);
    let lock = "BEGIN; LOCK TABLE concur_oauth_grants; SELECT pg_sleep(60)";
    let mut session = session(&postgres, lock);
    let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'";
    until("it is locked", || postgres.sql(locks).1 != "0");
    let short = builder(&postgres).timeout(Duration::from_millis(500));
    let short = short.build(keys()).unwrap();
    let start = Instant::now();
    fails(&short, "did not respond within 0.5 s");
    assert!(start.elapsed() < Duration::from_secs(2));
    session.kill().unwrap();
    session.wait().unwrap();
    postgres.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'",
    );
    load(&short, "a").unwrap();
    // One that does not even take connections.
    drop(store);
    postgres.signal("-STOP");
    let other = builder(&postgres).timeout(Duration::from_millis(500));
    fails(
        &other.build(keys()).unwrap(),
        "did not respond within 0.5 s",
    );
    postgres.signal("-CONT");
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn what_is_set_up_wrongly_is_said_with_what_to_do() {
    let postgres = Postgres::start(&["max_connections=3", "superuser_reserved_connections=0"]);
    let url = postgres.url();
    let of = |url: &str| PostgresStore::builder(url).unwrap().build(keys()).unwrap();
    fails(&of(&url), "the tables are not there: call create_schema");
    let wrong = builder(&postgres)
        .password("another")
        .build(keys())
        .unwrap();
    fails(&wrong, "refuses the user or the password");
    fails(
        &of(&url.replace("/postgres", "/none")),
        "no database of this name",
    );
    let elsewhere = free_port().to_string();
    let elsewhere = url.replace(&postgres.port.to_string(), &elsewhere);
    fails(&of(&elsewhere), "cannot be reached");
    fails(
        &of("postgres://concur@nowhere.invalid/postgres"),
        "cannot be reached",
    );
    let store = open(&postgres);
    postgres.sql("INSERT INTO concur_oauth_grants_schema VALUES (2)");
    fails(&of(&url), "schema 2, which a later version");
    postgres.sql("DELETE FROM concur_oauth_grants_schema WHERE version = 2");
    load(&store, "a").unwrap();
    // No connection is left.
    drop(store);
    let mut sessions: Vec<_> = (0..3)
        .map(|_| session(&postgres, "SELECT pg_sleep(60)"))
        .collect();
    thread::sleep(Duration::from_millis(500));
    fails(&of(&url), "no connection left");
    for session in &mut sessions {
        session.kill().unwrap();
        session.wait().unwrap();
    }
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn standby_is_not_written_to() {
    let postgres = Postgres::start(&[]);
    let store = open(&postgres);
    postgres.sql("ALTER SYSTEM SET default_transaction_read_only = on");
    postgres.sql("SELECT pg_reload_conf()");
    thread::sleep(Duration::from_millis(200));
    let fresh = builder(&postgres).build(keys()).unwrap();
    fails(&fresh, "read-only: name the primary");
    // The connection that was there finds it out when it writes, and asks for another.
    let commit = || StoreRequest::Commit {
        name: name("a"),
        at: Version::NONE,
        version: Version::new(1),
        grant: Some(concur_oauth::keeper::StoredGrant::new(b"grant".to_vec())),
        due_in: Duration::ZERO,
    };
    let error = RUNTIME.block_on(store.send(commit())).unwrap_err();
    assert!(
        error.report().to_string().contains("read-only"),
        "{}",
        error.report()
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn sealed_grant_shows_nothing_and_opens_in_its_place_alone() {
    let postgres = Postgres::start(&[]);
    let (keeper, _) = keeper(open(&postgres));
    keeper.put("one", grant("hidden-refresh")).unwrap();
    keeper.put("two", grant("hidden-refresh")).unwrap();
    postgres.sql("CHECKPOINT");
    let found = Command::new("grep")
        .args(["-rla", "hidden-"])
        .arg(postgres.folder())
        .output();
    assert_eq!(String::from_utf8_lossy(&found.unwrap().stdout), "");
    let store = builder(&postgres).build(keys()).unwrap();
    load(&store, "two").unwrap();
    // Copied from another grant, or to a later version of the same.
    postgres.sql("UPDATE concur_oauth_grants SET sealed = (SELECT sealed FROM concur_oauth_grants WHERE name = 'one') WHERE name = 'two'");
    postgres.sql("UPDATE concur_oauth_grants SET version = 2 WHERE name = 'one'");
    for it in ["one", "two"] {
        assert!(load(&store, it).unwrap_err().is_wrong_key(), "{it}");
    }
    // Another fleet's keys: nothing is claimed.
    let other = SealingKeys::parse(&format!("b {}", "11".repeat(32))).unwrap();
    let other = builder(&postgres).build(other).unwrap();
    postgres.sql("UPDATE concur_oauth_grants SET version = 1 WHERE name = 'one'");
    let claim = StoreRequest::Claim {
        name: name("one"),
        version: Version::new(1),
        nonce: 7,
        lease: Duration::from_secs(300),
    };
    assert!(
        RUNTIME
            .block_on(other.send(claim))
            .unwrap_err()
            .is_wrong_key()
    );
    let leased =
        postgres.sql("SELECT count(*) FROM concur_oauth_grants WHERE lease_until IS NOT NULL");
    assert_eq!(leased.1, "0");
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn database_that_went_back_is_given_the_newer_grant() {
    let postgres = Postgres::start(&[]);
    let (keeper, events) = keeper(open(&postgres));
    keeper.put("a", grant("hidden-first")).unwrap();
    postgres.sql("CREATE TABLE yesterday AS SELECT * FROM concur_oauth_grants");
    keeper.put("a", grant("hidden-second")).unwrap();
    let newer = keeper.token("a").unwrap();
    // A failover that lost the last commit, or yesterday's backup.
    postgres.sql(
        "TRUNCATE concur_oauth_grants; INSERT INTO concur_oauth_grants SELECT * FROM yesterday",
    );
    let later = keeper.token_after("a", newer.version(), Duration::from_secs(2));
    assert!(later.is_err());
    let events = events.lock().unwrap();
    let went_back = |event: &Event| matches!(event, Event::StoreWentBack { .. });
    assert!(events.iter().any(went_back), "{events:?}");
    let version = postgres
        .sql("SELECT version FROM concur_oauth_grants WHERE name = 'a'")
        .1;
    assert!(
        version.parse::<u64>().unwrap() >= newer.version().get(),
        "{version}"
    );
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn standby_that_was_promoted_without_the_last_commit_is_given_the_newer_grant() {
    let mut primary = Postgres::start(&[]);
    let standby = primary.standby();
    let both = format!("127.0.0.1:{},127.0.0.1:{}", primary.port, standby.port);
    let both = primary
        .url()
        .replace(&format!("127.0.0.1:{}", primary.port), &both);
    let open = || {
        PostgresStore::builder(&both)
            .unwrap()
            .build(keys())
            .unwrap()
    };
    RUNTIME.block_on(open().create_schema()).unwrap();
    let (keeper, events) = keeper(open());
    keeper.put("a", grant("hidden-first")).unwrap();
    let version = "SELECT version FROM concur_oauth_grants WHERE name = 'a'";
    until("it follows", || standby.sql(version).1 == "1");
    // It follows no more, and the primary goes on.
    standby.sql("ALTER SYSTEM SET primary_conninfo = ''");
    standby.sql("SELECT pg_reload_conf()");
    let receivers = "SELECT count(*) FROM pg_stat_wal_receiver";
    until("it follows no more", || standby.sql(receivers).1 == "0");
    keeper.put("a", grant("hidden-second")).unwrap();
    let newer = keeper.token("a").unwrap();
    primary.kill();
    // Until it is promoted, there is no primary.
    let error = load(&open(), "a").unwrap_err().report().to_string();
    assert!(error.contains("the database"), "{error}");
    keeper.token("a").unwrap();
    assert_eq!(standby.sql("SELECT pg_promote()").1, "t");
    assert_eq!(standby.sql(version).1, "1");
    let later = keeper.token_after("a", newer.version(), Duration::from_secs(2));
    assert!(later.is_err());
    let events = events.lock().unwrap();
    let went_back = |event: &Event| matches!(event, Event::StoreWentBack { .. });
    assert!(events.iter().any(went_back), "{events:?}");
    let version: u64 = standby.sql(version).1.parse().unwrap();
    assert!(version >= newer.version().get());
    // What another process then renews.
    let Ok(StoreResponse::Loaded(Some(record))) = load(&open(), "a") else {
        panic!("it is gone");
    };
    let stored = String::from_utf8(record.grant.unwrap().as_bytes().to_vec()).unwrap();
    assert!(stored.contains("hidden-second"));
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn token_is_handed_out_while_the_database_is_away() {
    let mut postgres = Postgres::start(&[]);
    let (keeper, events) = keeper(open(&postgres));
    keeper.put("a", grant("hidden-refresh")).unwrap();
    postgres.kill();
    let token = keeper.token("a").unwrap();
    assert_eq!(token.token().token().expose_secret(), "hidden-access");
    // What is not held is an error that says when to come again.
    let failed = keeper.token("b").unwrap_err();
    assert!(matches!(failed, KeepError::Store { .. }) && failed.retry_at().is_some());
    assert!(events.lock().unwrap().contains(&Event::StoreFailed));
    postgres.restart();
    thread::sleep(Duration::from_secs(6));
    assert!(matches!(keeper.token("b"), Err(KeepError::Unknown { .. })));
    assert!(events.lock().unwrap().contains(&Event::StoreRecovered));
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
        let postgres = Postgres::with_tls(&certificate, &key);
        let url = postgres.url().replace("127.0.0.1", "localhost") + "?sslmode=require";
        let root = CertificateDer::from(authority.der.clone());
        let trusting = PostgresStore::builder(&url).unwrap().add_root(root);
        let store = trusting.build(keys()).unwrap();
        match with {
            None => RUNTIME.block_on(store.create_schema()).unwrap(),
            Some(with) => {
                fails(&store, "TLS with the database failed");
                fails(&store, with);
            }
        }
        let trusting_none = PostgresStore::builder(&url).unwrap().build(keys()).unwrap();
        fails(&trusting_none, "TLS with the database failed");
    }
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn pooler_of_transactions_is_no_obstacle() {
    let postgres = Postgres::start(&[]);
    let pooler = PgBouncer::start(postgres.port);
    // More stores than the pooler has connections.
    let open = |_| {
        let store = PostgresStore::builder(&pooler.url())
            .unwrap()
            .build(keys())
            .unwrap();
        RUNTIME.block_on(store.create_schema()).unwrap();
        keeper(store).0
    };
    let keepers: Vec<_> = (0..6).map(open).collect();
    for round in 0..20 {
        for (number, keeper) in keepers.iter().enumerate() {
            let it = name(&format!("{}", number % 3));
            keeper.put(&it, grant(&format!("hidden-{round}"))).unwrap();
        }
    }
    for keeper in &keepers {
        keeper.token("0").unwrap();
    }
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn full_disk_is_said_and_ends_nothing() {
    let postgres = Postgres::on_small_disk(100);
    let (keeper, events) = keeper(open(&postgres));
    keeper.put("a", grant("hidden-refresh")).unwrap();
    postgres.sql("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 200000)");
    postgres.fill_disk();
    let failed = keeper.put("b", grant("hidden-other"));
    let Err(KeepError::Store { source, .. }) = failed else {
        panic!("it is stored: {failed:?}");
    };
    let shown = source.report().to_string();
    assert!(
        shown.contains("disk is full") || shown.contains("cannot be reached"),
        "{shown}"
    );
    keeper.token("a").unwrap();
    keeper.token("b").unwrap();
    let events = events.lock().unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Unsaved { .. })),
        "{events:?}"
    );
}
