//! The one-time password of `/oauth2/v0`: Concur mails a link to a user, and the application exchanges what stands in it.
//!
//! For users without a password at Concur, and for applications without a redirect URI. It runs against an emulator in this
//! process, which stands in for the mailbox too.

use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::v0::{ClientId, OneTimePassword, OtpDetails, OtpGrant, SendOtp};
use concur_oauth::{Application, BaseUrl, Error, ResponseError};
use concur_oauth_emulator::{SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, Server};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start()?;
    let base_url: BaseUrl = server.url().parse()?; // the user's data center: BaseUrl::US2, say
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;

    // The same details are sent twice: keep them, or make them again from the same values.
    let details = OtpDetails::new(SAMPLE_LOGIN_ID)?
        .with_name("John Developer")?
        .with_link("https://app.example/auth")?
        .with_parameter("session", "7f3a")?;
    client.send(SendOtp::new(&base_url, &application, &details))?;

    // The user follows the link of the mail, and the application is asked for it.
    let link = server.emulator().v0().mailed_link(SAMPLE_LOGIN_ID);
    let otp = OneTimePassword::from_link(&link.ok_or("it was mailed")?)?;
    let token = client.send(OtpGrant::new(&base_url, &application, &details, &otp))?;
    println!("a token at {}", token.base_url());

    // It works once.
    match client.send(OtpGrant::new(&base_url, &application, &details, &otp)) {
        Err(Error::Response(ResponseError::Refused(refused))) => {
            println!("{:?}: {refused}", refused.kind());
        }
        other => return Err(format!("unexpected: {other:?}").into()),
    }
    Ok(())
}
