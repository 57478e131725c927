//! The Native flow over the blocking transport: credentials to a token, and the token to a request.
//!
//! It runs against an emulator in this process. Against Concur itself, make the client with
//! `Client::new()` and the instance with `InstanceUrl::default()`.

use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::{
    AccessToken, ConsumerKey, Credentials, Error, ExposeSecret, InstanceUrl, NativeFlow,
    ResponseError, TokenParts,
};
use concur_oauth_emulator::{Fault, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let instance: InstanceUrl = server.url().parse()?;
    let client = Client::builder()
        .timeout(Duration::from_secs(10))
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;

    // Credentials in: they are consumed, and wiped when the request has gone.
    let token = client.send(&instance, native_flow("Travel&Expense$2012")?)?;

    // A token out, which knows how long it lives and where it may go.
    let now = SystemTime::now();
    println!(
        "expired: {:?}, time left: {:?}",
        token.is_expired_at(now),
        token.time_left_at(now)
    );
    let mut request = http::Request::get(format!("{instance}/api/v3.0/common/lists")).body(())?;
    token.authorize(&mut request)?;
    println!("authorized {} {}", request.method(), request.uri());

    // It lives a year: store its parts, and build it again.
    let stored: TokenParts = token.into_parts();
    let token = AccessToken::from(stored);
    println!(
        "a token of {} characters",
        token.token().expose_secret().len()
    );

    // When it goes wrong, the error says what to do, and whether and when to try again.
    server.inject(Fault::Unavailable);
    for password in ["Travel&Expense$2012", "wrong"] {
        match client.send(&instance, native_flow(password)?) {
            Ok(_) => println!("granted"),
            Err(error) => explain(&error),
        }
    }
    Ok(())
}

fn native_flow(password: &str) -> Result<NativeFlow, concur_oauth::InputError> {
    Ok(NativeFlow::new(
        ConsumerKey::new("hj7683jslks93lalkjss93")?,
        Credentials::with_password("john_developer@hotmail.com", password)?,
    ))
}

/// What a program does with an error: the kind says what to mend, and two questions the rest.
fn explain(error: &Error) {
    println!("{}", error.with_causes());
    match (error, error.retry_after()) {
        (Error::Response(ResponseError::Refused(refusal)), _) => {
            println!(
                "  mend what Concur names; for its support: {:?}",
                refusal.id()
            );
        }
        // The flow was consumed with its credentials: trying again takes them anew.
        (_, Some(pause)) => println!("  try again in {} s", pause.as_secs()),
        (_, None) => println!("  not before something is changed"),
    }
    if error.may_have_reached_concur() {
        println!("  it may have reached Concur; asking for a token twice does no harm");
    }
}
