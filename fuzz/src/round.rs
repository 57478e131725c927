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
/// The bytes are a script: each says what comes of a call, and what is decided, or that the caller does what is
/// out of turn. Where they end, Concur cannot be reached any more.
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
    let mut ledger = Ledger::default();
    let mut exchanged = BTreeSet::new();
    let mut steps = 0;
    let end = loop {
        steps += 1;
        assert!(steps < 64 * (bytes.len() + 4), "it does not end");
        let minutes = match script.byte() {
            STOP => {
                round.stop();
                0
            }
            STRAY_MATCH => {
                round.matched(Outcome::Connected);
                0
            }
            STRAY_ANSWER => {
                // Without a call that is out, it counts for nothing.
                if !ledger.is_out {
                    round.receive(answer(
                        200,
                        b"<Access_Token><Token>stray</Token></Access_Token>",
                    ));
                }
                0
            }
            GIVE_UP => break "given up",
            minutes => minutes,
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(minutes) * 60);
        match round.step(now) {
            Step::Send(call) => {
                let resendable = call.is_resendable();
                let request = call.into_request(&InstanceUrl::default()).expect("its own");
                let query = request.uri().query().unwrap_or_default().to_owned();
                if !resendable && !script.is_wild {
                    assert!(exchanged.insert(query), "a code was sent twice");
                }
                let answer = script.answer();
                ledger.note(&request, answer.as_ref());
                match answer {
                    Some(made) => round.receive(made.answer),
                    None => ledger.is_out = true,
                }
            }
            Step::Match { token, .. } => {
                ledger.take(token);
                let outcomes = Outcome::DOCUMENTED;
                let outcome = outcomes[usize::from(script.byte()) % outcomes.len()];
                if outcome == Outcome::Retry && script.byte() == 0 {
                    break "given up";
                }
                ledger.decided = Some(outcome);
                round.matched(outcome);
            }
            Step::Finished(finished) => ledger.hand_out(finished),
            Step::Done(Ok(())) if ledger.connected > 0 => break "connected",
            Step::Done(Ok(())) => break "done",
            Step::Done(Err(_)) => break "stopped",
        }
    };
    ledger.is_unseen = script.any_bytes;
    if let Some(finished) = round.give_up() {
        ledger.hand_out(finished);
    }
    let is_lost = |fate: &Fate| matches!(fate, Fate::Held | Fate::Owed);
    assert!(!ledger.fates.values().any(is_lost), "a token was lost");
    end
}

/// What the caller does in place of telling the time: [`Round::stop`],
const STOP: u8 = 0xf0;
/// [`Round::matched`] where nobody asks,
const STRAY_MATCH: u8 = 0xf1;
/// [`Round::receive`] of what nobody asked for,
const STRAY_ANSWER: u8 = 0xf2;
/// or [`Round::give_up`].
const GIVE_UP: u8 = 0xf3;

/// What was given, told and decided, seen from outside.
#[derive(Default)]
struct Ledger {
    /// By how a token stands in a revocation.
    fates: BTreeMap<String, Fate>,
    /// What was decided of the connection request in hand.
    decided: Option<Outcome>,
    /// What Concur was told last, and whether it took it, if that is known.
    told: Option<(String, Option<bool>)>,
    /// A call was not answered.
    is_out: bool,
    /// A token may be in hand that was not seen here, because any bytes were an answer.
    is_unseen: bool,
    connected: usize,
}

impl Ledger {
    /// A call was sent, and this came of it.
    fn note(&mut self, request: &http::Request<Vec<u8>>, answer: Option<&Made>) {
        self.is_out = false;
        let done = match answer {
            Some(made) if made.answer.is_ok() => made.done,
            _ => Some(false),
        };
        if request.method() == http::Method::PUT {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            self.told = Some((body, done));
        }
        let token = answer.and_then(|made| made.token.as_deref());
        if let (Some(token), true) = (token, request.uri().path().contains("GetAccessToken")) {
            let token = AccessToken::from(TokenParts::new(token));
            self.fates.insert(query_of(&token), Fate::Held);
        }
        if request.uri().path().ends_with("revoketoken.ashx") {
            let query = request.uri().query().unwrap_or_default();
            let fate = self
                .fates
                .get_mut(query)
                .expect("a token that it was given");
            assert_eq!(*fate, Fate::Held);
            *fate = match done {
                Some(true) => Fate::Revoked,
                Some(false) => Fate::Owed,
                None => Fate::Unclear,
            };
        }
    }

