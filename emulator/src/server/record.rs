//! What was asked, and what came of it.

use std::collections::VecDeque;
use std::fmt;
use std::time::SystemTime;

use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::http::request::{normal_path, parameters};
use crate::services::Why;
use crate::time::exact_moment;

/// How many requests are remembered.
const MOST: usize = 1000;

/// The longest path that is remembered, in bytes.
const LONGEST: usize = 200;
/// The longest segment of it: no name in Concur's paths is longer, and each token is.
const LONGEST_SEGMENT: usize = 24;

/// A request to a server, and what came of it. It holds no secret: no query, header field or body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    at: SystemTime,
    method: String,
    path: String,
    grant: String,
    pub(super) data_center: Option<String>,
    pub(super) token: Option<String>,
    status: StatusCode,
    pub(super) outcome: String,
    pub(super) fault: Option<String>,
}

impl RequestRecord {
    pub(super) fn new(
        request: &Request<Vec<u8>>,
        response: &Response<Vec<u8>>,
        at: SystemTime,
    ) -> Self {
        Self {
            at,
            method: method_of(request.method()).to_owned(),
            path: path_of(request.uri().path()),
            grant: grant_of(request),
            data_center: None,
            token: None,
            status: response.status(),
            outcome: outcome_of(response),
            fault: None,
        }
    }

    /// Returns when it was read, by the server's clock.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// Returns the method, such as `POST`, or `OTHER` for one that HTTP does not have.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path, without the query. It ends before the first character that stands in no path of Concur's, and after
    /// 200 bytes. In place of a segment of more than 24, such as an ID, there is
    /// `…`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the `grant_type` of a request to `/oauth2/v0/token`, with the `credtype` after a slash, such as
    /// `password/authtoken`. Empty for other requests, and for what is no grant of Concur's.
    #[must_use]
    pub fn grant(&self) -> &str {
        &self.grant
    }

    /// Returns the name of the data center that was asked, where the server stands for several.
    #[must_use]
    pub fn data_center(&self) -> Option<&str> {
        self.data_center.as_deref()
    }

    /// Returns the ID of the access token that it carried, where the emulator issued it: that of the list of tokens, such
    /// as `v0-3`.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns the status of the response, as it was before the fault.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the words of an error response, such as `code 108: bad or expired refresh token`, or why the request was refused
    /// where the response says nothing. Empty where there was no error.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    /// Returns the fault of the response, in its [text form](crate::FaultRule).
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

/// A line for a log.
impl fmt::Display for RequestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", exact_moment(self.at), self.method, self.path)?;
        if !self.grant.is_empty() {
            write!(f, " ({})", self.grant)?;
        }
        if let Some(data_center) = &self.data_center {
            write!(f, " at {data_center}")?;
        }
        if let Some(token) = &self.token {
            write!(f, " (token {token})")?;
        }
        write!(f, ": {}", self.status.as_u16())?;
        if !self.outcome.is_empty() {
            write!(f, ", {}", self.outcome)?;
        }
        match &self.fault {
            Some(fault) => write!(f, ", with the fault {fault}"),
            None => Ok(()),
        }
    }
}

fn method_of(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    if known.contains(method) {
        method.as_str()
    } else {
        "OTHER"
    }
}

