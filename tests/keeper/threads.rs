//! What is renewed, when, and by how many exchanges.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::blocking::keeper::MemoryStore;
use concur_oauth::http::StatusCode;
use concur_oauth::keeper::{Event, Grant, KeepError, KeptToken, Policy, Reason};
use concur_oauth::{ExposeSecret, TokenScheme};
use concur_oauth_emulator::FaultRule;
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_file::FileStore;

use crate::concur::{Concur, Folder, client_id, name};

fn secret(token: &KeptToken) -> &str {
    token.token().token().expose_secret()
}

#[test]
fn token_is_handed_out_without_an_exchange_while_it_is_fresh() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", concur.grant()).unwrap();
    let requests = concur.server.request_count();
    let first = keeper.token("a").unwrap();
    for _ in 0..100 {
        assert_eq!(secret(&keeper.token("a").unwrap()), secret(&first));
    }
    assert_eq!(concur.server.request_count(), requests);
    assert!(first.token().refresh_token().is_none());
}

#[test]
fn expired_token_is_renewed_once_for_all_who_wait() {
    let concur = Concur::start();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    concur.set_life(Duration::from_secs(1));
    let grant = concur.grant();
    concur.set_life(Duration::from_secs(3600));
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", grant).unwrap();
    thread::sleep(Duration::from_millis(1100));
    let requests = concur.server.request_count();
    let start = Arc::new(Barrier::new(64));
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (keeper, start) = (keeper.clone(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                secret(&keeper.token("a").unwrap()).to_owned()
            })
        })
        .collect();
    let tokens: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(concur.server.request_count() - requests, 1);
    let events = concur.events();
    let [
        Event::Renewed {
            reason, rotated, ..
        },
    ] = &*events
    else {
        panic!("{events:?}");
    };
    assert_eq!((*reason, *rotated), (Reason::Expired, true));
}

#[test]
fn token_that_is_due_is_renewed_ahead_by_a_thread_that_runs_the_keeper() {
    let concur = Concur::start();
    concur.set_life(Duration::from_secs(2));
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("asked", concur.grant()).unwrap();
    keeper.put("idle", concur.grant()).unwrap();
    concur.set_life(Duration::from_secs(3600));
    let old = secret(&keeper.token("asked").unwrap()).to_owned();
    let runner = keeper.clone();
    let runner = thread::spawn(move || runner.run());
    let until = Instant::now() + Duration::from_secs(10);
    while concur.events.lock().unwrap().is_empty() {
        assert!(Instant::now() < until, "it is not renewed");
        thread::sleep(Duration::from_millis(20));
    }
    assert_ne!(secret(&keeper.token("asked").unwrap()), old);
    let events = concur.events();
    // The other was not asked for.
    let [Event::Renewed { name, reason, .. }] = &*events else {
        panic!("{events:?}");
    };
    assert_eq!((name.as_str(), *reason), ("asked", Reason::Ahead));
    keeper.stop();
    runner.join().unwrap();
}

#[test]
fn keeper_of_another_process_takes_what_was_stored() {
    let (concur, folder) = (Concur::start(), Folder::new());
    let keeper = concur.keeper(FileStore::open(&folder.0).unwrap());
    keeper.put("a", concur.grant()).unwrap();
    let requests = concur.server.request_count();
    let other = concur.keeper(FileStore::open(&folder.0).unwrap());
    let token = other.token("a").unwrap();
    assert_eq!(secret(&token), secret(&keeper.token("a").unwrap()));
    assert_eq!(concur.server.request_count(), requests);
    // And what that one renews.
    let token = other.token_after("a", token.version(), Duration::from_secs(60));
    let token = token.unwrap();
    let old = keeper.token("a").unwrap();
    let again = keeper.token_after("a", old.version(), Duration::from_secs(60));
    assert_eq!(secret(&again.unwrap()), secret(&token));
    assert_eq!(concur.server.request_count() - requests, 1);
}

#[test]
fn two_keepers_of_one_folder_renew_once() {
    let (concur, folder) = (Concur::start(), Folder::new());
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    concur.set_life(Duration::from_secs(1));
    let keepers: Vec<_> = (0..8)
        .map(|_| concur.keeper(FileStore::open(&folder.0).unwrap()))
        .collect();
    keepers[0].put("a", concur.grant()).unwrap();
    concur.set_life(Duration::from_secs(3600));
    thread::sleep(Duration::from_millis(1100));
    let requests = concur.server.request_count();
    let start = Arc::new(Barrier::new(keepers.len()));
    let threads: Vec<_> = keepers
        .into_iter()
        .map(|keeper| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait();
                secret(&keeper.token("a").unwrap()).to_owned()
            })
        })
        .collect();
    let tokens: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(concur.server.request_count() - requests, 1);
}

