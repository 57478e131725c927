//! The deadline is the transport's duty (T4): the socket's time-out is armed anew before each write and
//! each read, because a peer that drips bytes would outlive one that is armed once.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use concur_oauth::http1::{self, Limits, ResponseReader};
use concur_oauth::net2::NativeFlow;
use concur_oauth::transport::{parse_response, prepare_request, user_agent};
use concur_oauth::{
    BaseUrl, ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InputError, ResponseContext,
    Stage,
};

/// Sends an exchange and reads its response. Returns whether the socket can be reused.
fn send<E: Exchange>(
    socket: &mut UnixStream,
    exchange: E,
    timeout: Duration,
) -> Result<(E::Output, bool), Error> {
    let deadline = Instant::now() + timeout;
    let base_url = exchange.base_url().clone();
    let mut request = exchange.into_request()?;
    prepare_request(&mut request, &base_url, &user_agent("example/1.0")?)?;
    let mut reader = ResponseReader::new(request.method().clone(), Limits::default());
    let bytes = http1::encode_request(&request);
    let context = ResponseContext::new(base_url, SystemTime::now());
    let named = |stage, error: io::Error| match error.kind() {
        ErrorKind::TimedOut => Error::Timeout {
            stage,
            after: timeout,
        },
        _ => Error::interrupted(stage, error),
    };
    let mut unwritten = &bytes[..];
    while !unwritten.is_empty() {
        let written = repeat_until(deadline, |left| {
            socket.set_write_timeout(Some(left))?;
            socket.write(unwritten)
        });
        unwritten = &unwritten[written.map_err(|error| named(Stage::Send, error))?..];
    }
    let mut piece = [0; 2048];
    let response = loop {
        let read = repeat_until(deadline, |left| {
            socket.set_read_timeout(Some(left))?;
            socket.read(&mut piece)
        });
        match read {
            // No bytes are the end of the stream. The reader takes that in too.
            Ok(length) => {
                if let Some(response) = reader.receive(&piece[..length])? {
                    break response;
                }
            }
            Err(error) => match named(Stage::Receive, error) {
                late @ Error::Timeout { .. } => return Err(late),
                // An error status that came before the connection broke is kept.
                broken => break reader.cut_off().ok_or(broken)?,
            },
        }
    };
    let usable = response.leaves_connection_usable();
    let output = parse_response::<E>(response.into_response(), &context)?;
    Ok((output, usable))
}

/// Repeats what was interrupted by a signal or a time-out, until the deadline.
fn repeat_until(
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
    let second = Duration::from_secs(1);
    let (token, usable) = send(&mut ours, flow()?, second)?;
    println!(
        "a token of {} bytes; the socket is usable: {usable}",
        token.token().expose_secret().len()
    );
    // The proxy drips now, and would go on for a minute.
    let error = send(&mut ours, flow()?, second).unwrap_err();
    println!("{error}");
    drop(ours);
    proxy.join().expect("the proxy does not panic")?;
    Ok(())
}

fn flow() -> Result<NativeFlow, InputError> {
    Ok(NativeFlow::new(
        BaseUrl::US_PRODUCTION,
        ConsumerKey::new("hj7683jslks93lalkjss93")?,
        Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
    ))
}

/// The other end: it grants the first request, and drips at the second.
fn proxy(mut socket: UnixStream) -> io::Result<()> {
    let body = "<Access_Token><Token>q962LLopjMgTOeTn3fRN+5uABCg=</Token></Access_Token>";
    let length = body.len();
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    read_request(&mut socket)?;
    socket.write_all(response.as_bytes())?;
    read_request(&mut socket)?;
    for byte in response.bytes() {
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