/// What a client took for a path can have a secret in it: where its `?` was forgotten, or as a segment.
fn path_of(path: &str) -> String {
    let is_usual = |it: &char| it.is_ascii_alphanumeric() || "/-_.~$!*'()".contains(*it);
    let usual: String = path.chars().take_while(is_usual).take(LONGEST).collect();
    let segments = usual.split('/');
    let segments = segments.map(|it| {
        if it.len() > LONGEST_SEGMENT {
            "…"
        } else {
            it
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

const GRANTS: [&str; 5] = [
    "authorization_code",
    "client_credentials",
    "otp",
    "password",
    "refresh_token",
];

/// Returns the grant of a request for a token, where it is one of Concur's.
fn grant_of(request: &Request<Vec<u8>>) -> String {
    if normal_path(request.uri().path()) != "/oauth2/v0/token" {
        return String::new();
    }
    let parameters = parameters(request);
    let known = |name: &str, of: &[&str]| {
        let value = parameters.get(name).filter(|it| of.contains(&it.as_str()));
        value.cloned().unwrap_or_default()
    };
    let (grant, credtype) = (
        known("grant_type", &GRANTS),
        known("credtype", &["authtoken", "password"]),
    );
    if credtype.is_empty() {
        grant
    } else {
        format!("{grant}/{credtype}")
    }
}

/// Returns what an error document says. Its words are the emulator's own.
fn outcome_of(response: &Response<Vec<u8>>) -> String {
    if response.status().as_u16() < 400 {
        return String::new();
    }
    if let Some(Why(why)) = response.extensions().get() {
        return (*why).to_owned();
    }
    let body = String::from_utf8_lossy(response.body());
    if let Ok(document) = serde_json::from_str::<Value>(&body) {
        let words = document["error_description"].as_str();
        let words = words.or(document["Error"]["Message"].as_str());
        let words = words.unwrap_or_default();
        return match document["code"].as_u64() {
            Some(code) => format!("code {code}: {words}"),
            None => words.to_owned(),
        };
    }
    let document = roxmltree::Document::parse(&body).ok();
    let message = document.as_ref().and_then(|document| {
        let mut all = document.descendants();
        all.find(|node| node.has_tag_name("Message"))?.text()
    });
    message.unwrap_or_default().to_owned()
}

/// The last requests, the newest at the end.
#[derive(Debug, Default)]
pub(super) struct Records(VecDeque<RequestRecord>);

impl Records {
    pub(super) fn add(&mut self, record: RequestRecord) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(record);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &RequestRecord> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Emulator;

    fn record(path: &str, body: &str) -> RequestRecord {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.as_bytes().to_vec())
            .unwrap();
        let response = Emulator::with_sample_account().respond(&request, SystemTime::now());
        RequestRecord::new(&request, &response, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn record_says_what_was_asked_and_holds_no_secret() {
        let id = crate::SAMPLE_CLIENT_ID;
        let secret = crate::SAMPLE_CLIENT_SECRET;
        let body = format!(
            "client_id={id}&client_secret={secret}&grant_type=refresh_token&refresh_token=hidden"
        );
        let record = self::record("/oauth2//V0/token?code=hidden", &body);
        assert_eq!(record.grant(), "refresh_token");
        assert_eq!(
            record.to_string(),
            "1970-01-01T00:00:00.000Z POST /oauth2//V0/token (refresh_token): 400, code 108: bad or expired refresh token"
        );
        for (path, body) in [
            (
                "/oauth2/v0/token",
                "grant_type=hidden&credtype=hidden&client_id=hidden",
            ),
            ("/net2/oauth2/accesstoken.ashx&refresh_token=hidden", ""),
            ("/net2/oauth2/accesstoken.ashx;hidden", ""),
            ("/oauth2/v0/token%3Frefresh_token%3Dhidden", ""),
            (
                "/net2/oauth2/accesstoken.ashx?refresh_token=hidden",
                "hidden",
            ),
        ] {
            let shown = format!("{:?} {0}", self::record(path, body));
            assert!(!shown.contains("hidden"), "{shown}");
        }
        let token = format!("/profile/v1/me/{}", "e".repeat(500));
        assert_eq!(self::record(&token, "").path(), "/profile/v1/me/…");
        assert_eq!(
            self::record("/nothing", "").outcome(),
            "There is nothing at this address"
        );
    }

    #[test]
    fn last_thousand_are_remembered() {
        let mut records = Records::default();
        let one = record("/nothing", "");
        for number in 0..1500 {
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number);
            records.add(RequestRecord { at, ..one.clone() });
        }
        let first = records.all().next().unwrap().at();
        assert_eq!(records.all().count(), 1000);
        assert_eq!(exact_moment(first), "1970-01-01T00:08:20.000Z");
    }
}
