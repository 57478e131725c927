//! With what a grant is renewed, and what is stored of it.

use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{Ask, Grant, KeepError, Keeper, Policy};
use concur_oauth_core::{BaseUrl, ConsumerKey, TokenParts, TokenScheme};

use crate::world::{World, application, grant_all, name, time};

#[test]
fn refresh_token_alone_brings_an_access_token() {
    let mut world = World::new(grant_all);
    let key = ConsumerKey::new("key").unwrap();
    let (scheme, now) = (TokenScheme::Bearer, time(world.now));
    let grant = Grant::from_refresh_token(key, scheme, BaseUrl::US2, "refresh-7".into(), now);
    let end = now + Duration::from_secs(7 * 86_400);
    let grant = grant.with_refresh_end(Some(end));
    assert!(!grant.has_token());
    let _ = world.keeper.put(&name(7), grant, now);
    world.drive();
    let state = world.keeper.state(&name(7)).unwrap();
    assert_eq!((state.expires_at, state.refresh_ends_at), (None, Some(end)));
    // Neither this process nor another hands the missing token out.
    for seed in [7, 8] {
        world.keeper = Keeper::new(Policy::default(), seed).unwrap();
        world.keeper.set_application(application("secret"), now);
        if seed == 7 {
            assert!(matches!(world.ask(7), Ask::Wait { .. }));
            assert!(
                world.body.contains("refresh_token=refresh-7"),
                "{}",
                world.body
            );
        }
        world.asks(7);
    }
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn grant_whose_times_are_before_1970_is_stored_all_the_same() {
    let mut world = World::new(grant_all);
    let mut parts = TokenParts::new(TokenScheme::Bearer, "access-1", BaseUrl::US2);
    parts.refresh_token = Some("refresh-1".into());
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    (parts.expires_at, parts.refresh_expires_at) = (Some(early), Some(early));
    let key = ConsumerKey::new("key").unwrap();
    let grant = Grant::new(key, parts.into(), time(world.now)).unwrap();
    let _ = world.keeper.put(&name(1), grant, time(world.now));
    world.drive();
    world.keeper = Keeper::new(Policy::default(), 8).unwrap();
    world.ask(1);
    let asked = world.ask(1);
    // It is there: what is missing is the application.
    assert!(
        matches!(asked, Ask::Failed(KeepError::NoApplication { .. })),
        "{asked:?}"
    );
}

#[test]
fn end_of_a_refresh_token_is_kept_with_it() {
    let (key, now) = (ConsumerKey::new("key").unwrap(), SystemTime::UNIX_EPOCH);
    let (scheme, base_url) = (TokenScheme::Bearer, BaseUrl::US2);
    let end = Some(now + Duration::from_secs(86_400));
    let grant = Grant::from_refresh_token(key, scheme, base_url, "refresh-7".into(), now);
    let grant = grant.with_refresh_end(end);
    let token = |scheme, refresh_token: Option<&str>| {
        let mut parts = TokenParts::new(scheme, "access", BaseUrl::US2);
        parts.refresh_token = refresh_token.map(Into::into);
        concur_oauth_core::AccessToken::from(parts)
    };
    let kept = grant.clone().with_token(token(scheme, None), now).unwrap();
    assert_eq!(kept.refresh_ends_at(), end);
    // Another refresh token has another end.
    let rotated = grant
        .clone()
        .with_token(token(scheme, Some("refresh-8")), now);
    assert_ne!(rotated.unwrap().refresh_ends_at(), end);
    let other = grant.with_token(token(TokenScheme::OAuth, None), now);
    assert!(other.unwrap_err().to_string().contains("other service"));
}

#[test]
fn deadline_of_nothing_makes_no_circles() {
    for milliseconds in [0, 1, 60_000] {
        let policy = Policy::default().deadline(Duration::from_millis(milliseconds));
        let mut world = World::new(|number, now| {
            let body = format!(r#"{{"access_token":"new-{number}","expires_in":0}}"#);
            crate::world::respond(200, &body, now)
        });
        world.keeper = Keeper::new(policy, 7).unwrap();
        world
            .keeper
            .set_application(application("secret"), time(world.now));
        world.put(1, Some(Duration::ZERO));
        for _ in 0..5000 {
            world.ask(1);
            world.ask(2);
            world.now += Duration::from_micros(200);
        }
        let (loads, sent) = (world.stored.len(), world.sent.len());
        assert!(
            loads < 200 && sent <= 25,
            "{milliseconds} ms: {loads}, {sent}"
        );
    }
}
