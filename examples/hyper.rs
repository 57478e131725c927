//! The Native flow over hyper, on tokio: many users at once, one client.
//!
//! It runs against an emulator in this process. Against Concur itself, make the client with
//! `Client::new()` and the flow with `BaseUrl::US_PRODUCTION`.

use concur_oauth::hyper::Client;
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::net2::NativeFlow;
use concur_oauth::{BaseUrl, ConsumerKey, Credentials, Error, InputError, Rfc3339};
use concur_oauth_emulator::{Emulator, Server, User};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut emulator = Emulator::new();
    emulator.add_application("key");
    for user in 0..10 {
        emulator.add_user(User::new(format!("user{user}@example.com"), "secret"));
    }
    let server = Server::builder().emulator(emulator).start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;

    // A client is cheap to clone. Each task has its own, and they share connections.
    let tasks: Vec<_> = (0..11)
        .map(|user| {
            let (client, base_url) = (client.clone(), base_url.clone());
            tokio::spawn(async move { client.send(flow(base_url, user)?).await })
        })
        .collect();
    for (user, task) in tasks.into_iter().enumerate() {
        match task.await? {
            Ok(token) => {
                let at = token.expires_at().map(|at| Rfc3339(at).to_string());
                println!("user{user}: a token until {}", at.unwrap_or_default());
            }
            Err(error) => println!("user{user}: {}", error.report()),
        }
    }
    println!("{} connections", server.connections());
    Ok(())
}

fn flow(base_url: BaseUrl, user: usize) -> Result<NativeFlow, Error> {
    let flow = || -> Result<NativeFlow, InputError> {
        Ok(NativeFlow::new(
            base_url,
            ConsumerKey::new("key")?,
            Credentials::with_password(format!("user{user}@example.com"), "secret")?,
        ))
    };
    // An error for bad input is one of the kinds that `send` has.
    Ok(flow()?)
}
