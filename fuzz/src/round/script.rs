//! Bytes, as what happens to a round.

use std::time::{Duration, SystemTime};

use concur_oauth_core::http1::ProtocolError;
use concur_oauth_core::{Error, Exchange, Stage, StepRequest, StepResponse};

pub(super) struct Script<'a> {
    rest: &'a [u8],
    /// How many responses were made.
    number: usize,
}

/// What the caller does before the next step.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// Tells the time, in minutes.
    Time(u8),
    /// Stops the round.
    Stop,
    /// Matches where no outcome is asked for.
    StrayMatch,
    /// Gives a response that is not awaited.
    StrayResponse,
    /// Gives the round up.
    GiveUp,
}

impl Turn {
    pub(super) fn now(self) -> SystemTime {
        let minutes = match self {
            Self::Time(minutes) => minutes,
            _ => 0,
        };
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(minutes) * 60)
    }
}

/// What comes of a request.
pub(super) struct Made {
    /// `None` where the caller stops waiting.
    pub(super) response: Option<Result<StepResponse, Error>>,
    /// Whether it says that it was done, if that is known.
    says_done: Option<bool>,
    /// What became of the request token of an exchange.
    pub(super) spends: Spends,
    /// The access token in it.
    pub(super) token: Option<String>,
    /// How many connection requests are listed in it.
    pub(super) items: usize,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Spends {
    /// It was exchanged, or cannot have been spent.
    Well,
    /// It may be spent, and no token came.
    InVain,
    /// Any bytes came.
    Unknown,
}

impl Made {
    fn new(
        response: Option<Result<StepResponse, Error>>,
        says_done: Option<bool>,
        spends: Spends,
    ) -> Self {
        Self {
            response,
            says_done,
            spends,
            token: None,
            items: 0,
        }
    }

    fn failed(error: Error, spends: Spends) -> Self {
        Self::new(Some(Err(error)), Some(false), spends)
    }

    fn said(status: u16, body: &[u8], done: bool, spends: Spends) -> Self {
        Self::new(Some(respond(status, body)), Some(done), spends)
    }

    pub(super) fn done(&self) -> Option<bool> {
        match self.response {
            Some(Ok(_)) => self.says_done,
            _ => Some(false),
        }
    }
}

impl<'a> Script<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest, number: 0 }
    }

    pub(super) fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    pub(super) fn turn(&mut self) -> Turn {
        match self.byte() {
            0xf0 => Turn::Stop,
            0xf1 => Turn::StrayMatch,
            0xf2 => Turn::StrayResponse,
            0xf3 => Turn::GiveUp,
            minutes => Turn::Time(minutes),
        }
    }

    pub(super) fn respond(&mut self) -> Made {
        use Spends::{InVain, Unknown, Well};
        if self.rest.is_empty() {
            let unreachable = Error::Unreachable {
                stage: Stage::Connect,
                source: "no route".into(),
            };
            return Made::failed(unreachable, Well);
        }
        self.number += 1;
        let number = self.number;
        match self.byte() % 16 {
            0 => Made::failed(Error::interrupted(Stage::Receive, "reset"), InVain),
            1 => Made::failed(Error::Protocol(ProtocolError::Truncated), InVain),
            2 => {
                let late = Error::Timeout {
                    stage: Stage::Connect,
                    after: Duration::from_secs(60),
                };
                Made::failed(late, Well)
            }
            3 => Made::new(None, Some(false), InVain),
            4 => Made::said(503, b"", false, Well),
            5 => Made::said(403, b"<Error><Message>No</Message></Error>", false, Well),
            6 => Made::said(200, b"<Error><Message>No</Message></Error>", false, Well),
            7 => Made::said(200, b"", true, InVain),
            8 => {
                let length = usize::from(self.byte()).min(self.rest.len());
                let (body, rest) = self.rest.split_at(length);
                self.rest = rest;
                Made::new(Some(respond(200, body)), None, Unknown)
            }
            9 | 10 => {
                let items = usize::from(self.byte() % 5);
                let page = page(number, items, self.byte());
                Made {
                    items,
                    ..Made::said(200, page.as_bytes(), false, InVain)
                }
            }
            11 => Made::said(500, b"<html></html>", false, InVain),
            12 => Made::said(200, b"<html></html>", false, InVain),
            _ => {
                let token = format!("token-{number}");
                let body = format!("<Access_Token><Token>{token}</Token></Access_Token>");
                Made {
                    token: Some(token),
                    ..Made::said(200, body.as_bytes(), false, Well)
                }
            }
        }
    }
}

/// Returns a page with this many connection requests, each twice, which has no effect, and perhaps another page.
fn page(number: usize, items: usize, next: u8) -> String {
    let item = |item| {
        format!(
            "<ConnectionRequest><ID>{number}-{item}</ID><requestToken>{number}-{item}</requestToken>\
             <lastModified>1970-01-01T01:00:00</lastModified></ConnectionRequest>"
        )
    };
    let items: String = (0..items).map(item).collect();
    let next = match next % 3 {
        0 => String::new(),
        1 => "/again".to_owned(),
        _ => format!("/{number}"),
    };
    format!(
        "<ConnectionRequests><Items>{items}{items}</Items><NextPage>{next}</NextPage></ConnectionRequests>"
    )
}

fn respond(status: u16, body: &[u8]) -> Result<StepResponse, Error> {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    Ok(StepRequest::parse(response, &crate::context())?)
}

/// A token for no request.
pub(super) fn stray() -> Result<StepResponse, Error> {
    respond(200, b"<Access_Token><Token>stray</Token></Access_Token>")
}
