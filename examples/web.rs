//! The Web flow: a user is sent to Concur, consents, comes back with a request token, and the
//! application makes that an access token. Then: a new token for the old one.
//!
//! It runs against an emulator in this process, which stands in for the user too. In a web application,
//! `state` lives in the user's session in between.

use std::time::SystemTime;

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::{
    Application, CodeExchange, ConsumerKey, InstanceUrl, RedirectUri, Refresh, RequestToken,
    ReturnError, Scope, State, WebFlow, read_web_return,
};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let instance: InstanceUrl = server.url().parse()?;
    let client = Client::builder()
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
    let application = Application::new(key.clone(), SAMPLE_CONSUMER_SECRET)?;

    // Out: the user's browser goes to this URL. Make the state at random, for each user.
    let state = State::new("8c1d2f6b0a9e4d775e3f0b1a7c6d9284")?;
    let redirect_uri = RedirectUri::new("https://app.example/back")?;
    let flow = WebFlow::new(key, redirect_uri, [Scope::EXPRPT, Scope::ITINER])?;
    let url = flow.url(&instance, &state);

    // Back: approved, and denied.
    let now = SystemTime::now();
    let returned = server.emulator().approve(&url, SAMPLE_LOGIN_ID, now);
    let returned = returned.ok_or("the link works")?;
    let code: RequestToken = read_web_return(query_of(&returned), &state)?;
    let returned = server.emulator().deny(&url, now);
    let returned = returned.ok_or("the link works")?;
    match read_web_return(query_of(&returned), &state) {
        Err(ReturnError::Denied(denial)) => println!("{denial}"),
        other => return Err(format!("unexpected: {other:?}").into()),
    }

    // The code is spent by this, so no transport sends it twice.
    let exchange = CodeExchange::new(&application, &code);
    let mut token = client.send(&instance, exchange)?;
    println!("a token, good until {:?}", token.expires_at());

    // A year later. The refresh borrows the token: a failed send loses nothing.
    let refresh = Refresh::new(&application, &token)?;
    let renewal = client.send(refresh.instance(), refresh)?;
    token.renew(renewal);
    println!(
        "renewed; its refresh token is kept: {}",
        token.refresh_token()?.is_some()
    );
    Ok(())
}

fn query_of(uri: &str) -> &str {
    uri.split_once('?').map_or("", |(_, query)| query)
}
