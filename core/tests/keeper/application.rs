//! Tokens of the application itself.

use std::time::Duration;

use concur_oauth_core::keeper::{
    Ask, ClientCredentials, Event, Grant, GrantName, KeepError, Keeper, KeptToken, Policy, Step,
    StoreError, StoreResponse, Version,
};
use concur_oauth_core::{Application, BaseUrl, ConsumerKey, Error, ExposeSecret, Scope, Stage};

use crate::world::{DAY, HOUR, World, application, grant_all, name, refuse, respond, time};

fn own() -> GrantName {
    GrantName::new("own").unwrap()
}

fn credentials() -> ClientCredentials {
    let key = ConsumerKey::new("key").unwrap();
    ClientCredentials::new(key, BaseUrl::US2)
        .with_scopes([Scope::new("events.topic.read").unwrap()])
}

impl World {
    fn ask_own(&mut self) -> Ask {
        let ask = self.keeper.ask(&own(), time(self.now));
        self.drive();
        ask
    }

    /// Asks until there is a token or an error.
    fn own(&mut self) -> Result<String, KeepError> {
        for _ in 0..3 {
            match self.ask_own() {
                Ask::Use(token) => return Ok(shown(&token)),
                Ask::Failed(error) => return Err(error),
                Ask::Wait { .. } => {}
            }
        }
        panic!("nothing is under way")
    }

    fn in_memory(concur: crate::world::Concur) -> Self {
        let mut world = Self::new(concur);
        let now = time(world.now);
        assert!(
            world
                .keeper
                .set_client_credentials(&own(), credentials(), now)
        );
        world
    }
}

fn shown(token: &KeptToken) -> String {
    token.token().token().expose_secret().to_owned()
}

#[test]
fn own_token_is_obtained_when_first_asked_for_and_renewed_ahead() {
    let mut world = World::in_memory(grant_all);
    world.pass(DAY);
    assert!(world.sent.is_empty());
    assert!(matches!(world.ask_own(), Ask::Wait { .. }));
    assert_eq!(world.own().unwrap(), "new-1");
    assert!(
        world.body.contains("grant_type=client_credentials"),
        "{}",
        world.body
    );
    assert!(
        world.body.contains("scope=events.topic.read"),
        "{}",
        world.body
    );
    world.pass(Duration::from_secs(2600));
    assert_eq!(world.own().unwrap(), "new-1");
    // Asked for, and due.
    world.pass(Duration::from_secs(600));
    assert_eq!(world.own().unwrap(), "new-2");
    assert_eq!(world.sent.len(), 2);
    // Not asked for, and left alone.
    world.pass(DAY * 40);
    assert_eq!(world.sent.len(), 3);
    let of_own = |request: &&String| request.contains("own");
    assert_eq!(world.stored.iter().find(of_own), None);
    let state = world.keeper.state(&own()).unwrap();
    assert_eq!(state.refresh_ends_at, None);
}

#[test]
fn own_token_with_an_unknown_outcome_is_tried_again_after_concurs_pause() {
    let mut world = World::in_memory(|number, now| match number {
        1 => Err(Error::interrupted(Stage::Receive, "reset")),
        _ => grant_all(number, now),
    });
    let failed = world.own().unwrap_err();
    assert!(matches!(failed, KeepError::Failed { .. }), "{failed:?}");
    let told = |event: &Event| {
        matches!(
            event,
            Event::RenewalFailed {
                may_have_reached_concur: false,
                ..
            }
        )
    };
    assert!(world.events.iter().any(told));
    let until = failed.retry_at().unwrap();
    let wait = until.duration_since(time(world.now)).unwrap();
    assert!(wait <= Duration::from_secs(300), "{wait:?}");
    world.now = until
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(world.own().unwrap(), "new-2");
}

#[test]
fn own_token_of_a_refused_application_shares_its_pause() {
    let mut world = World::in_memory(|_, now| refuse(61, now));
    world.put(1, Some(HOUR));
    world.pass(HOUR * 3);
    world.ask(1);
    assert_eq!(world.sent.len(), 1);
    // A refusal of another grant holds it back.
    let failed = world.own().unwrap_err();
    assert!(
        matches!(failed, KeepError::ApplicationRefused { .. }),
        "{failed:?}"
    );
    assert_eq!(world.sent.len(), 1);
    // And its own holds others back.
    world.pass(Duration::from_secs(61));
    assert!(world.own().is_err());
    assert_eq!(world.sent.len(), 2);
    world.ask(1);
    assert_eq!(world.sent.len(), 2);
    world.concur = grant_all;
    world
        .keeper
        .set_application(application("another"), time(world.now));
    world.own().unwrap();
}

