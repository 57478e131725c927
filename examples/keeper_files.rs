//! Tokens that stay fresh, in one process: a keeper over a store of files.
//!
//! It runs against an emulator in this process, whose access tokens live for two seconds.

use std::thread;
use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::keeper::Keeper;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{Event, Grant, KeepError};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{Application, BaseUrl};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use concur_oauth_file::FileStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    server
        .emulator()
        .v0()
        .set_token_life(Duration::from_secs(2));
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let folder = std::env::temp_dir().join(format!("concur-oauth-example-{}", std::process::id()));

    let keeper = Keeper::builder(client.clone(), FileStore::open(&folder)?)
        .application(application.clone())
        .on_event(|event| {
            if let Event::NeedsConsent { name, .. } = event {
                println!("tell {name}'s administrator to connect again");
            }
        })
        .build()?;

    // Once, when a user or company connects. By what grant is no matter.
    let grant = PasswordGrant::new(&base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
    let token = client.send(grant)?;
    let client_id = application.key().clone();
    keeper.put(
        "customer-4711",
        Grant::new(client_id, token, SystemTime::now())?,
    )?;

    // On a thread of its own, so that no caller waits for a renewal.
    let runner = keeper.clone();
    let runner = thread::spawn(move || runner.run());

    // Whenever a token is needed. It is never stale, and mostly costs a look-up.
    for _ in 0..5 {
        match keeper.token("customer-4711") {
            Ok(token) => println!("{} of customer-4711 authorizes a call", token.version()),
            Err(KeepError::NeedsConsent { .. }) => println!("not connected"),
            Err(error) => println!("later: {}", error.report()),
        }
        thread::sleep(Duration::from_secs(1));
    }

    // At the end: what is under way is finished and stored. The next start goes on from there.
    keeper.stop();
    runner.join().map_err(|_| "the runner panicked")?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
