//! The Native flow over the blocking transport: credentials to a token, and the token to a request.
//!
//! It runs against an emulator in this process. Against Concur itself, make the client with
//! `Client::new()` and the flow with `BaseUrl::US_PRODUCTION`.

use std::time::{Duration, SystemTime};

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::net2::NativeFlow;
use concur_oauth::{
    AccessToken, BaseUrl, ConsumerKey, Credentials, Error, ErrorKind, ExposeSecret, InputError,
    ResponseError, Rfc3339, TokenParts,
};
use concur_oauth_emulator::{Fault, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .timeout(Duration::from_secs(10))
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;

    // Credentials in: they are consumed, and wiped when the request is sent.
    let token = client.send(native_flow(&base_url, "Travel&Expense$2012")?)?;

    // A token out: it knows how long it lives and where it may be sent.
    let now = SystemTime::now();
    if let (Some(at), Some(left)) = (token.expires_at(), token.time_left_at(now)) {
        println!("a token until {}: {} h", Rfc3339(at), left.as_secs() / 3600);
    }
    let mut request = http::Request::get(format!("{base_url}/api/v3.0/common/lists")).body(())?;
    token.authorize(&mut request)?;
    println!("authorized {} {}", request.method(), request.uri());

    // It lives a year: store its parts, and build it again.
    let stored: TokenParts = token.into_parts();
    let token = AccessToken::from(stored);
    println!(
        "a token of {} characters",
        token.token().expose_secret().len()
    );

    // An error says what to do, and whether and when to try again.
    server.inject(Fault::Unavailable);
    for password in ["Travel&Expense$2012", "wrong"] {
        match client.send(native_flow(&base_url, password)?) {
            Ok(_) => println!("granted"),
            Err(error) => explain(&error),
        }
    }
    Ok(())
}

fn native_flow(base_url: &BaseUrl, password: &str) -> Result<NativeFlow, InputError> {
    Ok(NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new("hj7683jslks93lalkjss93")?,
        Credentials::with_password("john_developer@hotmail.com", password)?,
    ))
}

/// Shows what a program does with an error: its kind says what to correct, and two questions the rest.
fn explain(error: &Error) {
    println!("{}", error.report());
    match (error, error.retry_after()) {
        (Error::Response(ResponseError::Refused(response)), _) => match response.kind() {
            ErrorKind::WrongCredentials => println!("  ask the user for them again"),
            ErrorKind::WrongApplication => println!("  correct the application's settings"),
            _ => println!("  for Concur's support: {:?}", response.id()),
        },
        // The flow was consumed with its credentials: trying again needs them again.
        (_, Some(wait)) => println!("  try again in {} s", wait.as_secs()),
        (_, None) => println!("  not before something is changed"),
    }
    if error.may_have_reached_concur() {
        println!("  it may have reached Concur; requesting a token twice does no harm");
    }
}