#[test]
fn own_token_that_is_refused_for_good_needs_no_consent() {
    let mut world = World::in_memory(|_, now| refuse(108, now));
    let failed = world.own().unwrap_err();
    assert!(matches!(failed, KeepError::Refused { .. }), "{failed:?}");
}

#[test]
fn own_token_without_its_application_is_an_error() {
    let mut world = World::in_memory(grant_all);
    world.keeper = Keeper::new(Policy::default(), 7).unwrap();
    let now = time(world.now);
    assert!(
        world
            .keeper
            .set_client_credentials(&own(), credentials(), now)
    );
    let failed = world.own().unwrap_err();
    assert!(
        matches!(failed, KeepError::NoApplication { .. }),
        "{failed:?}"
    );
    world.keeper.set_application(application("secret"), now);
    world.own().unwrap();
}

#[test]
fn grant_that_is_put_takes_the_place_of_credentials_and_not_the_other_way() {
    let mut world = World::in_memory(grant_all);
    assert_eq!(world.own().unwrap(), "new-1");
    let now = time(world.now);
    let grant = Grant::of_application(credentials());
    let ticket = world.keeper.put(&own(), grant, now);
    world.drive();
    assert!(world.keeper.take_outcome(ticket).unwrap().is_ok());
    assert_eq!(world.own().unwrap(), "new-2");
    assert!(
        !world
            .keeper
            .set_client_credentials(&own(), credentials(), now)
    );
    assert_eq!(world.own().unwrap(), "new-2");
}

#[test]
fn credentials_that_are_forgotten_are_gone() {
    let mut world = World::in_memory(grant_all);
    world.own().unwrap();
    let ticket = world.keeper.forget(&own(), time(world.now));
    world.drive();
    assert!(world.keeper.take_outcome(ticket).unwrap().is_ok());
    let failed = world.own().unwrap_err();
    assert!(matches!(failed, KeepError::Unknown { .. }), "{failed:?}");
    // A response that comes too late brings nothing back.
    let mut world = World::in_memory(grant_all);
    world.holds = true;
    world.ask_own();
    let _ = world.keeper.forget(&own(), time(world.now));
    let job = world.held.remove(0);
    let late = grant_all(7, time(world.now));
    world.keeper.sent(job, late, time(world.now));
    assert!(world.own().is_err());
}

#[test]
fn stored_own_token_is_obtained_once_for_two_keepers() {
    let mut world = World::new(grant_all);
    let _ = world.keeper.put(
        &own(),
        Grant::of_application(credentials()),
        time(world.now),
    );
    assert_eq!(world.own().unwrap(), "new-1");
    let mut other = Keeper::new(Policy::default(), 8).unwrap();
    other.set_application(application("secret"), time(world.now));
    world.keeper = other;
    assert_eq!(world.own().unwrap(), "new-1");
    assert_eq!(world.sent.len(), 1);
    // It was stored with the scopes that it is renewed with.
    world.pass(Duration::from_secs(3300));
    assert_eq!(world.own().unwrap(), "new-2");
    assert!(
        world.body.contains("scope=events.topic.read"),
        "{}",
        world.body
    );
    // The one that was asked for is renewed ahead. Then it is left alone, since it does not age out.
    world.pass(DAY * 100);
    assert_eq!(world.sent.len(), 3);
}

#[test]
fn stored_own_token_with_an_unknown_outcome_gives_its_lease_back() {
    let mut world = World::new(|_, _| Err(Error::interrupted(Stage::Receive, "reset")));
    let _ = world.keeper.put(
        &own(),
        Grant::of_application(credentials()),
        time(world.now),
    );
    world.own().unwrap_err();
    assert!(!world.shelf.is_leased(&own(), world.now));
    // One with a refresh token keeps it: that is the pause.
    world.put(1, None);
    world.pass(HOUR);
    world.ask(1);
    assert!(world.shelf.is_leased(&name(1), world.now));
}

#[test]
fn pause_of_an_own_token_grows_no_longer_than_a_lease() {
    let mut world = World::in_memory(|_, _| Err(Error::interrupted(Stage::Connect, "no route")));
    for _ in 0..12 {
        let until = world.own().unwrap_err().retry_at().unwrap();
        let wait = until.duration_since(time(world.now)).unwrap();
        assert!(wait <= Duration::from_secs(300), "{wait:?}");
        world.now += wait + Duration::from_millis(1);
    }
    // A data center that is busy is left alone by others too.
    let mut world = World::in_memory(|_, now| respond(503, "", now));
    assert!(world.own().is_err());
    let paused = |event: &Event| matches!(event, Event::HostPaused { .. });
    assert!(world.events.iter().any(paused));
}

