//! The Auto-Connect flow over the wire.
#![cfg(feature = "blocking")]

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use concur_oauth::auto_connect::{
    ConnectionRequest, ConnectionRequestId, ConnectionResult, CreateConnectionRequest,
    DeleteConnectionRequest, GetConnectionRequest, Outcome, Pages, ReportConnection, Round,
    RoundError, Status, Step, Version,
};
use concur_oauth::blocking::Client;
use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::{
    AccessToken, Application, BaseUrl, ConsumerKey, Error, ExposeSecret, ResponseError, TokenParts,
    TokenScheme,
};
use concur_oauth_emulator::{
    ConnectionRequest as Pressed, Emulator, End, Fault, SAMPLE_CONSUMER_KEY,
    SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID, Server, User,
};

/// Pressed by this many users, with loyalty numbers from 0 on.
fn pressed(emulator: &mut Emulator, count: usize, at: SystemTime) -> Vec<String> {
    let add = |number: usize| {
        let request = Pressed::new(SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID)
            .with_loyalty_number(number.to_string())
            .with_name("Jo", "O'Hara & <Co>")
            .with_email("jo@example.com");
        emulator.add_connection_request(request, at)
    };
    (0..count).map(add).collect()
}

fn emulator() -> Emulator {
    let mut emulator = Emulator::with_sample_account();
    emulator.add_user(User::new("admin@example.com", "x").administrator());
    let now = SystemTime::now();
    emulator.add_tokens("admin", "", SAMPLE_CONSUMER_KEY, "admin@example.com", now);
    emulator
}

struct Concur {
    server: Server,
    client: Client,
    administrator: AccessToken,
    application: Application,
}

impl Concur {
    fn start(emulator: Emulator) -> Self {
        Self::of(Server::builder().emulator(emulator).start().unwrap())
    }

    fn of(server: Server) -> Self {
        let root = CertificateDer::from(server.ca_der().to_vec());
        let client = Client::builder().no_proxy().add_root(root);
        let base_url: BaseUrl = server.url().parse().unwrap();
        let parts = TokenParts::new(TokenScheme::OAuth, "admin", base_url);
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
        Self {
            server,
            client: client.timeout(Duration::from_secs(20)).build().unwrap(),
            administrator: parts.into(),
            application: Application::new(key, SAMPLE_CONSUMER_SECRET).unwrap(),
        }
    }

    fn round(&self) -> Round<'_> {
        Round::new(&self.application, &self.administrator)
    }

    /// Drives a round to its end, with a fault for the response to one of its calls.
    fn drive(
        &self,
        mut fault: Option<(usize, Fault)>,
    ) -> (
        Vec<ConnectionResult>,
        Result<(), RoundError>,
        HashSet<String>,
    ) {
        let mut round = self.round();
        let (mut finished, mut seen, mut calls) = (Vec::new(), HashSet::new(), 0);
        loop {
            match round.step(SystemTime::now()) {
                Step::Send(call) => {
                    if let Some((_, fault)) = fault.take_if(|(at, _)| *at == calls) {
                        self.server.inject(fault);
                    }
                    calls += 1;
                    round.receive(self.client.send(call));
                }
                Step::Match { request, token } => {
                    seen.insert(token.token().expose_secret().to_owned());
                    let outcome = outcome(request);
                    round.matched(outcome);
                }
                Step::Finished(one) => finished.push(one),
                Step::Done(end) => return (finished, end, seen),
            }
        }
    }

    fn is_good(&self, token: &str) -> bool {
        let emulator = self.server.emulator();
        emulator.holder(token, SystemTime::now()).is_some()
    }
}

/// Every third is unknown.
fn outcome(request: &ConnectionRequest) -> Outcome {
    let number: usize = request.loyalty_number().unwrap().parse().unwrap();
    if number % 3 == 2 {
        Outcome::LoyaltyNumberNotFound
    } else {
        Outcome::Connected
    }
}

