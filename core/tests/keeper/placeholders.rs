//! Grants that have no access token yet: no caller is given the empty one.

use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    Ask, ClientCredentials, Grant, Keeper, Policy, Step, StoreError, StoreRequest, StoreResponse,
    Version,
};
use concur_oauth_core::{Application, BaseUrl, ConsumerKey, Scope, TokenScheme};
use concur_oauth_fuzz::Shelf;

use crate::world::{HOUR, World, grant_all, name, time};

fn key(key: &str) -> ConsumerKey {
    ConsumerKey::new(key).unwrap()
}

fn credentials(id: &str, scope: &str) -> ClientCredentials {
    ClientCredentials::new(key(id), BaseUrl::US2).with_scopes([Scope::new(scope).unwrap()])
}

fn of_refresh_token(received_at: SystemTime) -> Grant {
    let (scheme, base_url) = (TokenScheme::Bearer, BaseUrl::US2);
    Grant::from_refresh_token(
        key("key"),
        scheme,
        base_url,
        "refresh-1".into(),
        received_at,
    )
}

#[test]
fn grant_received_in_the_future_is_renewed_before_it_is_used() {
    let mut world = World::new(grant_all);
    let now = time(world.now);
    let _ = world
        .keeper
        .put(&name(1), of_refresh_token(now + HOUR), now);
    world.drive();
    world.asks(1);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn clock_that_steps_back_makes_no_token_of_none() {
    for step in [HOUR, Duration::from_millis(500)] {
        // Before the store has responded, and after.
        for is_stored in [false, true] {
            let mut world = World::new(grant_all);
            let now = time(world.now);
            let _ = world.keeper.put(&name(1), of_refresh_token(now), now);
            if is_stored {
                world.drive();
            }
            world.now -= step;
            world.drive();
            world.asks(1);
            assert_eq!(world.sent.len(), 1, "{step:?} {is_stored}");
        }
    }
}

#[test]
fn grant_that_is_put_keeps_its_times_when_the_clock_steps_back() {
    let mut world = World::new(grant_all);
    world.now += HOUR;
    let now = time(world.now);
    let mut parts =
        concur_oauth_core::TokenParts::new(TokenScheme::Bearer, "access-1", BaseUrl::US2);
    parts.refresh_token = Some("refresh-1".into());
    parts.expires_at = Some(now + HOUR);
    let grant = Grant::new(key("key"), parts.into(), now).unwrap();
    let _ = world.keeper.put(&name(1), grant, now);
    world.now -= HOUR;
    world.drive();
    let state = world.keeper.state(&name(1)).unwrap();
    assert_eq!(state.expires_at, Some(time(world.now) + HOUR));
}

#[test]
fn store_that_went_back_is_given_a_grant_without_a_token_which_is_not_used() {
    for grant in [
        of_refresh_token(time(Duration::from_secs(1_800_000_000))),
        Grant::of_application(credentials("key", "s")),
    ] {
        let mut world = World::new(grant_all);
        world.put(1, Some(HOUR));
        let load = StoreRequest::Load { name: name(1) };
        let StoreResponse::Loaded(Some(record)) = world.shelf.respond(&load, world.now) else {
            panic!("it is stored");
        };
        let _ = world.keeper.put(&name(1), grant, time(world.now));
        world.drive();
        world.shelf = Shelf::default();
        let back = StoreRequest::Commit {
            name: name(1),
            at: Version::NONE,
            version: record.version,
            grant: record.grant,
            due_in: Duration::ZERO,
        };
        world.shelf.respond(&back, world.now);
        world.keeper.keep_alive(time(world.now));
        world.drive();
        world.asks(1);
        assert_eq!(world.sent.len(), 1);
    }
}

#[test]
fn later_credentials_of_another_application_are_not_written_over() {
    let mut now = Duration::from_secs(1_800_000_000);
    let mut shelf = Shelf::default();
    let keeper = |seed| {
        let mut keeper = Keeper::new(Policy::default(), seed).unwrap();
        for id in ["ka", "kb"] {
            let application = Application::new(key(id), "secret").unwrap();
            keeper.set_application(application, time(now));
        }
        keeper
    };
    let (mut first, mut second) = (keeper(1), keeper(2));
    let mut sent = Vec::new();
    let mut drive = |keeper: &mut Keeper, shelf: &mut Shelf, now: Duration| loop {
        match keeper.poll(time(now)) {
            Step::Store { job, request } => {
                let response = shelf.respond(&request, now);
                keeper.stored(job, Ok(response), time(now));
            }
            Step::Send { job, request } => {
                use concur_oauth_core::Exchange;
                let request = request.into_request().unwrap();
                let body = String::from_utf8(request.body().as_ref().to_vec()).unwrap();
                sent.push(body);
                keeper.sent(job, grant_all(1, time(now)), time(now));
            }
            Step::Wait { .. } => break,
        }
    };
    // The first cannot store what it was given, and the second stores later.
    let grant = Grant::of_application(credentials("ka", "x"));
    let _ = first.put(&name(9), grant, time(now));
    for responds in [true, false] {
        let Step::Store { job, request } = first.poll(time(now)) else {
            panic!("it looks, and writes");
        };
        let response = if responds {
            Ok(shelf.respond(&request, now))
        } else {
            Err(StoreError::new("the store fails"))
        };
        first.stored(job, response, time(now));
    }
    now += Duration::from_secs(1);
    let grant = Grant::of_application(credentials("kb", "y"));
    let _ = second.put(&name(9), grant, time(now));
    drive(&mut second, &mut shelf, now);
    now += Duration::from_secs(30);
    drive(&mut first, &mut shelf, now);
    now += Duration::from_secs(30);
    let _ = first.ask(&name(9), time(now));
    drive(&mut first, &mut shelf, now);
    assert!(matches!(first.ask(&name(9), time(now)), Ask::Use(_)));
    assert_eq!(first.state(&name(9)).unwrap().client_id, Some(key("kb")));
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].contains("client_id=kb") && sent[0].contains("scope=y"),
        "{sent:?}"
    );
}
