mod shelf;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{
    Ask, ClientCredentials, Event, Grant, GrantName, JobId, KeepError, Keeper, KeptToken, Policy,
    Step, StoreError, StoreRequest, StoreResponse, Ticket,
};
use concur_oauth_core::{
    Application, BaseUrl, ConsumerKey, Error, Exchange, ExposeSecret, ResponseContext, Scope,
    Stage, StepRequest, StepResponse, TokenParts, TokenScheme,
};

pub use shelf::Shelf;
use shelf::refresh_token_of;

/// The last is the application itself, in memory at first.
const NAMES: [&str; 4] = ["a", "b", "c", "own"];
const OWN: usize = 3;
/// What Concur refuses with, and what it says beside.
const CODES: [u32; 8] = [108, 10, 53, 61, 64, 16, 134, 999];

/// A keeper under outcomes of any kind. Nothing is sent that is not claimed, a refresh token that came is stored in the end
/// unless something later was, a token that lives is handed out, no event shows a secret, and it never runs in circles.
///
/// The bytes are a script: what callers do, how the time passes, and what comes of each step. Where they end, all goes well.
///
/// Returns how it ended.
///
/// # Panics
///
/// Where that does not hold.
pub fn keeper(bytes: &[u8]) -> &'static str {
    let mut run = Run::new(bytes);
    while !run.rest.is_empty() {
        run.turn();
    }
    run.settle()
}

/// A job whose outcome comes later.
enum Late {
    Store(StoreRequest),
    /// A request for a grant, unless that was replaced in the meantime.
    Send(Option<usize>, Scoped),
}

struct Run<'a> {
    rest: &'a [u8],
    keeper: Keeper,
    shelf: Shelf,
    /// The true time, which never steps back.
    now: Duration,
    /// How far the keeper's clock is ahead of where it began.
    offset: i64,
    number: u32,
    /// The refresh token that came last for each grant, and is not known to be superseded.
    last: BTreeMap<usize, String>,
    /// What was handed out last, while nothing was done that would end it.
    held: BTreeMap<usize, std::sync::Arc<KeptToken>>,
    /// Jobs whose outcome comes later.
    late: Vec<(JobId, Late)>,
    /// What users do that is not done yet.
    pending: Vec<(usize, Ticket)>,
    was_refused: bool,
    /// What the application's own tokens in memory are asked for with.
    in_memory: Scoped,
    /// What the request that is being sent asks for.
    scope: Scoped,
}

/// The scope of a request for a token of the application itself that is kept in memory.
type Scoped = Option<&'static str>;

fn name(at: usize) -> GrantName {
    GrantName::new(NAMES[at % NAMES.len()]).expect("a good name")
}

fn index(name: &GrantName) -> usize {
    let found = NAMES.iter().position(|known| *known == name.as_str());
    found.expect("a known name")
}

/// What tokens of the application itself are obtained with. The scope says for whom.
fn credentials(scope: &str) -> ClientCredentials {
    let key = ConsumerKey::new("key").expect("a good key");
    let scope = Scope::new(scope).expect("a good scope");
    ClientCredentials::new(key, BaseUrl::US2).with_scopes([scope])
}

