//! A fleet: four processes share the grants of a database, and renew each of them once.
//!
//! It runs against an emulator, whose access tokens live for five seconds. `CONCUR_STORE` is the URL of the database:
//! `postgres://…` or `redis://…`.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use concur_oauth::hyper::Client;
use concur_oauth::hyper::keeper::{Keeper, SealingKeys};
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{AsyncStore, Event, Grant};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{Application, BaseUrl};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use concur_oauth_postgres::PostgresStore;
use concur_oauth_redis::RedisStore;

type Failure = Box<dyn std::error::Error>;

const CUSTOMERS: [&str; 3] = ["acme", "beta", "gamma"];

/// Opens the store. All processes have the same keys, from a file or a secret manager.
async fn open() -> Result<Box<dyn AsyncStore>, Failure> {
    let keys = "example 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let keys = SealingKeys::parse(keys)?;
    let url = std::env::var("CONCUR_STORE").map_err(|_| "set CONCUR_STORE to a database's URL")?;
    if url.starts_with("redis") {
        return Ok(Box::new(RedisStore::builder(&url)?.build(keys)?));
    }
    let store = PostgresStore::builder(&url)?.build(keys)?;
    store.create_schema().await?;
    Ok(Box::new(store))
}

fn client(authority: &[u8]) -> Result<Client, Failure> {
    let root = CertificateDer::from(authority.to_vec());
    // No proxy: the emulator is on this machine.
    Ok(Client::builder().no_proxy().add_root(root).build()?)
}

/// What each of the four processes does: it needs tokens, at any time.
async fn member(authority: &[u8]) -> Result<(), Failure> {
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let (keeper, runner) = Keeper::builder(client(authority)?, open().await?)
        .application(application)
        .on_event(|event| match event {
            Event::Renewed { name, version, .. } => {
                println!("process {}: {name} is {version} now", std::process::id());
            }
            Event::StoreWarning { advice } => println!("{advice}"),
            _ => {}
        })
        .build()?;
    let running = tokio::spawn(runner);
    for _ in 0..80 {
        for customer in CUSTOMERS {
            let _token = keeper.token(customer).await?;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    keeper.stop();
    running.await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = std::env::temp_dir();
    if let Ok(emulator) = std::env::var("FLEET_OF") {
        let authority = std::fs::read(folder.join(format!("concur-oauth-fleet-{emulator}.der")))?;
        return member(&authority).await;
    }
    let server = Server::start()?;
    server
        .emulator()
        .v0()
        .set_token_life(Duration::from_secs(5));
    let own = std::process::id().to_string();
    let authority = folder.join(format!("concur-oauth-fleet-{own}.der"));
    std::fs::write(&authority, server.ca_der())?;

    // The customers connect.
    let (base_url, client): (BaseUrl, _) = (server.url().parse()?, client(server.ca_der())?);
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let (keeper, runner) = Keeper::builder(client.clone(), open().await?).build()?;
    let running = tokio::spawn(runner);
    for customer in CUSTOMERS {
        let grant = PasswordGrant::new(&base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
        let token = client.send(grant).await?;
        let grant = Grant::new(application.key().clone(), token, SystemTime::now())?;
        keeper.put(customer, grant).await?;
    }
    keeper.stop();
    running.await?;

    let requests = server.request_count();
    let start = || {
        let mut member = Command::new(std::env::current_exe()?);
        member.env("FLEET_OF", &own).stdin(Stdio::null()).spawn()
    };
    let members: Vec<Child> = (0..4).map(|_| start()).collect::<Result<_, _>>()?;
    for mut member in members {
        if !member.wait()?.success() {
            return Err("a process of the fleet failed".into());
        }
    }
    let requests = server.request_count() - requests;
    println!(
        "four processes, {} customers, 8 seconds: {requests} requests to Concur",
        CUSTOMERS.len()
    );
    std::fs::remove_file(authority)?;
    Ok(())
}
