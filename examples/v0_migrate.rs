//! Moving over: a stored token of `/net2/oauth2` becomes one of `/oauth2/v0`, and its user notices nothing.
//!
//! It runs against an emulator in this process.

use std::time::SystemTime;

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::v0::{ClientCredentialsGrant, ClientId, MigrateToken, Refresh};
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, ErrorKind, Rfc3339, TokenParts, TokenScheme,
};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, Server,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    // The old application, and a token that it was granted, as your store has it.
    let old_key = ConsumerKey::new(SAMPLE_CONSUMER_KEY)?;
    let (stored, now) = ("q962LLopjMgTOeTn3fRN+5uABCg=", SystemTime::now());
    server
        .emulator()
        .add_tokens(stored, "", SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, now);
    let old_token = AccessToken::from(TokenParts::new(
        TokenScheme::OAuth,
        stored,
        base_url.clone(),
    ));

    // The new application authorizes the exchange by a token of its own.
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let own_token = client.send(ClientCredentialsGrant::new(&base_url, &application))?;

    // For each stored token. For an administrator's, `for_company()` makes it the company's.
    let migrate = MigrateToken::new(&own_token, &application, &old_key, &old_token)?;
    let migrated = client.send(migrate)?;
    let ends = migrated
        .refresh_expires_at()
        .map(|at| Rfc3339(at).to_string());
    println!("a refresh token until {ends:?}: stored before anything else is done");

    // From now on, as with any token of the newer service. The refresh token can change at the first refresh.
    let refresh = Refresh::new(own_token.base_url(), &application, migrated.refresh_token());
    let token = client
        .send(refresh)?
        .into_token(migrated.refresh_token().clone());
    println!(
        "a token at {}, with `Authorization: {} …`",
        token.base_url(),
        token.scheme()
    );

    // What Concur does not know is refused, and says so.
    let unknown = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "unknown", base_url));
    let error = client.send(MigrateToken::new(
        &own_token,
        &application,
        &old_key,
        &unknown,
    )?);
    let error = error.expect_err("it is not known");
    println!("{error}");
    match error {
        concur_oauth::Error::Response(error) if error.kind() == Some(ErrorKind::DeadGrant) => {
            Ok(())
        }
        other => Err(other.into()),
    }
}
