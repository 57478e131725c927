//! A process of the fleet.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use concur_oauth::hyper::Client;
use concur_oauth::hyper::keeper::{Keeper, SealingKeys};
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{
    AsyncStore, Claimed, KeepError, Policy, StoreFuture, StoreRequest, StoreResponse, Written,
};
use concur_oauth_postgres::PostgresStore;
use concur_oauth_redis::RedisStore;

use crate::concur::{application, grant_name};
use crate::{RUNTIME, grants, milliseconds};

pub(crate) fn keys() -> SealingKeys {
    SealingKeys::parse(&format!("a {}", "5e".repeat(32))).unwrap()
}

/// The policy, with every time divided by sixty.
pub(crate) fn policy() -> Policy {
    Policy::default()
        .lease(Duration::from_secs(5))
        .send_within(Duration::from_millis(250))
        .margin(Duration::from_secs(1))
        .keep_alive(Duration::from_secs(43_200))
}

/// A store of the engine that the URL names.
pub(crate) async fn open(url: &str) -> Box<dyn AsyncStore> {
    let timeout = Duration::from_secs(1);
    if url.starts_with("redis") {
        return Box::new(
            RedisStore::builder(url)
                .unwrap()
                .timeout(timeout)
                .build(keys())
                .unwrap(),
        );
    }
    let store = PostgresStore::builder(url).unwrap().timeout(timeout);
    let store = store.build(keys()).unwrap();
    store.create_schema().await.unwrap();
    Box::new(store)
}

pub(crate) fn client(url: &str, folder: &Path) -> Client {
    let root = CertificateDer::from(std::fs::read(folder.join("ca.der")).unwrap());
    let client = Client::builder().no_proxy().add_root(root);
    assert!(url.starts_with("https://"));
    client.timeout(Duration::from_secs(1)).build().unwrap()
}

/// A log, of which each line is written at once.
#[derive(Clone)]
struct Log(Arc<File>);

impl Log {
    fn say(&self, what: &str) {
        let line = format!("{} {} {what}\n", std::process::id(), milliseconds());
        (&*self.0).write_all(line.as_bytes()).unwrap();
    }
}

/// A request that lasts longer is slow: a fifth of what a caller waits.
pub(crate) const SLOW: Duration = Duration::from_millis(200);

/// A store that logs what became of claims and commits before the keeper hears of it, and each request that is [slow](SLOW).
struct Logged {
    store: Box<dyn AsyncStore>,
    log: Log,
}

impl AsyncStore for Logged {
    fn send(&self, request: StoreRequest) -> StoreFuture<'_> {
        Box::pin(async move {
            let (yes, no) = match &request {
                StoreRequest::Claim { name, version, .. } => {
                    // A process that is killed before the response comes can have the lease.
                    self.log.say(&format!("claiming {name}"));
                    let yes = format!("claim {name} {}", version.get());
                    (yes, format!("unclaimed {name}"))
                }
                StoreRequest::Commit { name, version, .. } => {
                    (format!("commit {name} {}", version.get()), String::new())
                }
                StoreRequest::Release { name, .. } => (format!("unclaimed {name}"), String::new()),
                _ => (String::new(), String::new()),
            };
            let mut sending = self.store.send(request);
            let in_time = tokio::time::timeout(SLOW, &mut sending).await;
            let response = if let Ok(response) = in_time {
                response
            } else {
                self.log.say("slow");
                let response = sending.await;
                self.log.say("slow");
                response
            };
            let became = match &response {
                Ok(
                    StoreResponse::Claimed(Claimed::Yes(_))
                    | StoreResponse::Written(Written::Yes)
                    | StoreResponse::Released,
                ) => yes,
                Ok(StoreResponse::Claimed(Claimed::No(_))) => no,
                _ => String::new(),
            };
            if !became.is_empty() {
                self.log.say(&became);
            }
            response
        })
    }
}

/// What a member does, where this process is one.
#[test]
#[ignore = "a process of the fleet, which its test starts"]
fn member() {
    let Ok(url) = std::env::var("FLEET_STORE") else {
        return;
    };
    let concur = std::env::var("FLEET_CONCUR").unwrap();
    let folder = std::path::PathBuf::from(std::env::var_os("FLEET_FOLDER").unwrap());
    let file = folder.join(format!("member-{}.log", std::process::id()));
    let log = Log(Arc::new(
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .unwrap(),
    ));
    RUNTIME.block_on(async {
        let store = Logged {
            store: open(&url).await,
            log: log.clone(),
        };
        let heard = log.clone();
        let keeper = Keeper::builder(client(&concur, &folder), store)
            .application(application())
            .policy(policy())
            .on_event(move |event| heard.say(&format!("event {event:?}")));
        let (keeper, runner) = keeper.build().unwrap();
        let running = tokio::spawn(runner);
        let mut asking = Vec::new();
        for task in 0..8 {
            asking.push(tokio::spawn(ask(keeper.clone(), log.clone(), task)));
        }
        // Until the harness closes its end.
        let stdin = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        stdin.await.unwrap().unwrap();
        for asking in asking {
            asking.abort();
            let _ = asking.await;
        }
        keeper.stop();
        running.await.unwrap();
        log.say("end");
    });
}

/// After how many calls a task logs that it made them.
pub(crate) const LOGGED: u64 = 20;

/// Asks for tokens at random.
async fn ask(keeper: Keeper, log: Log, task: u64) {
    let mut drawn = u64::from(std::process::id()) << 8 | task;
    let (mut asked, mut failed) = (0_u64, 0_u64);
    loop {
        drawn = drawn
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let number = usize::try_from(drawn >> 33).unwrap() % grants();
        let name = grant_name(number);
        let before = keeper.state(&name);
        let result = keeper.token(name.as_str()).await;
        asked += 1;
        if let Err(error) = result {
            failed += 1;
            let held = before.and_then(|state| state.expires_at);
            let left = held.and_then(|at| at.duration_since(std::time::SystemTime::now()).ok());
            let kind = match &error {
                KeepError::NeedsConsent { .. } => "consent",
                KeepError::Store { .. } => "store",
                KeepError::Waiting { .. } => "waiting",
                KeepError::Failed { .. } => "failed",
                _ => "other",
            };
            let held = if left.is_some() { "alive" } else { "none" };
            log.say(&format!("failed {name} {kind} {held} {}", error.report()));
        }
        if asked % LOGGED == 0 {
            log.say(&format!("asked {asked} {failed}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
