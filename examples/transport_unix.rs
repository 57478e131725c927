//! A transport of one's own over a stream of bytes that is open already, in twenty lines: here a pair
//! of Unix sockets, such as a sandboxed process has to its proxy.
//!
//! The deadline is the writer's duty (T4): the socket's time-out is armed anew before each read.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::transport::http1::{self, AnswerReader};
use concur_oauth::transport::{Limits, Stage, user_agent};
use concur_oauth::{
    ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InstanceUrl, NativeFlow,
};

fn send<E: Exchange>(
    socket: &mut UnixStream,
    instance: &InstanceUrl,
    exchange: E,
    timeout: Duration,
) -> Result<E::Output, Error> {
    let deadline = Instant::now() + timeout;
    let request = exchange.into_request(instance)?;
    let mut reader = AnswerReader::new(request.method().clone(), Limits::default());
    let bytes = http1::encode(request, instance, &user_agent("example/1.0")?)?;
    socket
        .set_write_timeout(Some(timeout))
        .and_then(|()| socket.write_all(&bytes))
        .map_err(|error| Error::interrupted(Stage::Send, error))?;

    let mut piece = [0; 2048];
    let answer = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let (stage, after) = (Stage::Receive, timeout);
            return Err(Error::Timeout { stage, after });
        }
        let read = socket
            .set_read_timeout(Some(left))
            .and_then(|()| socket.read(&mut piece));
        match read {
            // The time-out of the socket: the next round says so.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => break reader.fail(Error::interrupted(Stage::Receive, error))?,
            // No bytes are the end, which the reader wants to know of too.
            Ok(length) => {
                if let Some(answer) = reader.receive(&piece[..length])? {
                    break answer;
                }
            }
        }
    };
    Ok(answer.parse::<E>(instance)?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let proxy = thread::spawn(move || proxy(theirs));
    let instance = InstanceUrl::default();
    let flow = || -> Result<NativeFlow, concur_oauth::InputError> {
        Ok(NativeFlow::new(
            ConsumerKey::new("hj7683jslks93lalkjss93")?,
            Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
        ))
    };
    let second = Duration::from_secs(1);
    let token = send(&mut ours, &instance, flow()?, second)?;
    println!("a token of {} bytes", token.token().expose_secret().len());
    // The proxy drips now, and would go on for a minute.
    let error = send(&mut ours, &instance, flow()?, second).unwrap_err();
    println!("{error}");
    drop(ours);
    proxy.join().expect("the proxy does not panic")?;
    Ok(())
}

/// Whoever is at the other end: it grants the first request, and drips at the second.
fn proxy(mut socket: UnixStream) -> std::io::Result<()> {
    let body = "<Access_Token><Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token></Access_Token>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    read_request(&mut socket)?;
    socket.write_all(answer.as_bytes())?;
    read_request(&mut socket)?;
    for byte in answer.bytes() {
        thread::sleep(Duration::from_millis(500));
        if socket.write_all(&[byte]).is_err() {
            break;
        }
    }
    Ok(())
}

fn read_request(socket: &mut UnixStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && socket.read(&mut byte)? == 1 {
        request.push(byte[0]);
    }
    Ok(())
}
