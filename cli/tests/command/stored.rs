//! `token`, `grants`, `forget` and `keep-alive`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{Fault, SAMPLE_CLIENT_ID};
use serde_json::Value;

use crate::shop::{Shop, done};
use crate::{failed, stderr};

#[test]
fn token_is_stored_and_printed_in_each_format() {
    let shop = Shop::open();
    let saved = shop.save("acme");
    assert_eq!(done(&saved), "acme\n");
    assert!(stderr(&saved).contains("concur-oauth token acme"));
    let requests = shop.server.request_count();
    let token = done(&shop.token("acme", &[]));
    let header = done(&shop.token("acme", &["--format", "header"]));
    assert_eq!(header, format!("Authorization: Bearer {token}"));
    let json = done(&shop.token("acme", &["--format", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["access_token"], token.trim_end());
    assert_eq!(json["geolocation"], shop.server.url());
    assert!(json.get("refresh_token").is_none());
    assert_eq!(shop.server.request_count(), requests);
}

#[test]
fn grants_are_listed_without_a_secret_and_forgotten() {
    let shop = Shop::open();
    let output = shop.command(&["grants"]).output().unwrap();
    failed(&output, 2, "nothing is stored in ");
    // Looking makes no folder.
    assert!(!shop.folder.exists());
    done(&shop.save("acme"));
    done(&shop.save("Beta.2"));
    let token = done(&shop.token("acme", &[]));
    let text = done(&shop.command(&["grants"]).output().unwrap());
    let json = done(
        &shop
            .command(&["grants", "--format", "json"])
            .output()
            .unwrap(),
    );
    assert!(text.contains("Beta.2") && text.contains("valid") && text.contains(SAMPLE_CLIENT_ID));
    let lines: Vec<Value> = json
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["name"], "acme");
    assert_eq!(lines[1]["state"], "valid");
    assert_eq!(lines[1]["service"], "v0");
    assert!(!text.contains(token.trim_end()) && !json.contains(token.trim_end()));
    done(&shop.command(&["forget", "acme"]).output().unwrap());
    failed(&shop.token("acme", &[]), 2, "there is no grant acme");
    failed(
        &shop.command(&["forget", "acme"]).output().unwrap(),
        2,
        "no grant acme",
    );
    assert!(!done(&shop.command(&["grants"]).output().unwrap()).contains("acme"));
}

#[test]
fn eight_commands_at_once_renew_once_and_print_one_token() {
    let shop = Shop::open();
    shop.server.emulator().v0().set_rotation(Rotation::KillOld);
    shop.set_life(1);
    done(&shop.save("acme"));
    shop.set_life(3600);
    thread::sleep(Duration::from_millis(1100));
    let requests = shop.server.request_count();
    let start = |_| {
        let mut command = shop.ask(&["token", "acme"]);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..8).map(start).collect();
    let outputs: Vec<_> = processes
        .into_iter()
        .map(|process| done(&process.wait_with_output().unwrap()))
        .collect();
    assert!(outputs.iter().all(|output| *output == outputs[0]));
    assert_eq!(shop.server.request_count() - requests, 1);
}

#[test]
fn token_with_too_little_left_is_renewed() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    let first = done(&shop.token("acme", &["--min-life", "10m"]));
    let second = done(&shop.token("acme", &["--min-life", "2h"]));
    assert_ne!(first, second);
    assert_eq!(done(&shop.token("acme", &[])), second);
    for bad in ["0", "5x", "-1", "1.5h"] {
        failed(
            &shop.token("acme", &["--min-life", bad]),
            2,
            "--min-life takes seconds",
        );
    }
}

#[test]
fn what_cannot_be_used_is_refused_before_anything_is_sent() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    let requests = shop.server.request_count();
    for name in ["../x", ".x", "a/b", "ä", "a b"] {
        failed(&shop.token(name, &[]), 2, "NAME takes 1 to 100");
        failed(&shop.save(name), 2, "--save takes 1 to 100");
    }
    let other = ["--min-life", "2h", "--client-id", "another"];
    failed(&shop.token("acme", &other), 2, "--client-id names another");
    let mut without = shop.ask(&["token", "acme", "--min-life", "2h"]);
    without.env_remove("CONCUR_CLIENT_SECRET");
    failed(&without.output().unwrap(), 2, "client secret");
    for store in ["/tmp/x", "file:", "mysql://x"] {
        let mut command = shop.ask(&["token", "acme"]);
        failed(
            &command.env("CONCUR_STORE", store).output().unwrap(),
            2,
            "`file:` and a folder",
        );
    }
    let mut command = shop.ask(&["token", "acme"]);
    failed(
        &command.env("CONCUR_STORE", "").output().unwrap(),
        2,
        "CONCUR_STORE is empty",
    );
    failed(&shop.token("acme", &["--emulator"]), 2, "--emulator");
    assert_eq!(shop.server.request_count(), requests);
}

