//! A round of Auto-Connect with a thousand pending connection requests, over the blocking transport:
//! how many connections it takes, and how much memory from page to page.
//!
//! `cargo bench --bench round`. The emulator runs in a process of its own, so that the heap that is counted
//! is the client's alone. Tokens are dropped when they come, as they would be once stored.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use concur_oauth_benches::Heap;
use concur_oauth_blocking::Client;
use concur_oauth_blocking::rustls::pki_types::CertificateDer;
use concur_oauth_core::auto_connect::{ConnectionResult, Outcome, Round, Step};
use concur_oauth_core::{AccessToken, Application, BaseUrl, ConsumerKey, TokenParts, TokenScheme};
use concur_oauth_emulator::{
    ConnectionRequest, Emulator, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID,
    Server, User,
};

#[global_allocator]
static HEAP: Heap = Heap;

fn main() {
    if let Ok(pending) = env::var("ROUND_PENDING") {
        return serve(pending.parse().unwrap());
    }
    measure(1_000);
}

/// Prints the URL of the server and its root certificate; and when its input ends, what it saw.
fn serve(pending: usize) {
    let mut emulator = Emulator::with_sample_account();
    let now = SystemTime::now();
    emulator.add_user(User::new("admin@example.com", "").administrator());
    emulator.add_tokens("admin", "", SAMPLE_CONSUMER_KEY, "admin@example.com", now);
    for number in 0..pending {
        let request = ConnectionRequest::new(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID)
            .with_loyalty_number(format!("{number:08}"))
            .with_name("John", "Developer")
            .with_email(SAMPLE_LOGIN_ID);
        emulator.add_connection_request(request, now);
    }
    let server = Server::builder().emulator(emulator).start().unwrap();
    let hex: String = server
        .ca_der()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("{} {hex}", server.url());
    let _ = std::io::stdin().read(&mut [0]);
    println!("{} {}", server.connections(), server.request_count());
}

fn measure(pending: usize) {
    let mut server = Command::new(env::current_exe().unwrap())
        .env("ROUND_PENDING", pending.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap();
    let (url, hex) = address.split_once(' ').unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    let root: Vec<u8> = (0..hex.len() / 2).map(byte).collect();
    let base_url: BaseUrl = url.parse().unwrap();

    let client = Client::builder()
        .no_proxy()
        .add_root(CertificateDer::from(root));
    let client = client.build().unwrap();
    let administrator = AccessToken::from(TokenParts::new(TokenScheme::OAuth, "admin", base_url));
    let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
    let application = Application::new(key, SAMPLE_CONSUMER_SECRET).unwrap();

    let started = Instant::now();
    let (mut connected, mut rejected) = (0, 0);
    // The peak while each page was worked through.
    let mut peaks = Vec::with_capacity(pending / 10 + 1);
    let mut round = Round::new(&application, &administrator);
    loop {
        match round.step(SystemTime::now()) {
            Step::Send(request) => round.receive(client.send(request)),
            // Every tenth user is in no account.
            Step::Match { .. } => {
                let known = (connected + rejected) % 10 < 9;
                round.matched(if known {
                    Outcome::Connected
                } else {
                    Outcome::LoyaltyNumberNotFound
                });
            }
            Step::Finished(ConnectionResult::Failed(failure)) => panic!("{}", failure.report()),
            Step::Finished(finished) => {
                match finished {
                    ConnectionResult::Connected { .. } => connected += 1,
                    _ => rejected += 1,
                }
                if (connected + rejected) % 10 == 0 {
                    peaks.push(Heap::take_peak());
                }
            }
            Step::Done(end) => break end.unwrap(),
        }
    }
    let took = started.elapsed();
    drop(server.stdin.take());
    let seen = lines.next().unwrap().unwrap();
    server.wait().unwrap();
    let (connections, requests) = seen.split_once(' ').unwrap();
    println!(
        "{connected} connected, {rejected} rejected, in {} ms",
        took.as_millis()
    );
    println!("{requests} requests over {connections} connections");
    // The first page has the handshake in it.
    let (second, last) = (peaks[1], peaks[peaks.len() - 1]);
    let highest = peaks[1..].iter().max().unwrap();
    println!("peak of the heap, first page:  {:>7} bytes", peaks[0]);
    println!("peak of the heap, second page: {second:>7} bytes");
    println!("peak of the heap, last page:   {last:>7} bytes");
    println!("peak of the heap, any page after the first: {highest} bytes");
    // One for all that may be sent twice, and one for each exchange of a request token.
    let expected = (1 + pending).to_string();
    assert_eq!((connected + rejected, connections), (pending, &*expected));
    // Buffers grow to the length of a response, and the IDs that were begun are kept.
    let ids = pending * 80;
    assert!(*highest <= second + second / 50 + ids, "memory grows");
}