#[test]
fn forgotten_grant_is_unknown_until_one_is_put_again() {
    let (concur, folder) = (Concur::start(), Folder::new());
    let store = || FileStore::open(&folder.0).unwrap();
    let keeper = concur.keeper(store());
    assert!(matches!(keeper.token("a"), Err(KeepError::Unknown { .. })));
    keeper.put("a", concur.grant()).unwrap();
    let version = keeper.token("a").unwrap().version();
    keeper.forget("a").unwrap();
    assert!(matches!(keeper.token("a"), Err(KeepError::Unknown { .. })));
    assert!(matches!(keeper.forget("a"), Err(KeepError::Unknown { .. })));
    assert!(store().names().unwrap().is_empty());
    keeper.put("a", concur.grant()).unwrap();
    // Its version goes on, so that no process takes the old for the newer.
    assert!(keeper.token("a").unwrap().version() > version);
    assert!(matches!(keeper.token(""), Err(KeepError::Name(_))));
    let bad = [
        keeper.put("", concur.grant()),
        keeper.forget("a\n"),
        keeper.revoke(""),
    ];
    for result in bad {
        assert!(matches!(result, Err(KeepError::Name(_))), "{result:?}");
    }
    assert!(keeper.state("").is_none());
}

#[test]
fn caller_that_has_its_token_keeps_no_place_from_others() {
    let concur = Concur::start();
    let policy = Policy::default().max_in_flight(1).renew_after(10);
    let keeper = concur.builder(MemoryStore::new()).policy(policy);
    let keeper = keeper.build().unwrap();
    concur.set_life(Duration::from_secs(8));
    keeper.put("a", concur.grant()).unwrap();
    keeper.put("b", concur.grant()).unwrap();
    concur.set_life(Duration::from_secs(1));
    keeper.put("expired", concur.grant()).unwrap();
    concur.set_life(Duration::from_secs(3600));
    // Two are due, and still handed out. The first has the only place for a second.
    thread::sleep(Duration::from_secs(3));
    let fault = "delay=1s,path=/oauth2/v0/token";
    concur.server.inject(fault.parse::<FaultRule>().unwrap());
    let first = keeper.clone();
    let first = thread::spawn(move || first.token("a").unwrap());
    thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    keeper.token("b").unwrap();
    assert!(asked.elapsed() < Duration::from_millis(500));
    first.join().unwrap();
    let renewed = keeper.token_within("expired", Duration::from_secs(3));
    assert!(renewed.is_ok(), "{renewed:?}");
}

#[test]
fn rejected_token_is_renewed_unless_it_is_fresh() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", concur.grant()).unwrap();
    let token = keeper.token("a").unwrap();
    // What rejects a token of this minute will reject the next.
    assert!(!keeper.reject(&token, StatusCode::UNAUTHORIZED));
    assert!(!keeper.reject(&token, StatusCode::FORBIDDEN));
    assert_eq!(secret(&keeper.token("a").unwrap()), secret(&token));
}

#[test]
fn idle_grants_are_kept_alive_when_they_are_due() {
    let (concur, folder) = (Concur::start(), Folder::new());
    let policy = || {
        let policy = concur_oauth::keeper::Policy::default();
        policy.keep_alive(Duration::from_secs(2))
    };
    let store = || FileStore::open(&folder.0).unwrap();
    let first = concur.builder(store()).policy(policy()).build().unwrap();
    for number in 0..5 {
        first.put(format!("n{number}"), concur.grant()).unwrap();
    }
    let keeper = concur.builder(store()).policy(policy()).build().unwrap();
    assert!(keeper.keep_alive().unwrap().is_empty());
    thread::sleep(Duration::from_millis(2100));
    let states = keeper.keep_alive().unwrap();
    assert_eq!(states.len(), 5);
    let events = concur.events();
    assert_eq!(events.len(), 5, "{events:?}");
    for event in events {
        assert!(matches!(
            event,
            Event::Renewed {
                reason: Reason::KeepAlive,
                ..
            }
        ));
    }
}

