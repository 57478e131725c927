//! Grants in PostgreSQL and Redis.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth_emulator::{Fault, SAMPLE_CLIENT_SECRET};

use crate::servers::{POSTGRES_PASSWORD, Postgres, Redis};
use crate::shop::{Shop, done};
use crate::{failed, stderr};

fn each(check: impl Fn(Shop)) {
    let postgres = Postgres::start(&[]);
    check(Shop::over(&postgres.url()));
    let redis = Redis::start(&["--appendonly", "yes"]);
    check(Shop::over(&redis.url()));
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn grants_in_a_database_are_stored_renewed_listed_and_forgotten() {
    each(|shop| {
        assert_eq!(done(&shop.save("acme")), "acme\n");
        failed(&shop.save("acme"), 2, "there is a grant acme already");
        let requests = shop.server.request_count();
        let token = done(&shop.token("acme", &[]));
        assert_eq!(done(&shop.token("acme", &[])), token);
        assert_eq!(shop.server.request_count(), requests);
        assert_ne!(done(&shop.token("acme", &["--min-life", "2h"])), token);
        let listed = done(&shop.command(&["grants"]).output().unwrap());
        assert!(
            listed.contains("acme") && listed.contains("valid"),
            "{listed}"
        );
        let mut round = shop.ask(&["keep-alive"]);
        let said = stderr(
            &round
                .env("CONCUR_CLIENT_SECRET", SAMPLE_CLIENT_SECRET)
                .output()
                .unwrap(),
        );
        assert!(said.contains("1 grants, 0 renewed"), "{said}");
        done(&shop.command(&["forget", "acme"]).output().unwrap());
        failed(&shop.token("acme", &[]), 2, "there is no grant acme");
    });
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn eight_commands_at_once_renew_once() {
    each(|shop| {
        shop.set_life(1);
        done(&shop.save("acme"));
        shop.set_life(3600);
        thread::sleep(Duration::from_millis(1100));
        let requests = shop.server.request_count();
        let start = || {
            let mut command = shop.ask(&["token", "acme"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let commands: Vec<_> = (0..8).map(|_| start()).collect();
        let outputs = commands
            .into_iter()
            .map(|it| done(&it.wait_with_output().unwrap()));
        let tokens: Vec<_> = outputs.collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(shop.server.request_count(), requests + 1);
    });
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn command_that_was_killed_is_waited_for_as_long_as_one_wants() {
    each(|shop| {
        shop.set_life(1);
        done(&shop.save("acme"));
        thread::sleep(Duration::from_millis(1100));
        let requests = shop.server.request_count();
        shop.server.inject(Fault::Delay(Duration::from_secs(5)));
        let mut command = shop.ask(&["token", "acme"]);
        let mut killed = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while shop.server.request_count() == requests {
            thread::sleep(Duration::from_millis(10));
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
        let start = Instant::now();
        let output = shop.token("acme", &["--wait", "5"]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(75), "{said}");
        assert!(
            said.contains("or was ended while it did: waiting, until 20"),
            "{said}"
        );
        assert!(said.contains("come again at 20"), "{said}");
        assert!(start.elapsed() >= Duration::from_secs(5));
    });
}

/// The command, by a clock that is off.
fn ask_at(shop: &Shop, clock: &str, args: &[&str]) -> Output {
    let right = shop.ask(args);
    let mut off = Command::new("faketime");
    off.args(["-f", clock])
        .arg(right.get_program())
        .args(right.get_args());
    for (name, value) in right.get_envs() {
        match value {
            Some(value) => off.env(name, value),
            None => off.env_remove(name),
        };
    }
    off.output().unwrap()
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn process_whose_clock_is_an_hour_off_renews_no_more_than_the_others() {
    each(|shop| {
        for clock in ["+1h", "-1h"] {
            done(&shop.save_with("acme", &["--replace"]));
            let requests = shop.server.request_count();
            let token = done(&shop.token("acme", &[]));
            assert_eq!(done(&ask_at(&shop, clock, &["token", "acme"])), token);
            assert_eq!(shop.server.request_count(), requests);
            // What it renews is as fresh for the others.
            let renewed = done(&ask_at(
                &shop,
                clock,
                &["token", "acme", "--min-life", "2h"],
            ));
            assert_ne!(renewed, token);
            assert_eq!(done(&shop.token("acme", &[])), renewed);
            assert_eq!(done(&ask_at(&shop, clock, &["token", "acme"])), renewed);
            assert_eq!(shop.server.request_count(), requests + 1);
        }
    });
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn secrets_of_a_database_are_no_arguments() {
    let postgres = Postgres::start(&[]);
    let shop = Shop::over(&postgres.url());
    let url = postgres.url();
    let output = shop.command(&["grants", "--store", &url]).output().unwrap();
    failed(&output, 2, "a password in --store can be seen by others");
    assert!(!stderr(&output).contains(POSTGRES_PASSWORD));
    // A password file in its place.
    let password = POSTGRES_PASSWORD.replace(' ', "%20");
    let url = url.replace(&format!(":{password}"), "");
    let file = shop.folder.with_extension("pgpass");
    std::fs::write(&file, format!("127.0.0.1:*:*:concur:{POSTGRES_PASSWORD}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    done(&shop.save("acme"));
    let mut command = shop.command(&["grants", "--store", &url]);
    let listed = done(&command.env("PGPASSFILE", &file).output().unwrap());
    assert!(listed.contains("acme"), "{listed}");
    std::fs::remove_file(&file).unwrap();
    let mut command = shop.command(&["grants", "--store", &url]);
    failed(
        &command.output().unwrap(),
        1,
        "lacks what the database asks for, such as a password",
    );
    // Grants are sealed there.
    let mut command = shop.command(&["grants"]);
    let output = command
        .env_remove("CONCUR_STORE_KEY_FILE")
        .output()
        .unwrap();
    failed(&output, 2, "a database needs keys that seal the grants");
}

#[test]
#[ignore = "needs databases, which .ci/run installs"]
fn database_that_is_away_is_said() {
    let mut postgres = Postgres::start(&[]);
    let shop = Shop::over(&postgres.url());
    done(&shop.save("acme"));
    postgres.kill();
    failed(
        &shop.token("acme", &[]),
        1,
        "the database cannot be reached",
    );
    let requests = shop.server.request_count();
    failed(&shop.save("beta"), 1, "the database cannot be reached");
    assert_eq!(shop.server.request_count(), requests);
}
