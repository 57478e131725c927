//! How often Concur is asked, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use concur_oauth_core::keeper::{Ask, Event, KeepError, Keeper, Policy, Reason, Step};
use concur_oauth_core::{Error, Stage, http};

use crate::world::{DAY, HOUR, World, application, grant_all, name, refuse, respond, time};

#[test]
fn ten_thousand_due_grants_of_a_refused_application_cost_ten_exchanges_an_hour() {
    let mut world = World::new(|_, now| refuse(61, now));
    for number in 0..10_000 {
        world.put(number, Some(HOUR));
        assert!(matches!(world.ask(number), Ask::Use(_)));
    }
    world.pass(Duration::from_secs(3590));
    world.pass(DAY / 4);
    assert!(world.most_in_an_hour() <= 10, "{}", world.most_in_an_hour());
    assert!(world.sent.len() > 5);
    let said = |event: &&Event| matches!(event, Event::ApplicationRefused { .. });
    assert_eq!(world.events.iter().filter(said).count(), 1);
    let dead = |event: &Event| matches!(event, Event::NeedsConsent { .. });
    assert!(!world.events.iter().any(dead));
    world.ask(7);
    let asked = world.ask(7);
    assert!(
        matches!(asked, Ask::Failed(KeepError::ApplicationRefused { .. })),
        "{asked:?}"
    );
    // With another secret they are tried at once.
    world.concur = grant_all;
    let sent = world.sent.len();
    world
        .keeper
        .set_application(application("another"), time(world.now));
    world.ask(7);
    assert!(matches!(world.ask(7), Ask::Use(_)));
    assert!(world.sent.len() > sent);
}

#[test]
fn application_that_is_accepted_again_is_said() {
    let mut world = World::new(|number, now| match number {
        1 | 2 => refuse(61, now),
        _ => grant_all(number, now),
    });
    world.put(1, Some(HOUR));
    world.ask(1);
    world.pass(HOUR);
    let asked = world.ask(1);
    assert!(matches!(asked, Ask::Use(_)), "{asked:?}");
    let accepted = |event: &Event| matches!(event, Event::ApplicationAccepted { .. });
    assert!(world.events.iter().any(accepted), "{:?}", world.events);
}

