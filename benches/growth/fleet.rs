//! A fleet in simulated time: real keepers over a real database.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use concur_oauth_benches::Engine;
use concur_oauth_core::keeper::{
    AsyncStore, Claimed, Grant, GrantName, JobId, Keeper, Policy, Record, Step, StoreError,
    StoreRequest, StoreResponse, Written,
};
use concur_oauth_core::{
    AccessToken, Application, BaseUrl, ConsumerKey, Exchange, ResponseContext, StepRequest,
    StepResponse, TokenParts, TokenScheme,
};
use tokio::runtime::Runtime;

const CLIENT_ID: &str = "3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11";
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// How often each process is asked for each of its grants.
const ASKED_EACH: Duration = Duration::from_secs(300);
/// How long Concur takes to respond.
const EXCHANGE: Duration = Duration::from_millis(300);
/// How long the database takes.
const QUERY: Duration = Duration::from_millis(1);

/// What a time costs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) exchanges: usize,
    pub(crate) loads: usize,
    pub(crate) claims: usize,
    pub(crate) commits: usize,
    pub(crate) others: usize,
    /// What went over the loopback interface, with the headers of TCP and IP.
    pub(crate) bytes: u64,
}

enum What {
    Asked,
    Wakes,
    Stored(JobId, Box<Result<StoreResponse, StoreError>>),
    Sent(JobId, StepResponse),
}

/// Something that happens to a process.
struct Event {
    at: Duration,
    process: usize,
    what: What,
}

struct Process {
    keeper: Keeper,
    store: Arc<Engine>,
    wakes_at: Option<Duration>,
}

pub(crate) struct Fleet<'a> {
    runtime: &'a Runtime,
    now: Duration,
    processes: Vec<Process>,
    events: HashMap<u64, Event>,
    order: BinaryHeap<Reverse<(Duration, u64)>>,
    last_event: u64,
    drawn: u64,
    /// What is asked of the database at this moment.
    asked: Vec<(usize, JobId, StoreRequest)>,
    /// When each grant was stored, because the database has a clock of its own.
    stored_at: HashMap<GrantName, Duration>,
    grants: usize,
    /// The length of a token, in bytes.
    token: usize,
    cost: Cost,
}

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub(crate) fn name(number: usize) -> GrantName {
    GrantName::new(format!("customer-{number:06}")).expect("a name")
}

fn grant(now: SystemTime, token: usize) -> Grant {
    let mut parts = TokenParts::new(TokenScheme::Bearer, "e".repeat(token), BaseUrl::EU2);
    parts.refresh_token = Some("2d725xipty0z7ha3vlpy8b2c3hqxmw".into());
    parts.expires_at = Some(now + HOUR);
    let client_id = ConsumerKey::new(CLIENT_ID).expect("an ID");
    Grant::new(client_id, AccessToken::from(parts), now).expect("a grant")
}

/// What Concur responds to a request that is sent now.
fn response(now: SystemTime, token: usize) -> StepResponse {
    let body = format!(
        r#"{{"expires_in":3600,"scope":"openid","token_type":"Bearer","access_token":"{}","refresh_token":"2d725xipty0z7ha3vlpy8b2c3hqxmw"}}"#,
        "e".repeat(token),
    );
    let response = http::Response::builder().header("content-type", "application/json");
    let response = response.body(body.as_bytes()).expect("a response");
    let context = ResponseContext::new(BaseUrl::EU2, now);
    StepRequest::parse(response, &context).expect("a response")
}

/// Returns how many bytes the loopback interface has carried.
fn loopback_bytes() -> u64 {
    let table = std::fs::read_to_string("/proc/net/dev").expect("Linux");
    let line = table.lines().find_map(|it| it.trim().strip_prefix("lo:"));
    let bytes = line.and_then(|it| it.split_whitespace().next());
    bytes.expect("a loopback interface").parse().expect("bytes")
}

impl<'a> Fleet<'a> {
    /// Starts so many processes, once so many grants are stored, at times that are spread over an hour.
    pub(crate) fn start(
        runtime: &'a Runtime,
        url: &str,
        (processes, grants): (usize, usize),
        token: usize,
    ) -> Self {
        let table = format!("growth_{processes}_{grants}");
        let process = |number: usize| {
            let policy = Policy::default().max_in_flight(16);
            let mut keeper = Keeper::new(policy, number as u128).expect("a policy");
            let client_id = ConsumerKey::new(CLIENT_ID).expect("an ID");
            let application = Application::new(client_id, "secret").expect("a secret");
            keeper.set_application(application, start());
            Process {
                keeper,
                store: Arc::new(runtime.block_on(Engine::open(url, &table))),
                wakes_at: None,
            }
        };
        let mut fleet = Self {
            runtime,
            now: Duration::ZERO,
            processes: vec![process(processes)],
            events: HashMap::new(),
            order: BinaryHeap::new(),
            last_event: 0,
            drawn: 7,
            asked: Vec::new(),
            stored_at: HashMap::new(),
            grants,
            token,
            cost: Cost::default(),
        };
        for number in 0..grants {
            fleet.run_until(HOUR.mul_f64(number as f64 / grants as f64));
            let now = fleet.time();
            let keeper = &mut fleet.processes[0].keeper;
            let _ = keeper.put(&name(number), grant(now, token), now);
            fleet.drive(0);
            fleet.store_all();
        }
        fleet.run_until(HOUR);
        fleet.events.clear();
        fleet.order.clear();
        fleet.processes = (0..processes).map(process).collect();
        fleet.load_all();
        fleet
    }