    /// A token was shown at a match.
    fn take(&mut self, token: &AccessToken) {
        self.fates.insert(query_of(token), Fate::Held);
        (self.decided, self.told) = (None, None);
    }

    /// A connection request is done with.
    fn hand_out(&mut self, finished: Finished) {
        let (token, before) = match finished {
            Finished::Connected { token, .. } => {
                assert_eq!(self.decided, Some(Outcome::Connected));
                self.assert_told(Outcome::Connected);
                self.connected += 1;
                (Some(token), &[Fate::Held][..])
            }
            Finished::Rejected { outcome, .. } => {
                assert_eq!(self.decided, Some(outcome));
                self.assert_told(outcome);
                (None, &[][..])
            }
            Finished::Failed(mut failure) => {
                assert!(!failure.causes().is_empty());
                if let Some(outcome) = failure.reported() {
                    self.assert_told(outcome);
                }
                (
                    failure.take_token(),
                    &[Fate::Held, Fate::Owed, Fate::Unclear][..],
                )
            }
        };
        if let Some(token) = token {
            let fate = self.fates.insert(query_of(&token), Fate::HandedOut);
            let is_known = fate.is_some_and(|fate| before.contains(&fate));
            assert!(is_known || (fate.is_none() && self.is_unseen), "{fate:?}");
        }
    }

    fn assert_told(&self, outcome: Outcome) {
        let (body, done) = self.told.as_ref().expect("Concur was told nothing");
        assert!(body.contains(outcome.code()), "Concur was told otherwise");
        assert_ne!(*done, Some(false), "Concur did not take it");
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

/// What comes of a call.
struct Made {
    answer: Result<Answer, Error>,
    /// Whether it says that it was done, if that is known.
    done: Option<bool>,
    /// The access token in it.
    token: Option<String>,
}

struct Script<'a> {
    rest: &'a [u8],
    made: usize,
    /// Any bytes were an answer, with a request token of this script's in them.
    is_wild: bool,
    any_bytes: bool,
}

impl<'a> Script<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            made: 0,
            is_wild: false,
            any_bytes: false,
        }
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// What comes of a call; `None` where the caller stops waiting.
    fn answer(&mut self) -> Option<Made> {
        let made = |answer, done| {
            Some(Made {
                answer,
                done,
                token: None,
            })
        };
        let failed = |error| made(Err(error), Some(false));
        let said = |status, body: &[u8], done| made(answer(status, body), done);
        if self.rest.is_empty() {
            return failed(Error::Unreachable {
                stage: Stage::Connect,
                source: "no route".into(),
            });
        }
        self.made += 1;
        let number = self.made;
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
                self.any_bytes = true;
                self.is_wild |= body.windows(7).any(|word| word == b"script-");
                said(200, body, None)
            }
            // A page: so many connection requests, and perhaps another page.
            9 | 10 => {
                let items = (0..self.byte() % 5).map(|item| {
                    format!(
                        "<ConnectionRequest><ID>{number}-{item}</ID><requestToken>script-{number}-{item}</requestToken>\
                         <lastModified>1970-01-01T01:00:00</lastModified></ConnectionRequest>"
                    )
                });
                let items: String = items.collect();
                let next = match self.byte() % 3 {
                    0 => String::new(),
                    1 => "/again".to_owned(),
                    _ => format!("/{number}"),
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
                let token = format!("token-{number}");
                let body = format!("<Access_Token><Token>{token}</Token></Access_Token>");
                Some(Made {
                    answer: answer(200, body.as_bytes()),
                    done: Some(true),
                    token: Some(token),
                })
            }
        }
    }
}

fn answer(status: u16, body: &[u8]) -> Result<Answer, Error> {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    Ok(Call::parse(response, &InstanceUrl::default())?)
}
