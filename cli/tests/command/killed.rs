//! The command is killed at any moment of a renewal.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use concur_oauth_emulator::Fault;
use concur_oauth_emulator::v0::Rotation;
use serde_json::Value;

use crate::shop::{Shop, done};
use crate::stderr;

/// How many grants are renewed and killed at a time, each at a server of its own.
const GRANTS: usize = 20;
const ROUNDS: usize = 10;
const RENEW: [&str; 5] = ["acme", "--min-life", "2h", "--timeout", "1"];

/// Returns the version that is stored.
fn version(shop: &Shop) -> u64 {
    let stored = fs::read(shop.folder.join("acme.grant")).unwrap();
    let line = stored.split(|byte| *byte == b'\n').next().unwrap();
    let about: Value = serde_json::from_slice(line).unwrap();
    about["version"].as_u64().unwrap()
}

/// Kills a renewal after this long. Returns whether Concur had rotated the refresh token, and it was not stored.
fn kill(shop: &Shop, after: Duration, unstored: &mut u64) -> bool {
    // So that there is a while in which the response is on its way.
    shop.server.inject(Fault::Delay(Duration::from_millis(150)));
    let mut process = shop
        .ask(&[&["token"], &RENEW[..]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(after);
    let _ = process.kill();
    let _ = process.wait();
    // What had arrived is carried out.
    thread::sleep(Duration::from_millis(100));
    // Each request but the first is a renewal, and each stored one moved the version.
    let renewals = u64::try_from(shop.server.request_count()).unwrap() - 1;
    let before = std::mem::replace(unstored, renewals - (version(shop) - 1));
    *unstored > before
}

fn in_parallel(work: impl Fn(usize) + Send + Sync) {
    thread::scope(|scope| {
        for number in 0..GRANTS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

/// Two hundred kills. After each, the grant lives, or the next command says that it died.
#[test]
#[ignore = "a minute and a half: `.ci/run` has it"]
fn grant_dies_only_where_its_new_refresh_token_died_with_the_command() {
    for rotation in [Rotation::KeepLastTwo, Rotation::RefuseOld] {
        let lost = std::sync::atomic::AtomicUsize::new(0);
        in_parallel(|number| {
            let mut shop = Shop::open();
            shop.server.emulator().v0().set_rotation(rotation);
            done(&shop.save("acme"));
            let mut unstored = 0;
            for round in 0..ROUNDS {
                let drawn = (number * 7919 + round * 104_729) % 701;
                let is_lost = kill(&shop, Duration::from_millis(drawn as u64), &mut unstored);
                let next = shop
                    .ask(&[&["token"], &RENEW[..]].concat())
                    .output()
                    .unwrap();
                let said = stderr(&next);
                if is_lost {
                    lost.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert!(said.contains("was killed while it renewed acme"), "{said}");
                }
                if is_lost && rotation == Rotation::RefuseOld {
                    assert_eq!(next.status.code(), Some(3), "{said}");
                    assert!(said.contains("connect the user or company anew"), "{said}");
                    shop = Shop::open();
                    unstored = 0;
                    shop.server.emulator().v0().set_rotation(rotation);
                    done(&shop.save("acme"));
                } else {
                    assert!(next.status.success(), "{rotation:?} {drawn} ms: {said}");
                }
            }
        });
        println!("{rotation:?}: {lost:?} lost");
    }
}
