//! Concur, the store or the grant fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use concur_oauth::blocking::keeper::MemoryStore;
use concur_oauth::keeper::{
    Activity, Claimed, Event, GrantName, KeepError, Record, Store, StoreError, Version, Written,
};
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{Fault, FaultRule};

use crate::concur::Concur;

/// A store that fails while it is told to.
#[derive(Clone, Default)]
struct Failing {
    inner: Arc<MemoryStore>,
    fails: Arc<AtomicBool>,
}

impl Failing {
    fn check(&self) -> Result<&MemoryStore, StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store fails"));
        }
        Ok(&self.inner)
    }
}

impl Store for Failing {
    fn load(&self, name: &GrantName) -> Result<Option<Record>, StoreError> {
        self.check()?.load(name)
    }

    fn claim(
        &self,
        name: &GrantName,
        version: Version,
        nonce: u128,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        self.check()?.claim(name, version, nonce, lease)
    }

    fn commit(
        &self,
        name: &GrantName,
        at: Version,
        version: Version,
        grant: Option<&[u8]>,
        due_in: Duration,
    ) -> Result<Written, StoreError> {
        self.check()?.commit(name, at, version, grant, due_in)
    }

    fn release(&self, name: &GrantName, nonce: u128) -> Result<(), StoreError> {
        self.check()?.release(name, nonce)
    }

    fn mark_dead(&self, name: &GrantName, version: Version) -> Result<Written, StoreError> {
        self.check()?.mark_dead(name, version)
    }

    fn list_due(
        &self,
        after: Option<&GrantName>,
        limit: usize,
    ) -> Result<Vec<GrantName>, StoreError> {
        self.check()?.list_due(after, limit)
    }
}

/// Grants a token that expires in a second, and those after it in an hour.
fn short(concur: &Concur) -> concur_oauth::keeper::Grant {
    concur.set_life(Duration::from_secs(1));
    let grant = concur.grant();
    concur.set_life(Duration::from_secs(3600));
    grant
}

#[test]
fn dead_grant_needs_consent_and_is_healed_by_a_new_one() {
    let concur = Concur::start();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", short(&concur)).unwrap();
    concur
        .server
        .emulator()
        .v0()
        .set_refresh_token_life(Duration::from_secs(1));
    concur.server.advance(Duration::from_secs(200 * 86_400));
    thread::sleep(Duration::from_millis(1100));
    let error = keeper.token("a").unwrap_err();
    assert!(matches!(error, KeepError::NeedsConsent { .. }), "{error:?}");
    assert!(error.retry_at().is_none());
    assert!(
        error.report().to_string().contains("code 108"),
        "{}",
        error.report()
    );
    let requests = concur.server.request_count();
    // It is not asked again.
    assert!(matches!(
        keeper.token("a"),
        Err(KeepError::NeedsConsent { .. })
    ));
    assert_eq!(concur.server.request_count(), requests);
    let state = keeper.state("a").unwrap();
    assert_eq!(state.activity, Activity::NeedsConsent);
    let events = concur.events();
    assert!(
        matches!(&*events, [Event::NeedsConsent { .. }]),
        "{events:?}"
    );
    keeper.put("a", concur.grant()).unwrap();
    assert!(keeper.token("a").is_ok());
    let events = concur.events();
    assert!(matches!(&*events, [Event::Healed { .. }]), "{events:?}");
}

#[test]
fn failed_renewal_is_shared_and_not_repeated_at_once() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", short(&concur)).unwrap();
    thread::sleep(Duration::from_millis(1100));
    concur.server.inject(Fault::CutOff(0));
    let requests = concur.server.request_count();
    let error = keeper.token("a").unwrap_err();
    assert!(matches!(error, KeepError::Failed { .. }), "{error:?}");
    // Concur may have done it: the lease runs, and no process sends.
    let wait = error
        .retry_at()
        .unwrap()
        .duration_since(std::time::SystemTime::now());
    assert!(wait.unwrap() > Duration::from_secs(290), "{error:?}");
    assert!(matches!(keeper.token("a"), Err(KeepError::Failed { .. })));
    assert_eq!(concur.server.request_count() - requests, 1);
}

#[test]
fn grant_that_could_not_be_revoked_is_kept() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    keeper.put("a", concur.grant()).unwrap();
    let fault = "status=503,retry-after=30,path=/app-mgmt/v0/connections";
    concur.server.inject(fault.parse::<FaultRule>().unwrap());
    let error = keeper.revoke("a").unwrap_err();
    assert!(matches!(error, KeepError::NotRevoked { .. }), "{error:?}");
    assert!(error.retry_at().is_some() && error.to_string().contains("revoke it again"));
    assert!(keeper.token("a").is_ok());
    keeper.revoke("a").unwrap();
    assert!(matches!(keeper.token("a"), Err(KeepError::Unknown { .. })));
}

#[test]
fn failed_early_renewal_displaces_no_token() {
    let concur = Concur::start();
    let keeper = concur.keeper(MemoryStore::new());
    concur.set_life(Duration::from_secs(20));
    keeper.put("a", concur.grant()).unwrap();
    let token = keeper.token("a").unwrap();
    thread::sleep(Duration::from_millis(200));
    concur.server.inject(Fault::CutOff(0));
    // Another version is asked for, and does not come.
    let wait = Duration::from_secs(60);
    let error = keeper.token_after("a", token.version(), wait);
    assert!(matches!(error, Err(KeepError::Failed { .. })));
}

#[test]
fn token_is_handed_out_while_the_store_fails_and_stored_when_it_can_be() {
    let concur = Concur::start();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let store = Failing::default();
    let keeper = concur.keeper(store.clone());
    keeper.put("a", concur.grant()).unwrap();
    let token = keeper.token("a").unwrap();
    store.fails.store(true, Ordering::SeqCst);
    assert!(keeper.token("a").is_ok());
    let error = keeper.token_after("a", token.version(), Duration::from_secs(1));
    assert!(matches!(error, Err(KeepError::Store { .. })), "{error:?}");
    let error = keeper.token("b").unwrap_err();
    assert!(matches!(error, KeepError::Store { .. }), "{error:?}");
    let events = concur.events();
    assert!(matches!(&*events, [Event::StoreFailed]), "{events:?}");
    store.fails.store(false, Ordering::SeqCst);
}
