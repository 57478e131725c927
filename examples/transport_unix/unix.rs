//! The deadline is the writer's duty (T4): the socket's time-out is armed anew before each write and
//! each read, because a peer that drips would outlive one that is armed once.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use concur_oauth::transport::http1::{self, AnswerReader};
use concur_oauth::transport::{Limits, Stage, user_agent};
use concur_oauth::{
    ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InputError, InstanceUrl, NativeFlow,
};

/// Sends an exchange and reads its answer. The socket can be used again if this says so.
fn send<E: Exchange>(
    socket: &mut UnixStream,
    instance: &InstanceUrl,
    exchange: E,
    timeout: Duration,
) -> Result<(E::Output, bool), Error> {
    let deadline = Instant::now() + timeout;
    let request = exchange.into_request(instance)?;
    let mut reader = AnswerReader::new(request.method().clone(), Limits::default());
    let bytes = http1::encode(request, instance, &user_agent("example/1.0")?)?;
    let named = |stage, error: io::Error| match error.kind() {
        ErrorKind::TimedOut => Error::Timeout {
            stage,
            after: timeout,
        },
        _ => Error::interrupted(stage, error),
    };
    let mut unwritten = &bytes[..];
    while !unwritten.is_empty() {
        let written = patient(deadline, |left| {
            socket.set_write_timeout(Some(left))?;
            socket.write(unwritten)
        });
        unwritten = &unwritten[written.map_err(|error| named(Stage::Send, error))?..];
    }
    let mut piece = [0; 2048];
    let answer = loop {
        let read = patient(deadline, |left| {
            socket.set_read_timeout(Some(left))?;
            socket.read(&mut piece)
        });
        match read {
            // No bytes are the end, which the reader wants to know of too.
            Ok(length) => {
                if let Some(answer) = reader.receive(&piece[..length])? {
                    break answer;
                }
            }
            Err(error) => break reader.fail(named(Stage::Receive, error))?,
        }
    };
    let usable = answer.leaves_connection_usable();
    Ok((answer.parse::<E>(instance)?, usable))
}

/// Repeats what a signal or a time-out interrupted, until the deadline.
fn patient(
    deadline: Instant,
    mut io: impl FnMut(Duration) -> io::Result<usize>,
) -> io::Result<usize> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        match io(left) {
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            result => return result,
        }
    }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let proxy = thread::spawn(move || proxy(theirs));
    let instance = InstanceUrl::default();
    let second = Duration::from_secs(1);
    let (token, usable) = send(&mut ours, &instance, flow()?, second)?;
    println!(
        "a token of {} bytes; the socket is usable: {usable}",
        token.token().expose_secret().len()
    );
    // The proxy drips now, and would go on for a minute.
    let error = send(&mut ours, &instance, flow()?, second).unwrap_err();
    println!("{error}");
    drop(ours);
    proxy.join().expect("the proxy does not panic")?;
    Ok(())
}

fn flow() -> Result<NativeFlow, InputError> {
    Ok(NativeFlow::new(
        ConsumerKey::new("hj7683jslks93lalkjss93")?,
        Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
    ))
}

/// Whoever is at the other end: it grants the first request, and drips at the second.
fn proxy(mut socket: UnixStream) -> io::Result<()> {
    let body = "<Access_Token><Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token></Access_Token>";
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
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

fn read_request(socket: &mut UnixStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && socket.read(&mut byte)? == 1 {
        request.push(byte[0]);
    }
    Ok(())
}
