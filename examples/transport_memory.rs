//! A transport with no socket, no clock and no thread: the core on one side, the emulator's sans-IO half
//! on the other, and bytes in between. This is how a test of your own can run, or an enclave.

use std::time::SystemTime;

use concur_oauth::transport::http1::{self, AnswerReader};
use concur_oauth::transport::{Limits, user_agent};
use concur_oauth::{
    ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InstanceUrl, NativeFlow, http,
};
use concur_oauth_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut emulator = Emulator::with_sample_account();
    let instance = InstanceUrl::default();
    for password in ["Travel&Expense$2012", "wrong"] {
        let flow = NativeFlow::new(
            ConsumerKey::new("hj7683jslks93lalkjss93")?,
            Credentials::with_password("john_developer@hotmail.com", password)?,
        );
        match send(&mut emulator, &instance, flow) {
            Ok(token) => println!("a token of {} bytes", token.token().expose_secret().len()),
            Err(error) => println!("{error}"),
        }
    }
    Ok(())
}

/// Sends an exchange nowhere.
fn send<E: Exchange>(
    emulator: &mut Emulator,
    instance: &InstanceUrl,
    exchange: E,
) -> Result<E::Output, Error> {
    let request = exchange.into_request(instance)?;
    let mut reader = AnswerReader::new(request.method().clone(), Limits::default());
    let bytes = http1::encode(request, instance, &user_agent("example/1.0")?)?;
    // The bytes travel, a few at a time.
    for piece in answer_to(&bytes, emulator).chunks(7) {
        if let Some(answer) = reader.receive(piece)? {
            return Ok(answer.parse::<E>(instance)?);
        }
    }
    // No bytes are the end, which can be the answer's too.
    let answer = reader.receive(&[])?;
    Ok(answer
        .expect("an end brings an answer or an error")
        .parse::<E>(instance)?)
}

/// The other side: a request's bytes to an answer's.
fn answer_to(bytes: &[u8], emulator: &mut Emulator) -> Vec<u8> {
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
    let answer = emulator.respond(&request, SystemTime::now());
    let mut bytes = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", answer.body().len()).as_bytes());
    bytes.extend_from_slice(answer.body());
    bytes
}
