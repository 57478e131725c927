//! Files that were tampered with, processes that were killed, and a disk that does not do what it should.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use concur_oauth_core::keeper::{Claimed, GrantName, Store, Version, Written};
use concur_oauth_file::FileStore;

const LEASE: Duration = Duration::from_secs(300);

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("concur-oauth-file-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn store(&self) -> FileStore {
        FileStore::open(&self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name() -> GrantName {
    GrantName::new("a").unwrap()
}

fn put(store: &FileStore) {
    let written = store.commit(
        &name(),
        Version::NONE,
        Version::new(1),
        Some(b"grant"),
        LEASE,
    );
    assert!(matches!(written.unwrap(), Written::Yes));
}

fn claim(store: &FileStore, nonce: u128) -> Claimed {
    store.claim(&name(), Version::new(1), nonce, LEASE).unwrap()
}

fn seconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}

#[test]
fn stored_sample_is_read() {
    let folder = Folder::new();
    let store = folder.store();
    // As it was written by the first version that had the form.
    let sample = "{\"dead\":false,\"due_at\":1798277496,\"forgotten\":false,\"format\":1,\"length\":5,\"version\":7,\"written_at\":1795876033}\ngrant";
    fs::write(folder.0.join("a.grant"), sample).unwrap();
    let record = store.load(&name()).unwrap().unwrap();
    assert_eq!(record.version, Version::new(7));
    assert_eq!(record.grant.unwrap().as_bytes(), b"grant");
    assert!(!record.dead && record.lease.is_none());
    assert_eq!(store.names().unwrap(), [name()]);
}

#[test]
fn file_that_cannot_be_read_is_named_and_left_as_it_is() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store);
    let path = folder.0.join("a.grant");
    let whole = fs::read(&path).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let mut cases: Vec<(Vec<u8>, &str)> = (0..whole.len())
        .map(|cut| (whole[..cut].to_vec(), ""))
        .collect();
    cases.extend([
        (b"\x00\xff\n".to_vec(), "no JSON of this store"),
        (b"[]\ngrant".to_vec(), "no JSON of this store"),
        (
            text.replace("\"format\":1", "\"format\":2").into_bytes(),
            "a later version",
        ),
        (
            text.replace("\"version\":1", "\"version\":-1").into_bytes(),
            "lacks a number",
        ),
        ([&whole[..], b"more"].concat(), "not whole"),
        (vec![b'x'; 300_000], "longer than any record"),
    ]);
    for (bytes, words) in cases {
        fs::write(&path, &bytes).unwrap();
        let error = store.load(&name()).unwrap_err().report().to_string();
        assert!(
            error.contains("cannot read the grant a, ")
                && error.contains("a.grant: restore that file")
                && error.contains(words),
            "{error}"
        );
        assert!(!error.contains("more"), "{error}");
        assert!(store.claim(&name(), Version::new(1), 1, LEASE).is_err());
        let over = store.commit(&name(), Version::NONE, Version::new(1), Some(b"x"), LEASE);
        assert!(over.is_err());
        assert!(store.mark_dead(&name(), Version::new(1)).is_err());
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(store.list_due(None, 10).unwrap().is_empty());
    }
    // Nothing of it holds a lease.
    fs::write(&path, &whole).unwrap();
    assert!(matches!(claim(&folder.store(), 2), Claimed::Yes(_)));
}

#[test]
fn lease_of_a_killed_process_is_waited_for() {
    let folder = Folder::new();
    let store = folder.store().wait_after_killed(Duration::from_secs(3));
    put(&store);
    // It wrote this, and then it was killed.
    let claimed = folder.0.join("a.claim");
    fs::write(&claimed, format!("{} 1\n", seconds() - 1)).unwrap();
    let found = store.load(&name()).unwrap().unwrap().lease.unwrap();
    assert!(found.is_abandoned && found.left <= Duration::from_secs(2));
    let Claimed::No(Some(record)) = claim(&store, 1) else {
        panic!("it was claimed");
    };
    assert!(record.lease.unwrap().is_abandoned);
    std::thread::sleep(Duration::from_millis(2200));
    assert!(matches!(claim(&store, 1), Claimed::Yes(_)));
    // One about another version is of no account, nor is what is no claim.
    store.release(&name(), 1).unwrap();
    for bytes in [
        format!("{} 7\n", seconds()).as_bytes(),
        b"x",
        "\u{1f600}".as_bytes(),
        b"\xff\xfe",
        b"",
    ] {
        fs::write(&claimed, bytes).unwrap();
        assert!(store.load(&name()).unwrap().unwrap().lease.is_none());
        assert!(matches!(claim(&store, 1), Claimed::Yes(_)));
        store.release(&name(), 1).unwrap();
    }
}