#[test]
fn two_threads_that_put_one_name_both_have_their_outcome() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    let start = Instant::now();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (keeper, grant) = (keeper.clone(), concur.grant());
            thread::spawn(move || keeper.put("a", grant))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn revoked_grant_ends_at_concur_and_is_forgotten() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", concur.grant()).unwrap();
    // Another installation of the same application.
    let other = concur.keeper(MemoryStore::new());
    other.put("a", concur.grant()).unwrap();
    let version = other.token("a").unwrap().version();
    keeper.revoke("a").unwrap();
    assert!(matches!(keeper.token("a"), Err(KeepError::Unknown { .. })));
    let ended = other.token_after("a", version, Duration::from_secs(60));
    assert!(
        matches!(ended, Err(KeepError::NeedsConsent { .. })),
        "{ended:?}"
    );
}

#[test]
fn grant_of_the_older_service_is_renewed_too() {
    use concur_oauth::keeper::Grant;
    use concur_oauth::net2::NativeFlow;
    use concur_oauth::{Application, ConsumerKey, Credentials, TokenScheme};
    use concur_oauth_emulator::{
        SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD,
    };

    let concur = Concur::start();
    let key = || ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
    let flow = NativeFlow::new(
        concur.server.url().parse().unwrap(),
        key(),
        Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD).unwrap(),
    );
    let token = concur.client.send(flow).unwrap();
    let grant = Grant::new(key(), token, std::time::SystemTime::now()).unwrap();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.set_application(Application::new(key(), SAMPLE_CONSUMER_SECRET).unwrap());
    keeper.put("old", grant).unwrap();
    let first = keeper.token("old").unwrap();
    assert_eq!(first.token().scheme(), TokenScheme::OAuth);
    let second = keeper.token_after("old", first.version(), Duration::from_secs(60));
    assert_ne!(secret(&second.unwrap()), secret(&first));
    let revoked = keeper.revoke("old");
    assert!(
        matches!(revoked, Err(KeepError::NeedsAdministrator { .. })),
        "{revoked:?}"
    );
}

#[test]
fn token_of_the_application_itself_is_obtained_once_and_not_stored() {
    let (concur, folder) = (Concur::start(), Folder::new());
    let keeper = concur.builder(FileStore::open(&folder.0).unwrap());
    let keeper = keeper.client_credentials(name("own"), concur.own());
    let keeper = keeper.build().unwrap();
    let requests = concur.server.request_count();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let keeper = keeper.clone();
            thread::spawn(move || secret(&keeper.token("own").unwrap()).to_owned())
        })
        .collect();
    let tokens: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(concur.server.request_count(), requests + 1);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    // It is not for a user's connections, so nothing is sent.
    let refused = keeper.revoke("own").unwrap_err();
    assert!(
        matches!(refused, KeepError::NotRevocable { .. }),
        "{refused:?}"
    );
    assert_eq!(concur.server.request_count(), requests + 1);
    keeper.forget("own").unwrap();
    assert!(matches!(
        keeper.token("own"),
        Err(KeepError::Unknown { .. })
    ));
}

#[test]
fn stopped_keeper_hands_out_what_it_holds_and_begins_nothing() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", concur.grant()).unwrap();
    keeper.stop();
    keeper.token("a").unwrap();
    let start = Instant::now();
    let stopped = keeper.token("b").unwrap_err();
    assert!(matches!(stopped, KeepError::Stopped), "{stopped:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// The loop of the guide page "keeping tokens".
#[test]
fn refresh_tokens_of_a_database_are_put_once() {
    let concur = Concur::start();
    let emulator = || concur.server.emulator();
    emulator().v0().set_rotation(Rotation::RefuseOld);
    let (client_id, rows) = (client_id(), [("a", concur.refresh_token())]);
    let (geolocation, last_refreshed_at) = (concur.server.url(), std::time::SystemTime::now());
    let keeper = concur.keeper(MemoryStore::new());
    let mut tokens = Vec::new();
    // A second run puts no old refresh token over the one that came meanwhile.
    for _ in 0..2 {
        for (customer, refresh_token) in &rows {
            let name = name(customer);
            if let Err(KeepError::Unknown { .. }) = keeper.token(name.as_str()) {
                let grant = Grant::from_refresh_token(
                    client_id.clone(),
                    TokenScheme::Bearer,
                    geolocation.parse().unwrap(),
                    refresh_token.clone(),
                    last_refreshed_at,
                );
                keeper.put(&name, grant).unwrap();
            }
            tokens.push(secret(&keeper.token(customer).unwrap()).to_owned());
        }
    }
    assert_eq!(tokens[0], tokens[1]);
}
