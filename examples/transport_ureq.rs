//! A transport over an HTTP library: ureq carries the bytes, core makes the request and reads the response.
//!
//! Some of ureq's defaults must be changed: it follows redirects, turns an error status into an error of its own, and
//! reads without a bound. One thing cannot be changed: at log level trace it prints what it
//! writes, credentials included. Never run it with a logger that listens to that level.

use std::io::Read;
use std::net::IpAddr;
use std::time::SystemTime;

use concur_oauth::http1::{BodyFraming, Limits, ProtocolError};
use concur_oauth::net2::NativeFlow;
use concur_oauth::transport::{
    DEFAULT_TIMEOUT, join_response, parse_response, prepare_request, user_agent,
};
use concur_oauth::{
    BaseUrl, ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InputError, ResponseContext,
    Stage, http,
};
use concur_oauth_emulator::{Fault, Server};

fn send<E: Exchange>(agent: &ureq::Agent, exchange: E) -> Result<E::Output, Error> {
    let base_url = exchange.base_url().clone();
    // ureq looks names up by itself, and `localhost` can be another machine (T1).
    if !base_url.is_https() && base_url.host().parse::<IpAddr>().is_err() {
        return Err(Error::Unsupported("no plain http to a name".into()));
    }
    let mut request = exchange.into_request()?;
    prepare_request(&mut request, &base_url, &user_agent("example/1.0")?)?;
    let method = request.method().clone();
    let context = ResponseContext::new(base_url, SystemTime::now());
    // ureq takes a slice for a body, and copies none.
    let (head, body) = request.into_parts();
    let request = http::Request::from_parts(head, body.as_ref());
    let response = agent.run(request);
    let response = response.map_err(|error| explain(error, ProtocolError::MalformedHead));
    let (head, body) = response?.into_parts();
    let body = read(&method, &head, body);
    Ok(parse_response::<E>(join_response(head, body)?, &context)?)
}

/// Reads a body within its limits.
fn read(
    method: &http::Method,
    head: &http::response::Parts,
    body: ureq::Body,
) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    let framing = BodyFraming::from_head(method, head, &limits)?;
    let mut bytes = Vec::new();
    let one_more = limits.max_body() as u64 + 1;
    body.into_reader()
        .take(one_more)
        .read_to_end(&mut bytes)
        .map_err(|error| explain(error.into(), ProtocolError::MalformedChunk))?;
    if bytes.len() > limits.max_body() {
        return Err(ProtocolError::BodyTooLarge.into());
    }
    if matches!(framing, BodyFraming::Length(length) if length != bytes.len()) {
        return Err(ProtocolError::Truncated.into());
    }
    Ok(bytes)
}

/// Names an error of ureq. Where it does not say, the request may have reached Concur.
fn explain(error: ureq::Error, malformed: ProtocolError) -> Error {
    let (stage, after) = (Stage::Receive, DEFAULT_TIMEOUT);
    match error {
        ureq::Error::Timeout(_) => Error::Timeout { stage, after },
        ureq::Error::HostNotFound => Error::interrupted(Stage::Lookup, error),
        ureq::Error::ConnectionFailed => Error::interrupted(Stage::Connect, error),
        ureq::Error::Protocol(_) => malformed.into(),
        error => Error::interrupted(stage, error),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Plain http to an address of this machine (T1); for https, ureq's feature `rustls` verifies the server (T2).
    let server = Server::builder().plain_http().start()?;
    let base_url: BaseUrl = server.url().replace("localhost", "127.0.0.1").parse()?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .max_redirects(0) // T3
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(DEFAULT_TIMEOUT)) // T4
        .max_idle_connections(0) // T7: ureq does not say whether a broken connection had carried a response
        .proxy(None) // T12
        .build()
        .into();
    let flow = || -> Result<NativeFlow, InputError> {
        Ok(NativeFlow::new(
            base_url.clone(),
            ConsumerKey::new("hj7683jslks93lalkjss93")?,
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
        ))
    };
    let token = send(&agent, flow()?)?;
    println!("a token of {} bytes", token.token().expose_secret().len());
    for fault in [
        Fault::Redirect("https://evil.example/".to_owned()),
        Fault::Unavailable,
        Fault::CutOff(200),
        Fault::Oversize(70_000),
    ] {
        server.inject(fault);
        println!("{}", send(&agent, flow()?).unwrap_err());
    }
    Ok(())
}
