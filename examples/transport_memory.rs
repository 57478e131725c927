//! A transport with no socket and no thread: the core on one side, the emulator's sans-IO half
//! on the other, and bytes in between. A test of your own can run like this, or an enclave.

use std::time::SystemTime;

use concur_oauth::http1::{self, Limits, ResponseReader};
use concur_oauth::net2::NativeFlow;
use concur_oauth::transport::{parse_response, prepare_request, user_agent};
use concur_oauth::{
    BaseUrl, ConsumerKey, Credentials, Error, Exchange, ExposeSecret, ResponseContext, http,
};
use concur_oauth_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut emulator = Emulator::with_sample_account();
    for password in ["Travel&Expense$2012", "wrong"] {
        let flow = NativeFlow::new(
            BaseUrl::US_PRODUCTION,
            ConsumerKey::new("hj7683jslks93lalkjss93")?,
            Credentials::with_password("john_developer@hotmail.com", password)?,
        );
        match send(&mut emulator, flow) {
            Ok(token) => println!("a token of {} bytes", token.token().expose_secret().len()),
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}

/// Sends an exchange without a network.
fn send<E: Exchange>(emulator: &mut Emulator, exchange: E) -> Result<E::Output, Error> {
    let base_url = exchange.base_url().clone();
    let mut request = exchange.into_request()?;
    prepare_request(&mut request, &base_url, &user_agent("example/1.0")?)?;
    let mut reader = ResponseReader::new(request.method().clone(), Limits::default());
    let bytes = http1::encode_request(&request);
    let context = ResponseContext::new(base_url, SystemTime::now());
    // The bytes travel, a few at a time.
    for piece in respond(&bytes, emulator).chunks(7) {
        if let Some(response) = reader.receive(piece)? {
            return Ok(parse_response::<E>(response.into_response(), &context)?);
        }
    }
    // No bytes are the end of the stream, which can end the response too.
    let response = reader.receive(&[])?;
    let response = response.expect("the end of a stream is a response or an error");
    Ok(parse_response::<E>(response.into_response(), &context)?)
}

/// The other side: the bytes of a request to those of a response.
fn respond(bytes: &[u8], emulator: &mut Emulator) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let mut request = http::Request::builder()
        .method(words.next().unwrap_or_default())
        .uri(words.next().unwrap_or_default());
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let request = request.body(body.into());
    let request = request.expect("core writes good requests");
    let response = emulator.respond(&request, SystemTime::now());
    let mut bytes = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
        .extend_from_slice(format!("content-length: {}\r\n\r\n", response.body().len()).as_bytes());
    bytes.extend_from_slice(response.body());
    bytes
}