#[test]
fn every_user_is_connected_or_told_why_not() {
    let mut emulator = emulator();
    let ids = pressed(&mut emulator, 25, SystemTime::now());
    let concur = Concur::start(emulator);
    let (finished, end, _) = concur.drive(None);
    end.unwrap();
    assert_eq!(finished.len(), 25);
    // One for all that may be sent twice, and one for each exchange.
    assert_eq!(concur.server.connections(), 1 + 25);
    for (number, (finished, id)) in finished.iter().zip(&ids).enumerate() {
        let code = concur.server.emulator().reported(id).map(str::to_owned);
        match finished {
            ConnectionResult::Connected { request, token } => {
                assert_ne!(number % 3, 2);
                assert_eq!(
                    request.id().map(ConnectionRequestId::as_str),
                    Some(id.as_str())
                );
                assert_eq!(request.last_name(), Some("O'Hara & <Co>"));
                assert_eq!(code.as_deref(), Some("CRSUC"));
                assert!(concur.is_good(token.token().expose_secret()));
            }
            ConnectionResult::Rejected { .. } => {
                assert_eq!(number % 3, 2);
                assert_eq!(code.as_deref(), Some("CREU1"));
            }
            ConnectionResult::Failed(failure) => panic!("{failure:?}"),
        }
    }
    // Nothing is left for a second round.
    let (finished, end, _) = concur.drive(None);
    assert!(finished.is_empty() && end.is_ok());
}

/// Whatever fails, and wherever: a token is a connected user's, or revoked, or handed back.
#[test]
fn no_fault_at_any_step_loses_a_token() {
    let faults = [
        Fault::Unavailable,
        Fault::Redirect("https://evil.example/".to_owned()),
        Fault::CutOff(0),
        Fault::CutOff(60),
        Fault::Reset(10),
        Fault::Raw(
            b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n<Token>".to_vec(),
            End::Close,
        ),
    ];
    for fault in faults {
        for at in 0..9 {
            let mut emulator = emulator();
            pressed(&mut emulator, 4, SystemTime::now());
            let server = Server::builder().emulator(emulator).plain_http();
            let concur = Concur::of(server.start().unwrap());
            let (finished, _, mut seen) = concur.drive(Some((at, fault.clone())));
            for finished in finished {
                match finished {
                    ConnectionResult::Connected { request, token } => {
                        let id = request.id().unwrap().as_str();
                        let reported = concur.server.emulator().reported(id).map(str::to_owned);
                        assert_eq!(reported.as_deref(), Some("CRSUC"), "{fault:?} at {at}");
                        let token = token.token().expose_secret();
                        assert!(concur.is_good(token));
                        seen.remove(token);
                    }
                    ConnectionResult::Rejected { .. } => {}
                    // It may be revoked, if the response that said so was lost.
                    ConnectionResult::Failed(failure) => {
                        if let Some(token) = failure.token() {
                            seen.remove(token.token().expose_secret());
                        }
                    }
                }
            }
            for token in seen {
                assert!(!concur.is_good(&token), "{fault:?} at {at}");
            }
        }
    }
}

#[test]
fn expired_request_tokens_are_reported() {
    let mut emulator = emulator();
    let before = SystemTime::now() - Duration::from_secs(16 * 60);
    let ids = pressed(&mut emulator, 1, before);
    let concur = Concur::start(emulator);
    let (finished, end, _) = concur.drive(None);
    end.unwrap();
    let [ConnectionResult::Failed(failure)] = &finished[..] else {
        panic!("{finished:?}");
    };
    assert_eq!(failure.reported(), Some(Outcome::RequestTokenExpired));
    let words = failure.report().to_string();
    assert!(words.contains("The request token has expired"), "{words}");
    assert_eq!(concur.server.emulator().reported(&ids[0]), Some("CRPA1"));
}

#[test]
fn user_without_the_role_sees_nothing() {
    let mut emulator = Emulator::with_sample_account();
    let now = SystemTime::now();
    emulator.add_tokens("admin", "", SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, now);
    pressed(&mut emulator, 1, now);
    let concur = Concur::start(emulator);
    let (finished, end, _) = concur.drive(None);
    assert!(finished.is_empty());
    let Err(RoundError::List(Error::Response(ResponseError::Refused(refused)))) = end else {
        panic!("{end:?}");
    };
    let words = "Only a Web Services Administrator may do this";
    assert_eq!(refused.message(), Some(words));
}

