//! The Native flow over hyper, on tokio: many users at once, one client.
//!
//! It runs against an emulator in this process. Against Concur itself, make the client with
//! `Client::new()` and the instance with `InstanceUrl::default()`.

use concur_oauth::hyper::Client;
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::{ConsumerKey, Credentials, Error, InputError, InstanceUrl, NativeFlow};
use concur_oauth_emulator::{Emulator, Server, User};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut emulator = Emulator::new();
    emulator.add_application("key");
    for user in 0..10 {
        emulator.add_user(User::new(format!("user{user}@example.com"), "secret"));
    }
    let server = Server::builder().emulator(emulator).start()?;
    let instance: InstanceUrl = server.url().parse()?;
    let client = Client::builder()
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;

    // A client is cheap to clone. Each task has its own, and they share connections.
    let tasks: Vec<_> = (0..11)
        .map(|user| {
            let (client, instance) = (client.clone(), instance.clone());
            tokio::spawn(async move {
                let flow = flow(user)?;
                client.send(&instance, flow).await
            })
        })
        .collect();
    for (user, task) in tasks.into_iter().enumerate() {
        match task.await? {
            Ok(token) => println!("user{user}: expires at {:?}", token.expires_at()),
            Err(error) => println!("user{user}: {}", error.with_causes()),
        }
    }
    println!("{} connections", server.connections());
    Ok(())
}

fn flow(user: usize) -> Result<NativeFlow, Error> {
    let flow = || -> Result<NativeFlow, InputError> {
        Ok(NativeFlow::new(
            ConsumerKey::new("key")?,
            Credentials::with_password(format!("user{user}@example.com"), "secret")?,
        ))
    };
    // An error for bad input is one of the kinds that `send` has.
    Ok(flow()?)
}
