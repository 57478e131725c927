//! A month passes, and more: tokens age by the emulator's clock, which a test moves.
#![cfg(feature = "blocking")]

use std::time::Duration;

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::v0::{ClientId, PasswordGrant, Refresh};
use concur_oauth::{
    AccessToken, Application, BaseUrl, Error, ErrorKind, ExposeSecret, ResponseError, SecretString,
};
use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{
    Fault, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};

const DAY: Duration = Duration::from_secs(86_400);

struct Concur {
    server: Server,
    client: Client,
    base_url: BaseUrl,
    application: Application,
}

impl Concur {
    fn start() -> Self {
        let server = Server::start().unwrap();
        let root = CertificateDer::from(server.ca_der().to_vec());
        let client = Client::builder().no_proxy().add_root(root);
        let id = ClientId::new(SAMPLE_CLIENT_ID).unwrap();
        Self {
            client: client.build().unwrap(),
            base_url: server.url().parse().unwrap(),
            application: Application::new(id, SAMPLE_CLIENT_SECRET).unwrap(),
            server,
        }
    }

    fn sign_in(&self) -> AccessToken {
        let (base_url, application) = (&self.base_url, &self.application);
        let grant = PasswordGrant::new(base_url, application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD);
        self.client.send(grant.unwrap()).unwrap()
    }

    fn refresh(&self, refresh_token: &SecretString) -> Result<AccessToken, Error> {
        let refresh = Refresh::new(&self.base_url, &self.application, refresh_token);
        let response = self.client.send(refresh)?;
        Ok(response.into_token(refresh_token.clone()))
    }

    /// Returns whether an access token is valid by the server's clock.
    fn is_valid(&self, token: &AccessToken) -> bool {
        let now = self.server.now();
        let mut emulator = self.server.emulator();
        emulator
            .v0()
            .holder(token.token().expose_secret(), now)
            .is_some()
    }
}

fn refused(result: Result<AccessToken, Error>) -> ErrorKind {
    match result.unwrap_err() {
        Error::Response(ResponseError::Refused(response)) => response.kind(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn tokens_age_by_the_clock_of_the_server() {
    let concur = Concur::start();
    let token = concur.sign_in();
    let refresh_token = token.refresh_token().unwrap();
    concur.server.advance(Duration::from_secs(3599));
    assert!(concur.is_valid(&token));
    concur.server.advance(Duration::from_secs(1));
    assert!(!concur.is_valid(&token));
    // Each use gives a refresh token 180 days more.
    for _ in 0..6 {
        concur.server.advance(DAY * 30);
        assert!(concur.is_valid(&concur.refresh(refresh_token).unwrap()));
    }
    concur.server.advance(DAY * 180);
    assert_eq!(refused(concur.refresh(refresh_token)), ErrorKind::DeadGrant);
}

#[test]
fn lives_of_tokens_are_settings() {
    let concur = Concur::start();
    let mut emulator = concur.server.emulator();
    emulator.v0().set_token_life(Duration::from_secs(90));
    emulator.v0().set_refresh_token_life(DAY);
    drop(emulator);
    let token = concur.sign_in();
    let left = token.time_left_at(concur.server.now()).unwrap();
    assert!(
        left <= Duration::from_secs(90) && left > Duration::from_secs(30),
        "{left:?}"
    );
    let refresh_left = token
        .refresh_expires_at()
        .unwrap()
        .duration_since(concur.server.now());
    assert!(refresh_left.unwrap() <= DAY);
    concur.server.advance(DAY);
    assert_eq!(
        refused(concur.refresh(token.refresh_token().unwrap())),
        ErrorKind::DeadGrant
    );
}

/// What no client can save: the refresh token was rotated, and the new one is lost.
#[test]
fn response_that_is_lost_after_the_rotation_costs_the_grant() {
    let concur = Concur::start();
    concur
        .server
        .emulator()
        .v0()
        .set_rotation(Rotation::KillOld);
    let refresh_token = concur.sign_in().refresh_token().unwrap().clone();
    concur.server.inject(Fault::CutOff(0));
    let error = concur.refresh(&refresh_token).unwrap_err();
    assert!(error.may_have_reached_concur());
    assert_eq!(
        refused(concur.refresh(&refresh_token)),
        ErrorKind::DeadGrant
    );
}