#[test]
fn grant_that_is_held_is_asked_again_after_a_day() {
    let mut world = World::new(|_, now| refuse(10, now));
    world.put(1, Some(HOUR));
    world.ask(1);
    world.pass(HOUR * 2);
    assert_eq!(world.sent.len(), 1);
    for _ in 0..10 {
        world.pass(HOUR);
        // The store is looked at.
        world.ask(1);
        let failed = world.ask(1);
        assert!(
            matches!(failed, Ask::Failed(KeepError::Refused { .. })),
            "{failed:?}"
        );
    }
    world.pass(DAY);
    world.ask(1);
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn busy_data_center_is_left_alone_for_all_its_grants() {
    let mut world = World::new(|_, now| respond(503, "", now));
    for number in 0..100 {
        world.put(number, Some(HOUR));
        world.ask(number);
    }
    world.pass(HOUR);
    // Four at a time found it out, each five minutes.
    let by_five_minutes = world.sent.len();
    assert!(by_five_minutes <= 4 * 4, "{by_five_minutes}");
    let paused = |event: &Event| matches!(event, Event::HostPaused { .. });
    assert!(world.events.iter().any(paused));
}

#[test]
fn four_exchanges_are_under_way_at_once() {
    let mut world = World::new(grant_all);
    for number in 0..20 {
        world.put(number, Some(HOUR));
        world.ask(number);
    }
    world.holds = true;
    world.pass(Duration::from_secs(3300));
    assert_eq!(world.held.len(), 4);
    // One that has ended makes room for another.
    let job = world.held.remove(0);
    let unsent = Error::interrupted(Stage::Connect, "no route");
    world.keeper.sent(job, Err(unsent), time(world.now));
    world.drive();
    assert_eq!(world.held.len(), 4);
    // Jobs that are given up do too.
    for job in std::mem::take(&mut world.held) {
        world.keeper.lost(job, time(world.now));
    }
    world.drive();
    assert_eq!(world.held.len(), 4);
}

#[test]
fn token_of_unknown_life_is_renewed_within_an_hour() {
    let mut world = World::new(grant_all);
    world.put(1, None);
    let Ask::Use(token) = world.ask(1) else {
        panic!("it is held");
    };
    assert_eq!(token.expires_at(), time(world.now) + HOUR);
    world.pass(HOUR);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn idle_grant_is_renewed_by_the_keep_alive_alone() {
    let mut world = World::new(grant_all);
    world.put(1, Some(HOUR));
    world.pass(DAY * 20);
    assert_eq!(world.sent.len(), 0);
    world.pass(DAY * 12);
    assert_eq!(world.sent.len(), 1);
    let renewed = world.events.iter().any(|event| {
        matches!(
            event,
            Event::Renewed {
                reason: Reason::KeepAlive,
                ..
            }
        )
    });
    assert!(renewed, "{:?}", world.events);
}

#[test]
fn clock_that_steps_back_makes_no_wait_longer() {
    let mut world = World::new(|_, _| Err(Error::interrupted(Stage::Receive, "reset")));
    world.put(1, Some(HOUR));
    world.ask(1);
    world.pass(HOUR);
    assert!(!world.sent.is_empty());
    let token = world.keeper.state(&name(1)).unwrap();
    // An hour back, after a request of unknown outcome.
    world.now -= HOUR;
    world.drive();
    let stepped = |event: &Event| matches!(event, Event::ClockSteppedBack { .. });
    assert!(world.events.iter().any(stepped));
    let moved = world.keeper.state(&name(1)).unwrap();
    assert_eq!(moved.expires_at.unwrap() + HOUR, token.expires_at.unwrap());
    // The store's clock is its own: its lease runs by that.
    let Some(until) = world.drive() else {
        panic!("it waits for nothing");
    };
    let wait = until.duration_since(time(world.now)).unwrap();
    assert!(wait <= Duration::from_secs(300), "{wait:?}");
}

#[test]
fn renewals_of_many_grants_are_spread() {
    let mut world = World::new(grant_all);
    let mut minutes = BTreeMap::new();
    for number in 0..2000 {
        world.put(number, Some(HOUR));
        let Ask::Use(token) = world.ask(number) else {
            panic!("it is held");
        };
        let at = token.renew_at().duration_since(time(world.now)).unwrap();
        *minutes.entry(at.as_secs() / 60).or_insert(0) += 1;
    }
    // From 75 % to 85 % of an hour, and no minute has more than twice its share.
    assert!(
        minutes.keys().all(|minute| (45..=51).contains(minute)),
        "{minutes:?}"
    );
    assert!(
        minutes.values().all(|count| *count < 2 * 2000 / 6),
        "{minutes:?}"
    );
}

#[test]
fn names_that_the_store_does_not_know_are_not_kept() {
    let mut world = World::new(grant_all);
    for number in 0..1000 {
        world.ask(number);
    }
    assert!(matches!(
        world.ask(1),
        Ask::Failed(KeepError::Unknown { .. })
    ));
    world.pass(Duration::from_secs(60));
    assert_eq!(world.keeper.states().count(), 0);
}

#[test]
fn queue_goes_on_when_those_in_front_fail() {
    let mut world = World::new(|_, _| Err(Error::interrupted(Stage::Connect, "no route")));
    for number in 0..12 {
        world.put(number, Some(HOUR));
        world.ask(number);
    }
    world.pass(HOUR);
    for state in world.keeper.states() {
        let tried = matches!(state.failure, Some(KeepError::Failed { .. }));
        assert!(tried, "{state:?}");
    }
    // And it goes on when Concur can be reached again.
    world.concur = grant_all;
    for number in 0..12 {
        world.ask(number);
    }
    world.pass(Duration::from_secs(400));
    for number in 0..12 {
        world.ask(number);
        world.pass(Duration::from_secs(10));
        let asked = world.ask(number);
        assert!(matches!(asked, Ask::Use(_)), "{number}: {asked:?}");
    }
}

#[test]
fn grants_that_callers_wait_for_are_the_first_in_the_queue() {
    let mut world = World::new(grant_all);
    // No caller asks for this one before it has expired, so that it is not renewed ahead.
    world.put(99, Some(HOUR));
    let mut by_turn = BTreeMap::new();
    for number in 10..22 {
        world.put(number, Some(HOUR));
        let Ask::Use(token) = world.ask(number) else {
            panic!("it is held");
        };
        by_turn.insert(token.renew_at(), number);
    }
    world.holds = true;
    world.pass(HOUR + Duration::from_secs(1));
    assert_eq!(world.held.len(), 4);
    let queued: Vec<_> = by_turn.into_values().skip(4).collect();
    let [first, .., last] = queued[..] else {
        panic!("there is no queue");
    };
    for number in [last, 99] {
        let asked = world.ask(number);
        assert!(matches!(asked, Ask::Wait { .. }), "{asked:?}");
    }
    for number in [last, 99, first] {
        let job = world.held.remove(0);
        let now = time(world.now);
        world.keeper.sent(job, grant_all(7, now), now);
        world.drive();
        let body = &world.body;
        assert!(body.contains(&format!("refresh-{number}")), "{body}");
    }
}

#[test]
fn unreadable_record_holds_no_other_grant_back() {
    let mut world = World::new(grant_all);
    world.put(1, Some(HOUR));
    world.ask(1);
    world.unreadable = Some(name(2));
    world.pass(Duration::from_secs(2600));
    for _ in 0..600 {
        world.ask(2);
        world.pass(Duration::from_secs(1));
    }
    assert_eq!(world.sent.len(), 1);
    world.ask(2);
    let asked = world.ask(2);
    assert!(
        matches!(asked, Ask::Failed(KeepError::Store { .. })),
        "{asked:?}"
    );
    assert!(!world.events.contains(&Event::StoreFailed));
}

#[test]
fn nothing_is_sent_after_a_stop() {
    for steps in 0..4 {
        let mut world = World::new(grant_all);
        world.put(1, Some(HOUR));
        world.ask(1);
        world.now += Duration::from_secs(3500);
        let mut sent = 0;
        for step in 0..10 {
            if step == steps {
                world.keeper.stop();
            }
            match world.keeper.poll(time(world.now)) {
                Step::Store { job, request } => {
                    let response = world.shelf.respond(&request, world.now);
                    world.keeper.stored(job, Ok(response), time(world.now));
                }
                Step::Send { job, .. } => {
                    assert!(step < steps, "it is sent after a stop");
                    sent += 1;
                    assert!(world.keeper.is_busy());
                    let granted = grant_all(7, time(world.now));
                    world.keeper.sent(job, granted, time(world.now));
                    assert!(world.keeper.is_busy());
                }
                Step::Wait { .. } => break,
            }
        }
        assert!(!world.keeper.is_busy());
        // What was claimed is given back, and what was sent is stored.
        assert!(!world.shelf.is_leased(&name(1), world.now));
        assert_eq!(sent, usize::from(steps == 3));
    }
}

#[test]
fn caller_who_wants_a_longer_token_costs_others_none() {
    let mut world = World::new(|_, _| Err(Error::interrupted(Stage::Connect, "no route")));
    world.put(1, Some(HOUR));
    let Ask::Use(token) = world.ask(1) else {
        panic!("it is held");
    };
    let longer = world
        .keeper
        .ask_after(&name(1), token.version(), time(world.now));
    assert!(matches!(longer, Ask::Wait { .. }));
    assert!(matches!(world.ask(1), Ask::Use(_)));
    let longer = world
        .keeper
        .ask_after(&name(1), token.version(), time(world.now));
    assert!(
        matches!(longer, Ask::Failed(KeepError::Failed { .. })),
        "{longer:?}"
    );
    assert!(matches!(world.ask(1), Ask::Use(_)));
    // One that was rejected is handed out no more.
    world.pass(Duration::from_secs(120));
    let rejected = http::StatusCode::UNAUTHORIZED;
    assert!(world.keeper.reject(&token, rejected, time(world.now)));
    assert!(!matches!(world.ask(1), Ask::Use(_)));
}

#[test]
fn grant_that_another_process_could_renew_is_taken_before_the_pause_ends() {
    let mut world = World::new(|_, now| refuse(10, now));
    world.put(1, Some(HOUR));
    world.ask(1);
    world.pass(HOUR * 2);
    assert!(matches!(
        world.ask(1),
        Ask::Failed(KeepError::Refused { .. })
    ));
    // Another process has what this one was refused.
    let mut other = Keeper::new(Policy::default(), 8).unwrap();
    other.set_application(application("secret"), time(world.now));
    let first = std::mem::replace(&mut world.keeper, other);
    world.concur = grant_all;
    world.asks(1);
    world.keeper = first;
    let sent = world.sent.len();
    world.pass(Duration::from_secs(310));
    world.asks(1);
    assert_eq!(world.sent.len(), sent);
}