#[cfg(unix)]
#[test]
fn folder_that_others_can_use_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open();
    done(&shop.save("acme"));
    let mode = |path: &str| {
        let metadata = fs::metadata(shop.folder.join(path)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("acme.grant")), (0o700, 0o600));
    fs::set_permissions(&shop.folder, fs::Permissions::from_mode(0o750)).unwrap();
    failed(&shop.token("acme", &[]), 2, "chmod 700");
    let requests = shop.server.request_count();
    // Nothing is obtained that could not be stored.
    failed(&shop.save("beta"), 2, "chmod 700");
    assert_eq!(shop.server.request_count(), requests);
}

#[test]
fn sealed_grant_shows_nothing_and_opens_with_its_key_alone() {
    let shop = Shop::open();
    fs::create_dir_all(&shop.folder).unwrap();
    let key = |name: &str, digit: &str| {
        let path = shop.folder.with_extension(name);
        fs::write(&path, format!("{name} {}\n", digit.repeat(64))).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        path
    };
    let (right, wrong) = (key("right", "a"), key("wrong", "b"));
    let _ = fs::remove_dir_all(&shop.folder);
    done(&shop.save("acme"));
    let token = |key: Option<&PathBuf>, more: &[&str]| {
        let mut command = shop.ask(&[&["token", "acme"], more].concat());
        command.envs(key.map(|key| ("CONCUR_STORE_KEY_FILE", key)));
        command.output().unwrap()
    };
    // What was stored unsealed is sealed when it is renewed.
    let printed = done(&token(Some(&right), &["--min-life", "2h"]));
    let stored = fs::read(shop.folder.join("acme.grant")).unwrap();
    let has = |words: &str| stored.windows(words.len()).any(|it| it == words.as_bytes());
    assert!(has("sealed 1 right"));
    assert!(!has(&printed[..20]) && !has(SAMPLE_CLIENT_ID) && !has("refresh_token"));
    assert_eq!(done(&token(Some(&right), &[])), printed);
    failed(&token(Some(&wrong), &[]), 2, "sealed with the key right");
    failed(
        &token(None, &[]),
        2,
        "CONCUR_STORE_KEY_FILE must name the keys",
    );
    // Nothing is stored unsealed beside it.
    let requests = shop.server.request_count();
    failed(&shop.save("beta"), 2, "is sealed");
    assert_eq!(shop.server.request_count(), requests);
    let none = shop.folder.join("none");
    failed(&token(Some(&none), &[]), 2, "cannot read the keys");
    for key in [right, wrong] {
        fs::remove_file(key).unwrap();
    }
}

#[test]
fn refusals_have_exit_statuses() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    let renew = ["--min-life", "2h", "--timeout", "2"];
    let fail_with = |code| shop.server.emulator().v0().fail_with(code);
    fail_with(61);
    failed(
        &shop.token("acme", &renew),
        3,
        "Concur refuses the application",
    );
    fail_with(10);
    failed(&shop.token("acme", &renew), 3, "Concur refuses the grant");
    fail_with(108);
    failed(
        &shop.token("acme", &renew),
        3,
        "connect the user or company anew",
    );
    // It is known to be dead from now on, and its token lives.
    let listed = done(&shop.command(&["grants"]).output().unwrap());
    assert!(listed.contains("needs consent"), "{listed}");
    failed(
        &shop.token("acme", &renew),
        3,
        "connect the user or company anew",
    );
}

#[test]
fn renewal_without_a_response_is_said_and_not_repeated() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    shop.server.inject(Fault::CutOff(0));
    let output = shop.token("acme", &["--min-life", "2h", "--timeout", "2"]);
    let line = stderr(&output);
    assert_eq!(output.status.code(), Some(75), "{line}");
    assert!(line.contains("not known whether Concur renewed"), "{line}");
    assert!(line.contains("come again at "), "{line}");
    // The token that is held still lives.
    done(&shop.token("acme", &[]));
}

