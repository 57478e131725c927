//! `concur-oauth emulator`, and its control from other languages.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{Emulator, command, failed, file, run};

fn get(url: &str) -> (u16, String) {
    read(
        ureq::get(url)
            .config()
            .http_status_as_error(false)
            .build()
            .call(),
    )
}

fn post(url: &str, body: &str) -> (u16, String) {
    let post = ureq::post(url).config().http_status_as_error(false).build();
    read(post.send(body))
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, String) {
    let mut response = response.unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), body)
}

#[test]
fn emulator_begins_as_its_options_say() {
    let emulator = Emulator::start(
        "options",
        &[
            "--plain-http",
            "--fault",
            "status=503,retry-after=30",
            "--fault",
            "unavailable,path=/oauth2/v0/jwks,at=2",
            "--clock",
            "2030-01-01T00:00:00Z",
            "--token-lifetime",
            "5m",
            "--data-centers",
            "glz,us2",
        ],
    );
    let url = &emulator.url;
    let (_, faults) = get(&format!("{url}/_emulator/faults"));
    let faults: Value = serde_json::from_str(&faults).unwrap();
    let set = [
        "status=503,retry-after=30s",
        "unavailable,path=/oauth2/v0/jwks,at=2",
    ];
    assert_eq!(faults["faults"], json!(set));
    assert_eq!(get(&format!("{url}/oauth2/v0/jwks")).0, 503);
    assert_eq!(get(&format!("{url}/oauth2/v0/jwks")).0, 200);
    assert!(get(&format!("{url}/oauth2/v0/jwks")).1.contains("<html>"));
    let (_, clock) = get(&format!("{url}/_emulator/clock"));
    assert!(clock.contains("2030-01-01T00:0"), "{clock}");
    let form = "client_id=3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11&client_secret=c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55\
                &grant_type=client_credentials";
    let token = ureq::post(&format!("{url}/oauth2/v0/token"))
        .content_type("application/x-www-form-urlencoded")
        .send(form);
    let (_, token) = read(token);
    let token: Value = serde_json::from_str(&token).unwrap();
    assert_eq!(token["expires_in"], 300);
    assert_eq!(token["geolocation"], url.as_str());
}

#[test]
fn option_that_cannot_be_used_is_refused_before_it_listens() {
    for (args, says) in [
        (["--fault", "explode"], "--fault: a fault is one of"),
        (
            ["--fault", "chunked,next=0"],
            "--fault: next takes a number",
        ),
        (["--clock", "tomorrow"], "--clock takes a time"),
        (["--clock", ""], "--clock"),
        (["--clock", "+soon"], "--clock takes a time"),
        (["--data-centers", "glz, us2"], "--data-centers takes names"),
        (["--data-centers", "glz,glz"], "and each once"),
        (["--data-centers", ""], "--data-centers"),
        (["--public-url", "concur:8080"], "--public-url takes scheme"),
        (
            ["--rotation", "never"],
            "--rotation takes one of same, keep-old",
        ),
        (["--token-lifetime", "0"], "--token-lifetime takes seconds"),
    ] {
        failed(&run(&[&["emulator"], &args[..]].concat()), 2, says);
    }
}

#[test]
fn accounts_name_no_data_center_that_it_does_not_stand_for() {
    let text = r#"{ "v0": { "users": [{ "login_id": "jo@example.com", "password": "hunter2", "data_center": "eu2" }] } }"#;
    let accounts = file("homes.json", text);
    let accounts = accounts.to_str().unwrap();
    for centers in [&[][..], &["--data-centers", "glz,us2"]] {
        let output = run(&[&["emulator", "--accounts", accounts], centers].concat());
        failed(&output, 2, "name it in --data-centers");
    }
    Emulator::start(
        "homes",
        &["--accounts", accounts, "--data-centers", "glz,eu2"],
    );
}

#[test]
fn log_says_what_was_asked_and_holds_no_secret() {
    let mut process = command(&["emulator", "--plain-http", "--log"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 256];
    let read = process.stdout.as_mut().unwrap().read(&mut line).unwrap();
    let line = String::from_utf8_lossy(&line[..read]).into_owned();
    let url = line.trim_end().strip_prefix("listening on ").unwrap();
    let query = "?refresh_token=hunter2&client_id=hunter2&client_secret=hunter2";
    get(&format!("{url}/net2/oauth2/getaccesstoken.ashx{query}"));
    process.kill().unwrap();
    let mut log = String::new();
    let mut stderr = process.stderr.take().unwrap();
    stderr.read_to_string(&mut log).unwrap();
    process.wait().unwrap();
    let asked = "GET /net2/oauth2/getaccesstoken.ashx: 40";
    assert!(log.contains(asked) && !log.contains("hunter2"), "{log}");
}

#[test]
fn example_of_the_readme_in_python_runs() {
    let emulator = Emulator::start("python", &["--plain-http"]);
    let readme = include_str!("../../../emulator/README.md");
    let (_, example) = readme.split_once("```python\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let example = example.replace("http://localhost:8080", &emulator.url);
    let output = Command::new("python3")
        .args(["-c", &example])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        printed, "503 30 Company undergoing scheduled maintenance.\nBearer\n",
        "{said}"
    );
    let (_, requests) = get(&format!("{}/_emulator/requests", emulator.url));
    assert_eq!(requests.matches("/oauth2/v0/token").count(), 2);
    let (status, _) = post(
        &format!("{}/_emulator/clock", emulator.url),
        r#"{"advance": "2h"}"#,
    );
    assert_eq!(status, 200);
}

#[test]
fn tokens_name_the_url_that_clients_use_and_rotate() {
    let url = "http://concur.test:8080";
    let args = [
        "--plain-http",
        "--public-url",
        url,
        "--rotation",
        "refuse-old",
    ];
    let emulator = Emulator::start("public", &args);
    let id = "client_id=3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11&client_secret=c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55";
    let grant = |parameters: &str| {
        let request = ureq::post(&format!("{}/oauth2/v0/token", emulator.url))
            .config()
            .http_status_as_error(false)
            .build();
        let request = request.content_type("application/x-www-form-urlencoded");
        let (_, token) = read(request.send(&format!("{id}&{parameters}")));
        serde_json::from_str::<Value>(&token).unwrap()
    };
    let by_password =
        "grant_type=password&username=john_developer@hotmail.com&password=Travel%26Expense$2012";
    let token = grant(by_password);
    assert_eq!(token["geolocation"], url);
    let first = token["refresh_token"].as_str().unwrap();
    let refresh = format!("grant_type=refresh_token&refresh_token={first}");
    assert_ne!(grant(&refresh)["refresh_token"], first);
    assert_eq!(grant(&refresh)["code"], 108);
}
