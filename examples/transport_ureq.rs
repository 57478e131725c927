//! A transport over an HTTP library: ureq carries the bytes, core makes and reads them.
//!
//! What ureq does by default and must not: follow redirects, take an error status for its own error,
//! read without end. And one thing that cannot be helped here: at log level trace it prints what it
//! writes, credentials included, so never run it with a logger that listens to that.

use std::io::Read;
use std::time::Duration;

use concur_oauth::transport::{
    self, DEFAULT_TIMEOUT, Framing, Limits, ProtocolError, Stage, salvage,
};
use concur_oauth::{
    ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InstanceUrl, NativeFlow, http,
};
use concur_oauth_emulator::{Fault, Server};

fn send<E: Exchange>(
    agent: &ureq::Agent,
    instance: &InstanceUrl,
    exchange: E,
) -> Result<E::Output, Error> {
    let mut request = exchange.into_request(instance)?;
    transport::prepare(
        &mut request,
        instance,
        &transport::user_agent("example/1.0")?,
    )?;
    let method = request.method().clone();
    let (head, body) = agent.run(request).map_err(explain)?.into_parts();
    let (head, body) = match read(&method, &head, body) {
        Ok(body) => (head, body),
        Err(error) => (salvage(head, error)?, Vec::new()),
    };
    Ok(E::parse(http::Response::from_parts(head, &body), instance)?)
}

fn read(
    method: &http::Method,
    head: &http::response::Parts,
    body: ureq::Body,
) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    Framing::of(method, head, &limits)?;
    let mut bytes = Vec::new();
    let one_more = limits.body() as u64 + 1;
    body.into_reader()
        .take(one_more)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::interrupted(Stage::Receive, error))?;
    if bytes.len() > limits.body() {
        return Err(ProtocolError::BodyTooLarge.into());
    }
    Ok(bytes)
}

/// What cannot be told from ureq's error is taken for the worse: the request may have arrived.
fn explain(error: ureq::Error) -> Error {
    let (stage, after) = (Stage::Receive, DEFAULT_TIMEOUT);
    match error {
        ureq::Error::Timeout(_) => Error::Timeout { stage, after },
        ureq::Error::HostNotFound => Error::interrupted(Stage::Lookup, error),
        ureq::Error::ConnectionFailed => Error::interrupted(Stage::Connect, error),
        error => Error::interrupted(stage, error),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Plain http to this machine; for https, ureq's feature `rustls` verifies the server (T2).
    let server = Server::builder().plain_http().start()?;
    let instance: InstanceUrl = server.url().parse()?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0) // T3
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60))) // T4
        .build()
        .into();
    let flow = || -> Result<NativeFlow, concur_oauth::InputError> {
        Ok(NativeFlow::new(
            ConsumerKey::new("hj7683jslks93lalkjss93")?,
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
        ))
    };
    let token = send(&agent, &instance, flow()?)?;
    println!("a token of {} bytes", token.token().expose_secret().len());
    for fault in [
        Fault::Redirect("https://evil.example/".to_owned()),
        Fault::Unavailable,
        Fault::CutOff(200),
        Fault::Oversize(70_000),
    ] {
        server.inject(fault);
        println!("{}", send(&agent, &instance, flow()?).unwrap_err());
    }
    Ok(())
}