impl<'a> Run<'a> {
    fn new(rest: &'a [u8]) -> Self {
        let mut keeper = Keeper::new(Policy::default(), 7).expect("a good policy");
        let key = ConsumerKey::new("key").expect("a good key");
        let application = Application::new(key, "secret").expect("a good secret");
        keeper.set_application(application, SystemTime::UNIX_EPOCH);
        let is_set = keeper.set_client_credentials(
            &name(OWN),
            credentials("memory"),
            SystemTime::UNIX_EPOCH,
        );
        assert!(is_set, "the name is free");
        Self {
            rest,
            keeper,
            shelf: Shelf::default(),
            now: Duration::from_secs(1_800_000_000),
            offset: 0,
            number: 0,
            last: BTreeMap::new(),
            held: BTreeMap::new(),
            late: Vec::new(),
            pending: Vec::new(),
            was_refused: false,
            in_memory: Some("memory"),
            scope: None,
        }
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// The time by the keeper's clock.
    fn clock(&self) -> SystemTime {
        let seconds = self.now.as_secs().saturating_add_signed(self.offset);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn grant(&mut self, life: u64) -> Grant {
        self.number += 1;
        let access = format!("hidden-access-{}", self.number);
        let mut parts = TokenParts::new(TokenScheme::Bearer, access, BaseUrl::US2);
        parts.refresh_token = Some(format!("hidden-refresh-{}", self.number).into());
        parts.expires_at = Some(self.clock() + Duration::from_secs(life));
        let key = ConsumerKey::new("key").expect("a good key");
        Grant::new(key, parts.into(), self.clock()).expect("it has a refresh token")
    }

    /// Grants a refresh token alone, at a time that another clock says.
    fn grant_without_token(&mut self) -> Grant {
        self.number += 1;
        let refresh = format!("hidden-refresh-{}", self.number);
        let received_at = self.clock() + Duration::from_secs(60) * u32::from(self.byte());
        let key = ConsumerKey::new("key").expect("a good key");
        let (scheme, base_url) = (TokenScheme::Bearer, BaseUrl::US2);
        Grant::from_refresh_token(key, scheme, base_url, refresh.into(), received_at)
    }

    fn turn(&mut self) {
        let at = usize::from(self.byte());
        let grant = at % NAMES.len();
        match at / NAMES.len() % 16 {
            0 | 1 => self.ask(grant),
            2 => {
                let byte = self.byte();
                let new = match byte {
                    0xff => Grant::of_application(credentials(NAMES[grant])),
                    0xfe => self.grant_without_token(),
                    _ => self.grant(u64::from(byte) * 60),
                };
                let refresh = format!("hidden-refresh-{}", self.number);
                self.replaced(grant);
                let ticket = self.keeper.put(&name(grant), new, self.clock());
                self.pending.push((grant, ticket));
                if byte != 0xff {
                    self.last.insert(grant, refresh);
                }
                if grant == OWN {
                    self.in_memory = None;
                }
            }
            3 => {
                self.replaced(grant);
                let ticket = self.keeper.forget(&name(grant), self.clock());
                self.pending.push((grant, ticket));
                if grant == OWN {
                    self.in_memory = None;
                }
            }
            4 => {
                if let Some(token) = self.held.remove(&grant) {
                    let status = [401, 403, 500][usize::from(self.byte()) % 3];
                    let status = http::StatusCode::from_u16(status).expect("a status");
                    let _ = self.keeper.reject(&token, status, self.clock());
                }
            }
            5 => {
                if let Some(token) = self.held.remove(&grant) {
                    let now = self.clock();
                    let _ = self.keeper.ask_after(&name(grant), token.version(), now);
                }
            }
            6 => self.keeper.keep_alive(self.clock()),
            7 => {
                self.offset -= i64::from(self.byte()) * 60;
                self.held.clear();
            }
            8 => self.end_late(),
            9 => {
                // Another process renews it.
                self.number += 1;
                if self.shelf.renew(&name(grant), self.number, self.now) {
                    self.replaced(grant);
                }
            }
            10 | 11 => self.pass(60),
            15 => {
                let scope = ["memory", "memory2"][usize::from(self.byte()) % 2];
                let now = self.clock();
                if self
                    .keeper
                    .set_client_credentials(&name(OWN), credentials(scope), now)
                {
                    self.in_memory = Some(scope);
                    self.held.remove(&OWN);
                }
            }
            _ => self.pass(1),
        }
        self.drive();
    }

    fn pass(&mut self, unit: u64) {
        let units = u64::from(self.byte());
        self.now += Duration::from_secs(units * unit);
    }

    fn ask(&mut self, grant: usize) {
        match self.keeper.ask(&name(grant), self.clock()) {
            Ask::Use(token) => {
                let shown = token.token().token().expose_secret();
                assert!(!shown.is_empty(), "an empty token is handed out");
                if let Some(scope) = self.in_memory.filter(|_| grant == OWN) {
                    let is_its = shown.starts_with(&format!("hidden-access-{scope}-"));
                    assert!(is_its, "it is of other credentials: {shown}");
                }
                let keeper = &mut self.keeper;
                self.pending
                    .retain(|(_, ticket)| keeper.take_outcome(*ticket).is_none());
                // One that is about to be replaced need not be handed out again.
                if self.pending.iter().all(|(at, _)| *at != grant) {
                    self.held.insert(grant, token);
                }
            }
            Ask::Wait { .. } => {}
            // It was forgotten after it was handed out.
            Ask::Failed(KeepError::Unknown { .. }) => {
                self.held.remove(&grant);
            }
            Ask::Failed(error) => {
                // If another token is in its place, that can live shorter.
                let version = self.keeper.state(&name(grant)).map(|state| state.version);
                let held = self.held.get(&grant);
                let held = held.filter(|token| Some(token.version()) == version);
                let lives = held.is_some_and(|token| token.expires_at() > self.clock());
                assert!(!lives, "a token that lives is not handed out: {error:?}");
            }
        }
    }

    /// Does what is to be done, with outcomes off the script.
    fn drive(&mut self) {
        for _ in 0..2000 {
            let step = self.keeper.poll(self.clock());
            while let Some(event) = self.keeper.next_event() {
                let shown = format!("{event:?}");
                assert!(!shown.contains("hidden"), "an event shows a secret");
                // Another token is in its place, which can live shorter.
                if let Event::Superseded { name, .. } | Event::Renewed { name, .. } = event {
                    self.held.remove(&index(&name));
                }
            }
            match step {
                Step::Wait { until } => {
                    assert!(
                        until.is_none_or(|until| until > self.clock()),
                        "it waits for the past"
                    );
                    return;
                }
                Step::Store { job, request } => self.store(job, request),
                Step::Send { job, request } => self.send(job, request),
            }
        }
        panic!("it runs in circles");
    }

    fn store(&mut self, job: JobId, request: StoreRequest) {
        let fails = || Err(StoreError::new("the store fails"));
        match self.byte() {
            0xf0..=0xf7 => self.keeper.stored(job, fails(), self.clock()),
            0xf8 | 0xf9 => {
                let _ = self.shelf.respond(&request, self.now);
                self.keeper.stored(job, fails(), self.clock());
            }
            0xfa => self.keeper.lost(job, self.clock()),
            0xfb => self.late.push((job, Late::Store(request))),
            0xfc => {
                // A driver that mixes responses up.
                let _ = self.shelf.respond(&request, self.now);
                self.keeper
                    .stored(job, Ok(StoreResponse::Released), self.clock());
                self.last.clear();
                self.was_refused = true;
            }
            _ => {
                let response = self.shelf.respond(&request, self.now);
                self.keeper.stored(job, Ok(response), self.clock());
            }
        }
    }

    fn send(&mut self, job: JobId, request: StepRequest<'static>) {
        let request = request.into_request().expect("a request");
        let body = String::from_utf8(request.body().as_ref().to_vec()).expect("a form");
        let value = |field| body.split('&').find_map(|pair| pair.strip_prefix(field));
        let grant = match (value("refresh_token="), value("scope=")) {
            (Some(sent), _) => {
                let name = self.shelf.holder(sent);
                let name = name.expect("what is sent is what is stored");
                let is_claimed = self.shelf.is_leased(&name, self.now);
                assert!(is_claimed, "it is sent without a lease");
                Some(index(&name))
            }
            (None, Some(scope)) if scope.starts_with("memory") => {
                self.scope = Some(["memory", "memory2"][usize::from(scope != "memory")]);
                None
            }
            (None, own) => {
                let own = GrantName::new(own.expect("a scope")).expect("a name");
                assert!(self.shelf.is_leased(&own, self.now), "without a lease");
                None
            }
        };
        let scope = self.scope.take();
        let outcome = self.byte();
        if outcome == 0xf0 {
            self.late.push((job, Late::Send(grant, scope)));
            return;
        }
        let result = self.outcome(outcome, grant, scope);
        self.keeper.sent(job, result, self.clock());
    }

    /// What is under way for a grant is of no use any more.
    fn replaced(&mut self, grant: usize) {
        self.last.remove(&grant);
        self.held.remove(&grant);
        for (_, late) in &mut self.late {
            if matches!(late, Late::Send(Some(it), _) if *it == grant) {
                *late = Late::Send(None, None);
            }
        }
    }

    fn outcome(
        &mut self,
        outcome: u8,
        grant: Option<usize>,
        scope: Scoped,
    ) -> Result<StepResponse, Error> {
        match outcome {
            0xf1 => Err(Error::interrupted(Stage::Receive, "reset")),
            0xf2 => Err(Error::interrupted(Stage::Connect, "reset")),
            0xf3 => {
                let (stage, after) = (Stage::Receive, Duration::from_secs(60));
                Err(Error::Timeout { stage, after })
            }
            0xf4 => respond(503, "<html></html>", self.clock()),
            0xf5 => respond(200, "<html></html>", self.clock()),
            0xf6 => respond(429, r#"{"error":"slow"}"#, self.clock()),
            0xe0..=0xe7 => {
                self.was_refused = true;
                let code = CODES[usize::from(outcome) % CODES.len()];
                let body = format!(r#"{{"code":{code},"error":"no","error_description":"no"}}"#);
                respond(400, &body, self.clock())
            }
            _ => {
                self.number += 1;
                let number = self.number;
                let rotated = if outcome % 3 == 0 {
                    if let Some(grant) = grant {
                        self.last.insert(grant, format!("hidden-refresh-{number}"));
                    }
                    format!(r#","refresh_token":"hidden-refresh-{number}""#)
                } else {
                    String::new()
                };
                let life = u32::from(outcome) * 60;
                let of = scope.map_or(String::new(), |scope| format!("{scope}-"));
                let body = format!(
                    r#"{{"access_token":"hidden-access-{of}{number}","expires_in":{life}{rotated}}}"#
                );
                respond(200, &body, self.clock())
            }
        }
    }

    fn end_late(&mut self) {
        for (job, late) in std::mem::take(&mut self.late) {
            match late {
                Late::Store(request) => {
                    let response = self.shelf.respond(&request, self.now);
                    self.keeper.stored(job, Ok(response), self.clock());
                }
                Late::Send(grant, scope) => {
                    let outcome = self.byte();
                    let result = self.outcome(outcome, grant, scope);
                    self.keeper.sent(job, result, self.clock());
                }
            }
        }
    }

    /// All goes well from now on, for a day.
    fn settle(&mut self) -> &'static str {
        self.end_late();
        for _ in 0..48 {
            self.drive();
            self.now += Duration::from_secs(1800);
        }
        self.drive();
        for (grant, refresh) in &self.last {
            let stored = self.shelf.grant(&name(*grant));
            let stored = stored.and_then(|stored| refresh_token_of(&stored));
            let is_there = stored.as_deref() == Some(refresh);
            assert!(
                is_there || self.was_refused,
                "a refresh token that came is lost"
            );
        }
        if self.was_refused { "refused" } else { "done" }
    }
}

fn respond(status: u16, body: &str, sent_at: SystemTime) -> Result<StepResponse, Error> {
    let mut response = http::Response::new(body.as_bytes());
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    let json = http::HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    let context = ResponseContext::new(BaseUrl::US2, sent_at);
    Ok(StepRequest::parse(response, &context)?)
}