#[cfg(unix)]
#[test]
fn renewal_that_is_under_way_is_finished_before_a_signal_ends_the_command() {
    let shop = Shop::open();
    shop.server.emulator().v0().set_rotation(Rotation::KillOld);
    done(&shop.save("acme"));
    shop.server.inject(Fault::Delay(Duration::from_secs(2)));
    let requests = shop.server.request_count();
    let process = shop
        .ask(&["token", "acme", "--min-life", "2h"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while shop.server.request_count() == requests {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(10));
    }
    let number = process.id().to_string();
    Command::new("kill")
        .args(["-TERM", &number])
        .status()
        .unwrap();
    let output = process.wait_with_output().unwrap();
    let said = stderr(&output);
    assert!(said.contains("finishing the renewal"), "{said}");
    // It was stored: with the old refresh token, this would be the end of the grant.
    done(&shop.token("acme", &["--min-life", "2h"]));
}

/// Has a grant be as if it had been stored this many seconds ago, and due for the keep-alive.
fn age(shop: &Shop, name: &str, seconds: u64) {
    let path = shop.folder.join(format!("{name}.grant"));
    let stored = fs::read_to_string(&path).unwrap();
    let (about, rest) = stored.split_once('\n').unwrap();
    let mut about: Value = serde_json::from_str(about).unwrap();
    about["due_at"] = 1.into();
    about["written_at"] = (about["written_at"].as_u64().unwrap() - seconds).into();
    fs::write(path, format!("{about}\n{rest}")).unwrap();
}

#[test]
fn keep_alive_renews_what_is_due_and_says_what_cannot_be() {
    let shop = Shop::open();
    let keep_alive = |more: &[&str]| {
        let all = [&["keep-alive", "--timeout", "5"], more].concat();
        shop.ask(&all).output().unwrap()
    };
    failed(&keep_alive(&[]), 2, "nothing is stored in ");
    for name in ["due", "fresh"] {
        done(&shop.save(name));
    }
    age(&shop, "due", 31 * 86_400);
    let requests = shop.server.request_count();
    let output = keep_alive(&[]);
    done(&output);
    let said = stderr(&output);
    assert!(
        said.contains("2 grants, 1 renewed, 0 due and not renewed, 0 that cannot be renewed"),
        "{said}"
    );
    assert_eq!(shop.server.request_count() - requests, 1);
    failed(
        &keep_alive(&["--client-id", "nonesuch"]),
        2,
        "no grant of the application nonesuch",
    );
    // A refusal ends the round, and is its outcome.
    age(&shop, "due", 31 * 86_400);
    shop.server.emulator().v0().fail_with(61);
    let output = keep_alive(&[]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("1 due and not renewed") && said.contains("refuses the application"),
        "{said}"
    );
    // It was released: another renews it at once.
    done(&keep_alive(&[]));
    fs::write(shop.folder.join("torn.grant"), "{").unwrap();
    let output = keep_alive(&[]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("1 that cannot be renewed") && said.contains("torn.grant: restore that file"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_stored_is_not_obtained() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    fs::write(shop.folder.join("acme.grant"), "garbage").unwrap();
    let requests = shop.server.request_count();
    let start = Instant::now();
    failed(
        &shop.save("acme"),
        1,
        "acme.grant: restore that file from a copy, or remove it",
    );
    failed(&shop.token("acme", &[]), 1, "cannot read the grant acme");
    assert_eq!(shop.server.request_count(), requests);
    assert!(start.elapsed() < Duration::from_secs(10));
    // As it says.
    fs::remove_file(shop.folder.join("acme.grant")).unwrap();
    done(&shop.save("acme"));
    // One that lives is not replaced by mistake.
    let requests = shop.server.request_count();
    failed(&shop.save("acme"), 2, "there is a grant acme already");
    assert_eq!(shop.server.request_count(), requests);
    let again = shop.save_with("acme", &["--replace"]);
    done(&again);
    assert!(stderr(&again).contains("in place of the one before"));
}

#[test]
fn store_that_cannot_be_claimed_is_said_at_once() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    // A folder in the place of the lease: it cannot be opened for writing.
    let lease = shop.folder.join("acme.lease");
    fs::create_dir(&lease).unwrap();
    let start = Instant::now();
    failed(
        &shop.token("acme", &["--min-life", "2h"]),
        1,
        "acme.lease: a folder is in its place",
    );
    assert!(start.elapsed() < Duration::from_secs(10));
    fs::remove_dir(&lease).unwrap();
}

#[test]
fn token_that_is_due_is_renewed_although_it_lives() {
    let shop = Shop::open();
    done(&shop.save("acme"));
    let first = done(&shop.token("acme", &[]));
    // Between 75 % and 85 % of its hour it becomes due.
    age(&shop, "acme", 3100);
    // Without the secret it is printed as it is, while it lives.
    let mut without = shop.ask(&["token", "acme"]);
    let output = without.env_remove("CONCUR_CLIENT_SECRET").output().unwrap();
    assert_eq!(done(&output), first);
    assert!(
        stderr(&output).contains("was not renewed"),
        "{}",
        stderr(&output)
    );
    assert_ne!(done(&shop.token("acme", &[])), first);
}

#[test]
fn long_timeout_is_a_long_lease() {
    let shop = Shop::open();
    done(&shop.save_with("acme", &["--timeout", "3600"]));
    done(&shop.token("acme", &["--min-life", "2h", "--timeout", "3600"]));
}
