use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use concur_oauth_core::auto_connect::{Answer, Call, Finished, Outcome, Round, Step};
use concur_oauth_core::transport::{Error, ProtocolError, Stage};
use concur_oauth_core::{
    AccessToken, Application, ConsumerKey, Exchange, InstanceUrl, RevokeToken, TokenParts,
};

/// What became of a token that a round was given.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// In the round's hands.
    Held,
    /// Concur said that it is revoked.
    Revoked,
    /// Its revocation failed: it must come out of the round.
    Owed,
    /// Nobody can say what Concur answered to its revocation.
    Unclear,
    /// It came out of the round.
    HandedOut,
}

/// A round of Auto-Connect under answers of any kind: it ends, no request token is exchanged twice, and every
/// access token that it was given is a connected user's, of whom Concur was told, or revoked, or handed back.
///
/// The bytes are a script: each says what comes of a call, and what is decided. Where they end, Concur
/// cannot be reached any more.
///
/// Says how it ended.
///
/// # Panics
///
/// Where that does not hold.
pub fn round(bytes: &[u8]) -> &'static str {
    let key = ConsumerKey::new("key").expect("a good key");
    let application = Application::new(key, "secret").expect("a good secret");
    let administrator = administrator();
    let mut round = Round::new(&application, &administrator).expect("a known instance");

    let mut script = Script::new(bytes);
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    let mut exchanged = BTreeSet::new();
    let (mut connected, mut told, mut steps) = (0, None, 0);
    let end = loop {
        steps += 1;
        assert!(steps < 64 * (bytes.len() + 4), "it does not end");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(script.byte()) * 60);
        match round.step(now) {
            Step::Send(call) => {
                let resendable = call.is_resendable();
                let request = call.into_request(&InstanceUrl::default()).expect("its own");
                let query = request.uri().query().unwrap_or_default().to_owned();
                if !resendable && !script.is_wild {
                    assert!(exchanged.insert(query.clone()), "a code was sent twice");
                }
                let answer = script.answer();
                let done = match &answer {
                    Some((answer, done)) if answer.is_ok() => *done,
                    _ => Some(false),
                };
                if request.method() == http::Method::PUT {
                    told = Some(done);
                }
                if request.uri().path().ends_with("revoketoken.ashx") {
                    let fate = fates.get_mut(&query).expect("a token that it was given");
                    assert_eq!(*fate, Fate::Held);
                    *fate = match done {
                        Some(true) => Fate::Revoked,
                        Some(false) => Fate::Owed,
                        None => Fate::Unclear,
                    };
                }
                if let Some((answer, _)) = answer {
                    round.receive(answer);
                }
            }
            Step::Match { token, .. } => {
                fates.insert(query_of(token), Fate::Held);
                told = None;
                let outcomes = Outcome::DOCUMENTED;
                let outcome = outcomes[usize::from(script.byte()) % outcomes.len()];
                if outcome == Outcome::Retry && script.byte() == 0 {
                    break "given up";
                }
                round.matched(outcome);
            }
            Step::Finished(finished) => {
                if let Finished::Connected { .. } = finished {
                    assert!(
                        matches!(told, Some(Some(true) | None)),
                        "Concur was not told"
                    );
                    connected += 1;
                }
                hand_out(finished, &mut fates);
            }
            Step::Done(Ok(())) if connected > 0 => break "connected",
            Step::Done(Ok(())) => break "done",
            Step::Done(Err(_)) => break "stopped",
        }
    };
    if end == "given up" {
        hand_out(round.give_up().expect("one is in hand"), &mut fates);
    }
    let is_lost = |fate: &Fate| matches!(fate, Fate::Held | Fate::Owed);
    assert!(!fates.values().any(is_lost), "a token was lost");
    end
}

fn hand_out(finished: Finished, fates: &mut BTreeMap<String, Fate>) {
    let (token, before) = match finished {
        Finished::Connected { token, .. } => (Some(token), &[Fate::Held][..]),
        Finished::Rejected { .. } => (None, &[][..]),
        Finished::Failed(failure) => (
            failure.into_parts().1,
            &[Fate::Held, Fate::Owed, Fate::Unclear][..],
        ),
    };
    if let Some(token) = token {
        let fate = fates.insert(query_of(&token), Fate::HandedOut);
        assert!(fate.is_some_and(|fate| before.contains(&fate)), "{fate:?}");
    }
}

fn administrator() -> AccessToken {
    let mut parts = TokenParts::new("administrator");
    parts.instance_url = Some(InstanceUrl::default());
    parts.into()
}

/// As it stands in a revocation.
fn query_of(token: &AccessToken) -> String {
    let administrator = administrator();
    let request = RevokeToken::new(&administrator, token).into_request(&InstanceUrl::default());
    let request = request.expect("a token that fits in a URI");
    request.uri().query().expect("a query").to_owned()
}

struct Script<'a> {
    rest: &'a [u8],
    made: usize,
    /// Any bytes were an answer: what stands in them, nobody here knows.
    is_wild: bool,
}

impl<'a> Script<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            made: 0,
            is_wild: false,
        }
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// What comes of a call, and whether it says that it was done, if that is known; `None` where the caller
    /// stops waiting.
    fn answer(&mut self) -> Option<(Result<Answer, Error>, Option<bool>)> {
        let failed = |error| Some((Err(error), Some(false)));
        let said = |status, body: &[u8], done| Some((answer(status, body), done));
        if self.rest.is_empty() {
            return failed(Error::Unreachable {
                stage: Stage::Connect,
                source: "no route".into(),
            });
        }
        self.made += 1;
        let made = self.made;
        match self.byte() % 16 {
            0 => failed(Error::interrupted(Stage::Receive, "reset")),
            1 => failed(Error::Protocol(ProtocolError::CutShort)),
            2 => failed(Error::Timeout {
                stage: Stage::Connect,
                after: Duration::from_secs(60),
            }),
            3 => None,
            4 => said(503, b"", Some(false)),
            5 => said(403, b"<Error><Message>No</Message></Error>", Some(false)),
            6 => said(200, b"<Error><Message>No</Message></Error>", Some(false)),
            7 => said(200, b"", Some(true)),
            // Any bytes.
            8 => {
                let length = usize::from(self.byte()).min(self.rest.len());
                let (body, rest) = self.rest.split_at(length);
                self.rest = rest;
                self.is_wild = true;
                said(200, body, None)
            }
            // A page: so many connection requests, and perhaps another page.
            9 | 10 => {
                let items = (0..self.byte() % 5).map(|item| {
                    format!(
                        "<ConnectionRequest><ID>{made}-{item}</ID><requestToken>{made}-{item}</requestToken>\
                         <lastModified>1970-01-01T01:00:00</lastModified></ConnectionRequest>"
                    )
                });
                let items: String = items.collect();
                let next = match self.byte() % 3 {
                    0 => String::new(),
                    1 => "/again".to_owned(),
                    _ => format!("/{made}"),
                };
                // Each a second time, which counts for nothing.
                let page = format!(
                    "<ConnectionRequests><Items>{items}{items}</Items><NextPage>{next}</NextPage></ConnectionRequests>"
                );
                said(200, page.as_bytes(), Some(true))
            }
            11 => said(500, b"<html></html>", Some(false)),
            12 => said(200, b"<html></html>", Some(false)),
            _ => {
                let token = format!("<Access_Token><Token>token-{made}</Token></Access_Token>");
                said(200, token.as_bytes(), Some(true))
            }
        }
    }
}

fn answer(status: u16, body: &[u8]) -> Result<Answer, Error> {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    Ok(Call::parse(response, &InstanceUrl::default())?)
}