#[test]
fn own_token_that_is_refused_is_tried_at_once_with_another_secret() {
    let mut world = World::in_memory(|_, now| refuse(108, now));
    assert!(world.own().is_err());
    world.concur = grant_all;
    world
        .keeper
        .set_application(application("another"), time(world.now));
    world.own().unwrap();
}

#[test]
fn own_token_needs_no_store() {
    let mut world = World::in_memory(grant_all);
    world.put(1, Some(HOUR));
    // The store fails, and can be used again: claims wait for that.
    let load = |world: &mut World, ok: bool| {
        let _ = world.keeper.ask(&name(2), time(world.now));
        let Step::Store { job, .. } = world.keeper.poll(time(world.now)) else {
            panic!("it is looked up");
        };
        let response = if ok {
            Ok(StoreResponse::Loaded(None))
        } else {
            Err(StoreError::new("the store fails"))
        };
        world.keeper.stored(job, response, time(world.now));
    };
    load(&mut world, false);
    world.now += Duration::from_secs(6);
    load(&mut world, true);
    world.own().unwrap();
}

#[test]
fn credentials_that_are_replaced_bring_no_token_of_the_old_ones() {
    let mut world = World::in_memory(grant_all);
    world.holds = true;
    world.ask_own();
    let other = ClientCredentials::new(ConsumerKey::new("other").unwrap(), BaseUrl::EU2);
    let now = time(world.now);
    let application = Application::new(ConsumerKey::new("other").unwrap(), "secret").unwrap();
    world.keeper.set_application(application, now);
    assert!(world.keeper.set_client_credentials(&own(), other, now));
    let job = world.held.remove(0);
    world.keeper.sent(job, grant_all(1, now), now);
    world.holds = false;
    world.own().unwrap();
    assert_eq!(world.sent.len(), 2);
    assert!(world.body.contains("client_id=other"), "{}", world.body);
}

#[test]
fn queue_goes_on_when_one_in_it_is_moved_elsewhere() {
    let mut world = World::new(grant_all);
    world.keeper = Keeper::new(Policy::default().max_in_flight(1), 7).unwrap();
    let now = time(world.now);
    world.keeper.set_application(application("secret"), now);
    world.holds = true;
    for number in [1, 2, 3] {
        assert!(
            world
                .keeper
                .set_client_credentials(&name(number), credentials(), now)
        );
        world.ask(number);
    }
    assert_eq!(world.sent.len(), 1);
    let elsewhere = ClientCredentials::new(ConsumerKey::new("key").unwrap(), BaseUrl::EU2);
    assert!(
        world
            .keeper
            .set_client_credentials(&name(2), elsewhere, now)
    );
    world.holds = false;
    let job = world.held.remove(0);
    world.keeper.sent(job, grant_all(1, now), now);
    world.drive();
    for number in [1, 2, 3] {
        world.asks(number);
    }
}

#[test]
fn credentials_can_be_set_where_a_name_is_free() {
    let mut world = World::in_memory(grant_all);
    // It was asked for, and is not there.
    world.ask(1);
    world.ask(1);
    assert!(
        world
            .keeper
            .set_client_credentials(&name(1), credentials(), time(world.now))
    );
    world.asks(1);
    // It was forgotten a moment ago.
    let _ = world.keeper.forget(&own(), time(world.now));
    assert!(
        world
            .keeper
            .set_client_credentials(&own(), credentials(), time(world.now))
    );
    world.own().unwrap();
}

#[test]
fn grant_that_is_put_has_a_later_version_than_the_token_in_memory() {
    let mut world = World::in_memory(grant_all);
    let mut last = Version::NONE;
    for _ in 0..4 {
        world.own().unwrap();
        last = world.keeper.state(&own()).unwrap().version;
        world.pass(HOUR * 3);
    }
    assert!(last.get() > 2);
    let ticket = world.keeper.put(
        &own(),
        Grant::of_application(credentials()),
        time(world.now),
    );
    world.drive();
    assert!(world.keeper.take_outcome(ticket).unwrap().is_ok());
    assert!(world.keeper.state(&own()).unwrap().version > last);
}

#[test]
fn token_that_lives_elsewhere_is_renewed_where_it_was_asked_for() {
    let mut world = World::in_memory(|number, now| {
        let body = format!(
            r#"{{"access_token":"new-{number}","expires_in":3600,"geolocation":"https://eu2.api.concursolutions.com"}}"#
        );
        respond(200, &body, now)
    });
    world.own().unwrap();
    world.pass(HOUR);
    world.own().unwrap();
    assert!(
        world.hosts.iter().all(|host| host.starts_with("us2.")),
        "{:?}",
        world.hosts
    );
}
