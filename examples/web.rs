//! The Web flow: a user is sent to Concur, consents, and returns with a request token, which the
//! application exchanges for an access token. Then the token is refreshed.
//!
//! It runs against an emulator in this process, which stands in for the user too. In a web application,
//! `state` lives in the user's session in between.

use std::time::SystemTime;

use concur_oauth::Scope;
use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::{CodeExchange, Refresh, WebFlow};
use concur_oauth::{
    Application, BaseUrl, CallbackError, ConsumerKey, CsrfState, RedirectUri, RequestToken,
    Rfc3339, parse_callback,
};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
    let application = Application::new(key.clone(), SAMPLE_CONSUMER_SECRET)?;

    // The user's browser is sent to this URL. The state is random, another for each user.
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let state = CsrfState::from_random(random);
    let redirect_uri = RedirectUri::new("https://app.example/back")?;
    let flow = WebFlow::new(key, redirect_uri, [Scope::EXPRPT, Scope::ITINER])?;
    let url = flow.authorization_url(&base_url, &state);

    // The user returns: approved, and denied.
    let now = SystemTime::now();
    let returned = server.emulator().approve(&url, SAMPLE_LOGIN_ID, now);
    let returned = returned.ok_or("the link works")?;
    let code: RequestToken = parse_callback(query_of(&returned), &state)?;
    let returned = server.emulator().deny(&url, now);
    let returned = returned.ok_or("the link works")?;
    match parse_callback(query_of(&returned), &state) {
        Err(CallbackError::Denied(denied)) => println!("{denied}"),
        other => return Err(format!("unexpected: {other:?}").into()),
    }

    // This spends the code, so no transport sends it twice.
    let exchange = CodeExchange::new(&base_url, &application, &code);
    let mut token = client.send(exchange)?;
    let at = token.expires_at().map(|at| Rfc3339(at).to_string());
    println!("a token until {}", at.unwrap_or_default());

    // A year later. The refresh borrows the token: a failed send loses nothing.
    let refresh = Refresh::for_token(&application, &token)?;
    let changes = token.apply_refresh(client.send(refresh)?);
    println!(
        "refreshed; a new refresh token came: {}; the user moved: {}",
        changes.has_new_refresh_token(),
        changes.moved_from().is_some()
    );
    Ok(())
}

fn query_of(uri: &str) -> &str {
    uri.split_once('?').map_or("", |(_, query)| query)
}
