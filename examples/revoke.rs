//! Revoking access tokens: an administrator revokes one, and all that a user granted to an application.
//!
//! It runs against an emulator in this process.

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::{NativeFlow, RevokeToken, RevokeUser};
use concur_oauth::{AccessToken, BaseUrl, ConsumerKey, Credentials, Error};
use concur_oauth_emulator::{
    SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
    let sign_in = |login_id, password| -> Result<AccessToken, Error> {
        let credentials = Credentials::with_password(login_id, password)?;
        client.send(NativeFlow::new(base_url.clone(), key.clone(), credentials))
    };

    let administrator = sign_in(SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_PASSWORD)?;
    let token = sign_in(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;

    // One token.
    client.send(RevokeToken::new(&administrator, token.token()))?;
    println!("revoked");

    // All that a user granted to this application, also those that you no longer know.
    sign_in(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
    let all = RevokeUser::new(&administrator, &key, SAMPLE_LOGIN_ID)?;
    client.send(all)?;
    println!("revoked all");

    // Only a Web Services Administrator may: Concur says why it refuses another user.
    let user = sign_in(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
    match client.send(RevokeToken::new(&user, administrator.token())) {
        Err(error) => println!("{error}"),
        Ok(()) => return Err("unexpected".into()),
    }
    Ok(())
}