#[test]
fn lease_from_the_future_is_counted_from_now() {
    let folder = Folder::new();
    let store = folder.store().wait_after_killed(Duration::from_secs(1));
    put(&store);
    // The clock has stepped back an hour.
    fs::write(
        folder.0.join("a.claim"),
        format!("{} 1\n", seconds() + 3600),
    )
    .unwrap();
    assert!(matches!(claim(&store, 1), Claimed::No(_)));
    std::thread::sleep(Duration::from_millis(2100));
    assert!(matches!(claim(&store, 1), Claimed::Yes(_)));
}

#[test]
fn lease_of_a_process_that_lives_is_in_force_however_long_it_takes() {
    let folder = Folder::new();
    let (one, other) = (folder.store(), folder.store());
    put(&one);
    assert!(matches!(claim(&one, 1), Claimed::Yes(_)));
    // As if it had been claimed a day ago.
    fs::write(
        folder.0.join("a.claim"),
        format!("{} 1\n", seconds() - 86_400),
    )
    .unwrap();
    let Claimed::No(Some(record)) = claim(&other, 2) else {
        panic!("it was claimed");
    };
    assert!(!record.lease.unwrap().is_abandoned);
    // Its lock ends with it.
    drop(one);
    assert!(matches!(claim(&other, 2), Claimed::Yes(_)));
}

#[test]
fn write_that_a_process_was_killed_in_is_no_hindrance() {
    let folder = Folder::new();
    let store = folder.store();
    fs::write(folder.0.join("a.new"), "half of a rec").unwrap();
    put(&store);
    assert!(!folder.0.join("a.new").exists());
    assert_eq!(
        store.load(&name()).unwrap().unwrap().version,
        Version::new(1)
    );
}

#[test]
fn folder_that_is_none_is_refused() {
    let folder = Folder::new();
    fs::write(&folder.0, "a file").unwrap();
    assert!(FileStore::open(&folder.0).is_err());
    let below = FileStore::open(folder.0.join("below")).unwrap_err();
    assert!(
        below
            .report()
            .to_string()
            .contains("cannot make the folder")
    );
    fs::remove_file(&folder.0).unwrap();
}

#[test]
fn write_that_fails_leaves_what_was_there() {
    let folder = Folder::new();
    let store = folder.store();
    put(&store);
    // A folder stands where the new record would be written.
    fs::create_dir(folder.0.join("a.new")).unwrap();
    fs::write(folder.0.join("a.new/x"), "x").unwrap();
    let failed = store.commit(
        &name(),
        Version::new(1),
        Version::new(2),
        Some(b"new"),
        LEASE,
    );
    let report = failed.unwrap_err().report().to_string();
    assert!(report.contains("cannot write the grant a"), "{report}");
    let record = store.load(&name()).unwrap().unwrap();
    assert_eq!(record.grant.unwrap().as_bytes(), b"grant");
    fs::remove_dir_all(folder.0.join("a.new")).unwrap();
    let written = store.commit(
        &name(),
        Version::new(1),
        Version::new(2),
        Some(b"new"),
        LEASE,
    );
    assert!(matches!(written.unwrap(), Written::Yes));
}

#[test]
fn own_lease_ends_when_it_has_run_out_or_its_version_is_gone() {
    let folder = Folder::new();
    let (one, other) = (folder.store(), folder.store());
    put(&one);
    // A request of unknown outcome: the lease runs out, and is claimed anew.
    let short = Duration::from_millis(300);
    let claimed = one.claim(&name(), Version::new(1), 1, short).unwrap();
    assert!(matches!(claimed, Claimed::Yes(_)));
    assert!(matches!(claim(&one, 2), Claimed::No(_)));
    assert!(one.load(&name()).unwrap().unwrap().lease.is_some());
    std::thread::sleep(short);
    assert!(one.load(&name()).unwrap().unwrap().lease.is_none());
    assert!(matches!(claim(&one, 2), Claimed::Yes(_)));
    // A user's grant in the meantime: the renewed one comes too late, and the lease is over.
    let put = other.commit(
        &name(),
        Version::new(1),
        Version::new(2),
        Some(b"put"),
        LEASE,
    );
    assert!(matches!(put.unwrap(), Written::Yes));
    let late = one.commit(
        &name(),
        Version::new(1),
        Version::new(2),
        Some(b"late"),
        LEASE,
    );
    assert!(matches!(late.unwrap(), Written::No(Some(_))));
    let claimed = other.claim(&name(), Version::new(2), 3, LEASE).unwrap();
    assert!(matches!(claimed, Claimed::Yes(_)), "{claimed:?}");
}