    /// Has each process ask for each of its grants once, in five minutes.
    fn load_all(&mut self) {
        let from = self.now;
        for number in 0..self.grants {
            self.run_until(from + ASKED_EACH.mul_f64(number as f64 / self.grants as f64));
            for process in 0..self.processes.len() {
                self.ask(process, number);
            }
            self.store_all();
        }
        self.run_until(from + ASKED_EACH);
        for process in 0..self.processes.len() {
            self.after(
                ASKED_EACH / u32::try_from(self.grants).expect("few"),
                process,
                What::Asked,
            );
        }
    }

    /// Goes on for a time, and returns what that cost.
    pub(crate) fn goes_on(&mut self, time: Duration) -> Cost {
        self.cost = Cost::default();
        let bytes = loopback_bytes();
        self.run_until(self.now + time);
        Cost {
            bytes: loopback_bytes() - bytes,
            ..self.cost
        }
    }

    fn time(&self) -> SystemTime {
        start() + self.now
    }

    fn after(&mut self, pause: Duration, process: usize, what: What) {
        let at = self.now + pause;
        self.last_event += 1;
        self.order.push(Reverse((at, self.last_event)));
        self.events
            .insert(self.last_event, Event { at, process, what });
    }

    fn run_until(&mut self, end: Duration) {
        while let Some(&Reverse((at, id))) = self.order.peek() {
            if at > end {
                break;
            }
            self.order.pop();
            let event = self.events.remove(&id).expect("it is due once");
            self.now = event.at;
            self.happen(event);
        }
        self.now = end;
    }

    fn happen(&mut self, Event { process, what, .. }: Event) {
        let now = self.time();
        let keeper = &mut self.processes[process].keeper;
        match what {
            What::Asked => {
                self.drawn = self
                    .drawn
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let number = usize::try_from(self.drawn >> 33).expect("few") % self.grants;
                self.after(
                    ASKED_EACH / u32::try_from(self.grants).expect("few"),
                    process,
                    What::Asked,
                );
                self.ask(process, number);
                return self.store_all();
            }
            What::Wakes => self.processes[process].wakes_at = None,
            What::Stored(job, result) => keeper.stored(job, *result, now),
            What::Sent(job, response) => keeper.sent(job, Ok(response), now),
        }
        self.drive(process);
        self.store_all();
    }

    fn ask(&mut self, process: usize, number: usize) {
        let now = self.time();
        let process_of = &mut self.processes[process];
        let name = name(number);
        let _ = process_of.keeper.ask(&name, now);
        self.drive(process);
    }

    /// Does what a process wants done.
    fn drive(&mut self, process: usize) {
        let now = self.time();
        loop {
            let keeper = &mut self.processes[process].keeper;
            match keeper.poll(now) {
                Step::Store { job, request } => self.asked.push((process, job, request)),
                Step::Send { job, .. } => {
                    self.cost.exchanges += 1;
                    self.after(
                        EXCHANGE,
                        process,
                        What::Sent(job, response(now, self.token)),
                    );
                }
                Step::Wait { until } => {
                    let until = until.and_then(|it| it.duration_since(start()).ok());
                    let wakes_at = self.processes[process].wakes_at;
                    if let Some(until) = until.filter(|it| wakes_at.is_none_or(|at| *it < at)) {
                        self.processes[process].wakes_at = Some(until);
                        self.after(until.saturating_sub(self.now), process, What::Wakes);
                    }
                    break;
                }
            }
        }
        while self.processes[process].keeper.next_event().is_some() {}
    }

    /// Asks the real database, all at once.
    fn store_all(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        let sent: Vec<_> = asked
            .into_iter()
            .map(|(process, job, request)| {
                let about = self.count(&request);
                let store = Arc::clone(&self.processes[process].store);
                let sent = self.runtime.spawn(async move { store.send(request).await });
                (process, job, about, sent)
            })
            .collect();
        for (process, job, about, sent) in sent {
            let result = self.runtime.block_on(sent).expect("it does not panic");
            let result = result.map(|response| self.in_simulated_time(response, about));
            self.after(QUERY, process, What::Stored(job, Box::new(result)));
        }
    }

    /// Counts a request. Returns the name that it is about, and whether it is a commit.
    fn count(&mut self, request: &StoreRequest) -> Option<(GrantName, bool)> {
        let (counter, about) = match request {
            StoreRequest::Load { name } => (&mut self.cost.loads, Some((name, false))),
            StoreRequest::Claim { name, .. } => (&mut self.cost.claims, Some((name, false))),
            StoreRequest::Commit { name, .. } => (&mut self.cost.commits, Some((name, true))),
            _ => (&mut self.cost.others, None),
        };
        *counter += 1;
        about.map(|(name, is_commit)| (name.clone(), is_commit))
    }

    /// Gives what the database responds the ages of the simulated time.
    fn in_simulated_time(
        &mut self,
        mut response: StoreResponse,
        about: Option<(GrantName, bool)>,
    ) -> StoreResponse {
        let Some((name, is_commit)) = about else {
            return response;
        };
        if is_commit && matches!(response, StoreResponse::Written(Written::Yes)) {
            self.stored_at.insert(name.clone(), self.now);
        }
        if let Some(record) = record_of(&mut response) {
            record.age = self.now - self.stored_at[&name];
        }
        response
    }
}

fn record_of(response: &mut StoreResponse) -> Option<&mut Record> {
    match response {
        StoreResponse::Loaded(record)
        | StoreResponse::Claimed(Claimed::No(record))
        | StoreResponse::Written(Written::No(record)) => record.as_mut(),
        StoreResponse::Claimed(Claimed::Yes(record)) => Some(record),
        _ => None,
    }
}
