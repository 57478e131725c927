//! The Web flow of `/oauth2/v0`: a user is sent to Concur, consents, and returns with an authorization code, which the
//! application exchanges for tokens.
//!
//! It runs against an emulator in this process, which stands in for the user too. In a web application, `state` lives in the
//! user's session in between.

use std::time::SystemTime;

use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::blocking::{Client, verify_rs256};
use concur_oauth::v0::{
    AuthorizationCodeGrant, ClientId, FetchJwks, IdToken, WebFlow, parse_callback,
};
use concur_oauth::{
    Application, BaseUrl, CallbackError, CsrfState, ExposeSecret, RedirectUri, Scope,
};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_REDIRECT_URI, Server,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let landing_zone: BaseUrl = server.url().parse()?; // at Concur: BaseUrl::GLZ
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let redirect_uri = RedirectUri::new(SAMPLE_REDIRECT_URI)?; // registered with Concur

    // The user's browser is sent to this URL. The state is random, another for each user.
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let state = CsrfState::from_random(random);
    let flow = WebFlow::new(application.key().clone(), redirect_uri.clone())
        .with_scopes([Scope::new("user.read")?]);
    let url = flow.authorization_url(&landing_zone, &state);

    // The user returns: denied, and approved.
    let now = SystemTime::now();
    let returned = server.emulator().deny(&url, now).ok_or("the link works")?;
    match parse_callback(query_of(&returned), &state) {
        Err(CallbackError::Denied(denied)) => println!("{denied}"),
        other => return Err(format!("unexpected: {other:?}").into()),
    }
    let returned = server.emulator().approve(&url, SAMPLE_LOGIN_ID, now);
    let returned = returned.ok_or("the link works")?;
    let callback = parse_callback(query_of(&returned), &state)?;

    // The code goes to the landing zone, and not to the host that the browser brought: that could be anyone's.
    let grant = AuthorizationCodeGrant::new(&application, &redirect_uri, callback.code());
    let token = client.send(grant.at(&landing_zone))?;
    println!("a token at {} for {:?}", token.base_url(), token.scope());

    // For whom it is: the ID to store beside the token.
    let keys = client.send(FetchJwks::new(token.base_url()))?;
    let id_token = IdToken::parse(token.id_token().ok_or("Concur gives one")?.expose_secret())?;
    let claims = id_token.verify(&keys, application.key(), SystemTime::now(), verify_rs256)?;
    println!(
        "a {:?} of Concur: {}",
        claims.principal_type(),
        claims.subject().is_some()
    );
    Ok(())
}

fn query_of(uri: &str) -> &str {
    uri.split_once('?').map_or("", |(_, query)| query)
}