#[test]
fn each_call_works_by_itself_in_each_version() {
    let mut emulator = emulator();
    pressed(&mut emulator, 11, SystemTime::now());
    let concur = Concur::start(emulator);
    let (client, admin) = (&concur.client, &concur.administrator);
    for version in [Version::V3_0, Version::V3_1, Version::V3_2] {
        let mut pages = Pages::new(version, Status::Pending);
        let mut all = Vec::new();
        while let Some(list) = pages.next_request(admin).unwrap() {
            all.extend(pages.accept(client.send(list).unwrap()));
        }
        let one = all.last().unwrap();
        assert_eq!(
            one.email_addresses().count(),
            usize::from(version != Version::V3_0)
        );
        assert_eq!(
            one.is_request_token_expired_at(SystemTime::now()),
            Some(false)
        );
        for outcome in Outcome::DOCUMENTED {
            let id = one.id().unwrap();
            let report = ReportConnection::new(admin, version, id, *outcome);
            client.send(report).unwrap();
            let emulator = concur.server.emulator();
            assert_eq!(emulator.reported(id.as_str()), Some(outcome.code()));
        }
    }
    let create = CreateConnectionRequest::new(admin, SAMPLE_LOGIN_ID).unwrap();
    let id = client.send(create).unwrap();
    let id = ConnectionRequestId::new(id).unwrap();
    let get = GetConnectionRequest::new(admin, &id);
    let one = client.send(get).unwrap();
    assert_eq!(one.id(), Some(&id));
    assert_eq!(one.status(), Some("Pending"));
    let delete = DeleteConnectionRequest::new(admin, &id);
    client.send(delete).unwrap();
    let error = client.send(get).unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Refused(_))));
}

/// A caller that stops waiting drops the future, and goes on with the round.
#[cfg(feature = "hyper")]
#[tokio::test]
async fn future_that_is_dropped_is_reported() {
    use concur_oauth::auto_connect::FailureCause;
    use concur_oauth::hyper::Client;

    let mut emulator = emulator();
    let ids = pressed(&mut emulator, 2, SystemTime::now());
    let concur = Concur::start(emulator);
    let root = CertificateDer::from(concur.server.ca_der().to_vec());
    let client = Client::builder().no_proxy().add_root(root).build().unwrap();
    let mut round = concur.round();
    let (mut calls, mut finished) = (0, Vec::new());
    let end = loop {
        match round.step(SystemTime::now()) {
            Step::Send(call) => {
                calls += 1;
                let send = client.send(call);
                if calls == 2 {
                    concur.server.inject(Fault::Delay(Duration::from_secs(5)));
                    let late = tokio::time::timeout(Duration::from_millis(200), send).await;
                    assert!(late.is_err());
                } else {
                    let received = send.await;
                    round.receive(received);
                }
            }
            Step::Match { .. } => round.matched(Outcome::Connected),
            Step::Finished(one) => finished.push(one),
            Step::Done(end) => break end,
        }
    };
    // It may have been spent: Concur was told, and the round went on.
    end.unwrap();
    let [
        ConnectionResult::Failed(failure),
        ConnectionResult::Connected { .. },
    ] = &finished[..]
    else {
        panic!("{finished:?}");
    };
    assert!(matches!(failure.causes(), [FailureCause::Exchange(_)]));
    assert_eq!(concur.server.emulator().reported(&ids[0]), Some("CRPA2"));
    assert_eq!(concur.server.emulator().reported(&ids[1]), Some("CRSUC"));
}

/// What Concur says of a user is read as it was written, and the request token in it can be exchanged.
#[test]
fn hostile_values_survive_a_connection_request() {
    for value in ["a+b/=$&%#?;:@ <>'\"", "é ✓ 密码", "&amp;#65;", "]]>--"] {
        let mut emulator = emulator();
        let now = SystemTime::now();
        let request = Pressed::new(SAMPLE_CONSUMER_KEY, value)
            .with_loyalty_number("0")
            .with_name(value, value)
            .with_email(value)
            .with_request_token(value);
        emulator.add_connection_request(request, now);
        let concur = Concur::start(emulator);
        let (finished, end, _) = concur.drive(None);
        end.unwrap();
        let [ConnectionResult::Connected { request, token }] = &finished[..] else {
            panic!("{finished:?}");
        };
        assert_eq!(request.last_name(), Some(value));
        assert_eq!(request.user_id(), Some(value));
        assert!(request.email_addresses().eq([value]));
        let holder = concur.server.emulator();
        assert_eq!(
            holder.holder(token.token().expose_secret(), now),
            Some(value)
        );
    }
}
