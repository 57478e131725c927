//! A keeper over simulated hours: how often Concur is asked, and when.
#![cfg(feature = "keeper")]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    Ask, Event, Grant, GrantName, JobId, KeepError, Keeper, Policy, Reason, Step, StoreError,
    StoreRequest,
};
use concur_oauth_core::{
    Application, BaseUrl, ConsumerKey, Error, Exchange, ResponseContext, Stage, StepRequest,
    StepResponse, TokenParts, TokenScheme, http,
};
use concur_oauth_fuzz::Shelf;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// What Concur does with a request.
type Concur = fn(u32, SystemTime) -> Result<StepResponse, Error>;

struct World {
    keeper: Keeper,
    shelf: Shelf,
    now: Duration,
    /// When a request was sent.
    sent: Vec<Duration>,
    events: Vec<Event>,
    concur: Concur,
    /// Whether responses are held back.
    holds: bool,
    held: Vec<JobId>,
    /// A grant whose record cannot be read.
    unreadable: Option<GrantName>,
}

fn time(now: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + now
}

fn name(number: usize) -> GrantName {
    GrantName::new(format!("g{number:05}")).unwrap()
}

fn application(secret: &str) -> Application {
    Application::new(ConsumerKey::new("key").unwrap(), secret).unwrap()
}

fn respond(status: u16, body: &str, now: SystemTime) -> Result<StepResponse, Error> {
    let mut response = http::Response::new(body.as_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    let json = http::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    let context = ResponseContext::new(BaseUrl::US2, now);
    Ok(StepRequest::parse(response, &context)?)
}

fn refuse(code: u32, now: SystemTime) -> Result<StepResponse, Error> {
    respond(400, &format!(r#"{{"code":{code},"error":"no"}}"#), now)
}

impl World {
    fn new(concur: Concur) -> Self {
        let mut keeper = Keeper::new(Policy::default(), 7).unwrap();
        keeper.set_application(application("secret"), SystemTime::UNIX_EPOCH);
        Self {
            keeper,
            shelf: Shelf::default(),
            now: Duration::from_secs(1_800_000_000),
            sent: Vec::new(),
            events: Vec::new(),
            concur,
            holds: false,
            held: Vec::new(),
            unreadable: None,
        }
    }

    fn put(&mut self, number: usize, life: Option<Duration>) {
        let access = format!("access-{number}");
        let mut parts = TokenParts::new(TokenScheme::Bearer, access, BaseUrl::US2);
        parts.refresh_token = Some(format!("refresh-{number}").into());
        parts.expires_at = life.map(|life| time(self.now) + life);
        let key = ConsumerKey::new("key").unwrap();
        let grant = Grant::new(key, parts.into(), time(self.now)).unwrap();
        let _ = self.keeper.put(&name(number), grant, time(self.now));
        self.drive();
    }

    fn ask(&mut self, number: usize) -> Ask {
        let ask = self.keeper.ask(&name(number), time(self.now));
        self.drive();
        ask
    }

    /// Does what is to be done now. Returns when to go on.
    fn drive(&mut self) -> Option<SystemTime> {
        loop {
            let step = self.keeper.poll(time(self.now));
            self.events
                .extend(std::iter::from_fn(|| self.keeper.next_event()));
            match step {
                Step::Store { job, request } => {
                    let response = Ok(self.shelf.respond(&request, self.now));
                    let is_bad = match (&request, &self.unreadable) {
                        (StoreRequest::Load { name }, Some(bad)) => name == bad,
                        _ => false,
                    };
                    let bad = Err(StoreError::of_record("the record cannot be read"));
                    let response = if is_bad { bad } else { response };
                    self.keeper.stored(job, response, time(self.now));
                }
                Step::Send { job, request } => {
                    drop(request);
                    self.sent.push(self.now);
                    if self.holds {
                        self.held.push(job);
                    } else {
                        let number = u32::try_from(self.sent.len()).unwrap();
                        let result = (self.concur)(number, time(self.now));
                        self.keeper.sent(job, result, time(self.now));
                    }
                }
                Step::Wait { until } => return until,
            }
        }
    }

    /// Lets this much time pass, with all that happens in it.
    fn pass(&mut self, time_to_pass: Duration) {
        let end = self.now + time_to_pass;
        while let Some(until) = self.drive() {
            let until = until.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            if until > end {
                break;
            }
            self.now = self.now.max(until);
        }
        self.now = end;
        self.drive();
    }

    /// Returns how many requests were sent in the hour with the most.
    fn most_in_an_hour(&self) -> usize {
        let within = |from: &Duration| {
            let in_it = |at: &&Duration| *at >= from && **at < *from + HOUR;
            self.sent.iter().filter(in_it).count()
        };
        self.sent.iter().map(within).max().unwrap_or(0)
    }
}

fn grant_all(number: u32, now: SystemTime) -> Result<StepResponse, Error> {
    let body = format!(r#"{{"access_token":"new-{number}","expires_in":3600}}"#);
    respond(200, &body, now)
}

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
