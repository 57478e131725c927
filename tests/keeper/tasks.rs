//! The keeper for tasks.

use std::time::{Duration, SystemTime};

use concur_oauth::ExposeSecret;
use concur_oauth::hyper::Client;
use concur_oauth::hyper::keeper::{Keeper, MemoryStore, OnThreads, Runner};
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{Grant, KeepError, KeptToken, Store};
use concur_oauth_emulator::Fault;
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_file::FileStore;

use crate::concur::{Concur, Folder, application};

fn keeper(concur: &Concur, store: impl Store + 'static) -> (Keeper, Runner) {
    let root = CertificateDer::from(concur.server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let keeper = Keeper::builder(client, OnThreads::new(store)).application(application());
    keeper.build().unwrap()
}

/// Grants a token that expires in a second, and those after it in an hour.
fn short(concur: &Concur) -> Grant {
    concur.set_life(Duration::from_secs(1));
    let grant = concur.grant();
    concur.set_life(Duration::from_secs(3600));
    grant
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_at_the_moment_of_expiry_cost_one_exchange() {
    let concur = Concur::start();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let (keeper, runner) = keeper(&concur, MemoryStore::new());
    let running = tokio::spawn(runner);
    keeper.put("a", short(&concur)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let requests = concur.server.request_count();
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let keeper = keeper.clone();
            tokio::spawn(async move {
                let token = keeper.token("a").await.unwrap();
                token.token().token().expose_secret().to_owned()
            })
        })
        .collect();
    let mut tokens = Vec::new();
    for caller in callers {
        tokens.push(caller.await.unwrap());
    }
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(concur.server.request_count() - requests, 1);
    keeper.stop();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renewal_goes_on_when_its_caller_is_gone() {
    let (concur, folder) = (Concur::start(), Folder::new());
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let (keeper, runner) = keeper(&concur, FileStore::open(&folder.0).unwrap());
    let running = tokio::spawn(runner);
    keeper.put("a", short(&concur)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    concur
        .server
        .inject(Fault::Delay(Duration::from_millis(500)));
    let requests = concur.server.request_count();
    let caller = tokio::time::timeout(Duration::from_millis(200), keeper.token("a")).await;
    assert!(caller.is_err());
    keeper.token("a").await.unwrap();
    assert_eq!(concur.server.request_count() - requests, 1);
    // And at the end it is finished and stored: another process could not go on without it.
    keeper.put("b", concur.grant()).await.unwrap();
    let token = keeper.token("b").await.unwrap();
    concur
        .server
        .inject(Fault::Delay(Duration::from_millis(500)));
    let wait = Duration::from_millis(200);
    let late = keeper.token_after("b", token.version(), wait).await;
    assert!(matches!(late, Err(KeepError::Waiting { .. })), "{late:?}");
    keeper.stop();
    running.await.unwrap();
    let other = concur.keeper(FileStore::open(&folder.0).unwrap());
    let after = other.token("b").unwrap();
    assert!(after.version() > token.version());
    let again = other.token_after("b", after.version(), Duration::from_secs(60));
    assert!(again.is_ok(), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeper_without_its_runner_hands_out_what_it_holds_and_says_so_otherwise() {
    let concur = Concur::start();
    let (keeper, runner) = keeper(&concur, MemoryStore::new());
    let running = tokio::spawn(runner);
    keeper.put("a", concur.grant()).await.unwrap();
    keeper.put("b", short(&concur)).await.unwrap();
    assert!(keeper.token("a").await.is_ok());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    running.abort();
    let _ = running.await;
    assert!(keeper.token("a").await.is_ok());
    let error = keeper.token("b").await.unwrap_err();
    assert!(matches!(error, KeepError::Stopped), "{error:?}");
}

#[test]
fn keeper_runs_on_smol() {
    use concur_oauth::smol::Client;
    use concur_oauth::smol::keeper::Keeper;

    let concur = Concur::start();
    let root = CertificateDer::from(concur.server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let keeper = Keeper::builder(client, OnThreads::new(MemoryStore::new()));
    let (keeper, runner) = keeper.application(application()).build().unwrap();
    let running = std::thread::spawn(|| async_io::block_on(runner));
    async_io::block_on(async {
        keeper.put("a", short(&concur)).await.unwrap();
        async_io::Timer::after(Duration::from_millis(1100)).await;
        let token = keeper.token("a").await.unwrap();
        assert!(token.expires_at() > SystemTime::now() + Duration::from_secs(3000));
        keeper.stop();
    });
    running.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_grant_is_forgotten() {
    let concur = Concur::start();
    let (keeper, runner) = keeper(&concur, MemoryStore::new());
    let running = tokio::spawn(runner);
    keeper.put("a", concur.grant()).await.unwrap();
    keeper.revoke("a").await.unwrap();
    let error = keeper.token("a").await.unwrap_err();
    assert!(matches!(error, KeepError::Unknown { .. }), "{error:?}");
    keeper.stop();
    running.await.unwrap();
}

#[tokio::test]
async fn token_of_the_application_itself_is_shared_by_the_keepers_of_a_store() {
    let (concur, folder) = (Concur::start(), Folder::new());
    let (one, runner) = keeper(&concur, FileStore::open(&folder.0).unwrap());
    tokio::spawn(runner);
    let (other, runner) = keeper(&concur, FileStore::open(&folder.0).unwrap());
    tokio::spawn(runner);
    let grant = Grant::of_application(concur.own());
    one.put("own", grant).await.unwrap();
    let requests = concur.server.request_count();
    let (one, other) = tokio::join!(one.token("own"), other.token("own"));
    let shown = |token: &KeptToken| token.token().token().expose_secret().to_owned();
    assert_eq!(shown(&one.unwrap()), shown(&other.unwrap()));
    assert_eq!(concur.server.request_count(), requests + 1);
}

#[tokio::test]
async fn keeper_whose_runner_was_not_spawned_says_so() {
    let concur = Concur::start();
    let (keeper, runner) = keeper(&concur, MemoryStore::new());
    let wait = Duration::from_millis(100);
    let unknown = keeper.token_within("a", wait).await.unwrap_err();
    assert!(
        unknown.to_string().contains("spawn the runner"),
        "{unknown}"
    );
    drop(runner);
}
