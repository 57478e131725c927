//! A keeper, a store and Concur, over simulated time.

use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    Ask, Event, Grant, GrantName, JobId, Keeper, Policy, Step, StoreError, StoreRequest,
};
use concur_oauth_core::{
    Application, BaseUrl, ConsumerKey, Error, Exchange, ExposeSecret, ResponseContext, StepRequest,
    StepResponse, TokenParts, TokenScheme, http,
};
use concur_oauth_fuzz::Shelf;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// What Concur does with a request.
pub(crate) type Concur = fn(u32, SystemTime) -> Result<StepResponse, Error>;

pub(crate) struct World {
    pub(crate) keeper: Keeper,
    pub(crate) shelf: Shelf,
    pub(crate) now: Duration,
    /// When a request was sent.
    pub(crate) sent: Vec<Duration>,
    /// Where the requests went.
    pub(crate) hosts: Vec<String>,
    /// What the last request said.
    pub(crate) body: String,
    /// What the store was asked.
    pub(crate) stored: Vec<String>,
    pub(crate) events: Vec<Event>,
    pub(crate) concur: Concur,
    /// Whether responses are held back.
    pub(crate) holds: bool,
    pub(crate) held: Vec<JobId>,
    /// A grant whose record cannot be read.
    pub(crate) unreadable: Option<GrantName>,
}

pub(crate) fn time(now: Duration) -> SystemTime {
    SystemTime::UNIX_EPOCH + now
}

pub(crate) fn name(number: usize) -> GrantName {
    GrantName::new(format!("g{number:05}")).unwrap()
}

pub(crate) fn application(secret: &str) -> Application {
    Application::new(ConsumerKey::new("key").unwrap(), secret).unwrap()
}

pub(crate) fn respond(status: u16, body: &str, now: SystemTime) -> Result<StepResponse, Error> {
    let mut response = http::Response::new(body.as_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    let json = http::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    let context = ResponseContext::new(BaseUrl::US2, now);
    Ok(StepRequest::parse(response, &context)?)
}

pub(crate) fn refuse(code: u32, now: SystemTime) -> Result<StepResponse, Error> {
    respond(400, &format!(r#"{{"code":{code},"error":"no"}}"#), now)
}

impl World {
    pub(crate) fn new(concur: Concur) -> Self {
        let mut keeper = Keeper::new(Policy::default(), 7).unwrap();
        keeper.set_application(application("secret"), SystemTime::UNIX_EPOCH);
        Self {
            keeper,
            shelf: Shelf::default(),
            now: Duration::from_secs(1_800_000_000),
            sent: Vec::new(),
            hosts: Vec::new(),
            body: String::new(),
            stored: Vec::new(),
            events: Vec::new(),
            concur,
            holds: false,
            held: Vec::new(),
            unreadable: None,
        }
    }

    pub(crate) fn put(&mut self, number: usize, life: Option<Duration>) {
        let access = format!("access-{number}");
        let mut parts = TokenParts::new(TokenScheme::Bearer, access, BaseUrl::US2);
        parts.refresh_token = Some(format!("refresh-{number}").into());
        parts.expires_at = life.map(|life| time(self.now) + life);
        let key = ConsumerKey::new("key").unwrap();
        let grant = Grant::new(key, parts.into(), time(self.now)).unwrap();
        let _ = self.keeper.put(&name(number), grant, time(self.now));
        self.drive();
    }

    pub(crate) fn ask(&mut self, number: usize) -> Ask {
        let ask = self.keeper.ask(&name(number), time(self.now));
        self.drive();
        ask
    }

    /// Asks until there is a token, which must not be empty.
    pub(crate) fn asks(&mut self, number: usize) {
        for _ in 0..4 {
            if let Ask::Use(token) = self.ask(number) {
                assert!(
                    !token.token().token().expose_secret().is_empty(),
                    "an empty token"
                );
                return;
            }
        }
        panic!("there is no token");
    }

    /// Does what is to be done now. Returns when to go on.
    pub(crate) fn drive(&mut self) -> Option<SystemTime> {
        loop {
            let step = self.keeper.poll(time(self.now));
            self.events
                .extend(std::iter::from_fn(|| self.keeper.next_event()));
            match step {
                Step::Store { job, request } => {
                    self.stored.push(format!("{request:?}"));
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
                    let request = request.into_request().unwrap();
                    self.hosts.push(request.uri().host().unwrap().to_owned());
                    let body = request.body().as_ref();
                    self.body = String::from_utf8(body.to_vec()).unwrap();
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
    pub(crate) fn pass(&mut self, time_to_pass: Duration) {
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
    pub(crate) fn most_in_an_hour(&self) -> usize {
        let within = |from: &Duration| {
            let in_it = |at: &&Duration| *at >= from && **at < *from + HOUR;
            self.sent.iter().filter(in_it).count()
        };
        self.sent.iter().map(within).max().unwrap_or(0)
    }
}

pub(crate) fn grant_all(number: u32, now: SystemTime) -> Result<StepResponse, Error> {
    let body = format!(r#"{{"access_token":"new-{number}","expires_in":3600}}"#);
    respond(200, &body, now)
}
