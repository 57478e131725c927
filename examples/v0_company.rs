//! A company's token of `/oauth2/v0`: from a company request token, once, to tokens of an hour, for years.
//!
//! An administrator makes the request token in Concur and gives it to you with the company's UUID. It runs against an
//! emulator in this process, with two data centers: the company lives in the second, which the first request cannot know.

use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::v0::{ClientId, Refresh, RequestTokenGrant, RevokeConnections};
use concur_oauth::{
    AccessToken, Application, BaseUrl, Error, ErrorKind, RequestToken, ResponseError, Rfc3339,
};
use concur_oauth_emulator::v0::{Company, Rotation};
use concur_oauth_emulator::{SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, Server};

const COMPANY: &str = "715810de-a259-4f7d-bad7-35badc9980bb";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder().data_centers(["glz", "eu2"]).start()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let (landing_zone, request_token) = at_concur(&server)?;
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;

    // Once, within 24 hours. Leave out `at`, and it goes to Concur's own landing zone.
    let grant = RequestTokenGrant::new(&application, COMPANY, &request_token)?.at(&landing_zone);
    let mut token = client.send(grant)?;
    store(&token);

    // Before each use: a token that ends soon is refreshed. (Here as if an hour had passed.)
    let in_an_hour = SystemTime::now() + Duration::from_secs(3600);
    let left = token.time_left_at(in_an_hour);
    if left.is_none_or(|left| left < Duration::from_secs(300)) {
        let refresh = Refresh::for_token(&application, &token)?;
        let changes = token.apply_refresh(client.send(refresh)?);
        println!(
            "a new refresh token came: {}",
            changes.has_new_refresh_token()
        );
        // What it brought is stored before it is used: the old refresh token may be dead by now.
        store(&token);
    }

    // When the company disconnects: all of its refresh tokens end.
    client.send(RevokeConnections::new(&token))?;
    match client.send(Refresh::for_token(&application, &token)?) {
        Err(Error::Response(ResponseError::Refused(refused)))
            if refused.kind() == ErrorKind::DeadGrant =>
        {
            println!("ask the administrator for a new request token: {refused}");
        }
        other => return Err(format!("unexpected: {other:?}").into()),
    }
    Ok(())
}

/// Here `token.clone().into_parts()` goes into your encrypted store: see the documentation of `TokenParts`.
fn store(token: &AccessToken) {
    let shown = |at: Option<SystemTime>| at.map(|at| Rfc3339(at).to_string());
    println!(
        "a token at {} until {:?}; its refresh token until {:?}",
        token.base_url(),
        shown(token.expires_at()),
        shown(token.refresh_expires_at())
    );
}

/// What happens at Concur before: the administrator of a company makes a request token for this application.
fn at_concur(server: &Server) -> Result<(BaseUrl, RequestToken), Box<dyn std::error::Error>> {
    let mut emulator = server.emulator();
    let v0 = emulator.v0();
    v0.add_company(Company::new(COMPANY).in_data_center("eu2"));
    v0.set_rotation(Rotation::KillOld);
    let token = v0.make_request_token(SAMPLE_CLIENT_ID, COMPANY, SystemTime::now());
    Ok((server.url().parse()?, RequestToken::new(token)?))
}
