//! Which responses a fault is for, and the text form of both.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;

use super::faults::{Fault, MOST_BYTES};
use crate::http::request::normal_path;
use crate::time::{parse_duration, text_of};

/// A fault, and which responses it is for: by default the next one.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
///
/// use concur_oauth_emulator::{Fault, FaultRule, Server};
///
/// let server = Server::start()?;
/// server.inject(FaultRule::new(Fault::Delay(Duration::from_secs(5))).on_path("/oauth2/v0/token").times(3));
/// // The same, as the command and the control endpoint have it.
/// server.inject("delay=5s,path=/oauth2/v0/token,next=3".parse::<FaultRule>()?);
/// # Ok(()) }
/// ```
///
/// # Text form
///
/// A fault, and then what it is for, divided by commas:
///
/// | fault | |
/// |---|---|
/// | `delay=5s` | the response comes after this time; the request is carried out at once |
/// | `drip=100ms` | a byte at a time, with this time before each |
/// | `cut-off=0`, `reset=0` | the connection ends after so many bytes of the response |
/// | `oversize=100000` | the body is padded to so many bytes |
/// | `redirect=https://…` | a redirect to this URL |
/// | `unavailable` | a 503 with an HTML page; the request is carried out all the same |
/// | `status=503`, `status=429,retry-after=30` | Concur's own error document, with a status of 400 to 599; the request is not carried out |
/// | `chunked` | a body in chunks of seven bytes |
/// | `wrong-length=10` | this `Content-Length`, whatever the length of the body |
/// | `refuse`, `stall` | of the next connection, one to the control endpoint included: it is reset, or nothing is read of it |
///
/// | for | |
/// |---|---|
/// | | the next response |
/// | `next=3` | the next three |
/// | `at=3` | the third one from now, without those that an earlier fault is for |
/// | `always` | each, until the faults are cleared |
/// | `path=/oauth2/v0/token` | those to requests of this path alone |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    fault: Fault,
    path: Option<String>,
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Next(u32),
    At(u32),
    Always,
}

impl FaultRule {
    /// Creates a rule for the next response.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            path: None,
            when: When::Next(1),
        }
    }

    /// Narrows it to the requests of this path, in any case. A fault of a connection has none.
    #[must_use]
    pub fn on_path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Applies it to so many responses.
    #[must_use]
    pub fn times(mut self, responses: u32) -> Self {
        self.when = When::Next(responses);
        self
    }

    /// Applies it to this response alone, counted from now without those that an earlier fault is for: 1 is the next.
    #[must_use]
    pub fn at(mut self, response: u32) -> Self {
        self.when = When::At(response);
        self
    }

    /// Applies it to each response.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.when = When::Always;
        self
    }

    fn is_for(&self, path: Option<&str>) -> bool {
        if self.fault.is_of_connection() || path.is_none() {
            return self.fault.is_of_connection() && path.is_none();
        }
        let own = self.path.as_deref().map(normal_path);
        own.is_none_or(|own| Some(own.as_str()) == path)
    }

    /// Counts a response that it could be for. Returns whether it is.
    fn strikes(&mut self) -> bool {
        match &mut self.when {
            When::Next(left) => {
                *left = left.saturating_sub(1);
                true
            }
            When::At(left) => {
                *left = left.saturating_sub(1);
                *left == 0
            }
            When::Always => true,
        }
    }

    fn is_spent(&self) -> bool {
        matches!(self.when, When::Next(0) | When::At(0))
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::new(fault)
    }
}

/// The rules that are in force. The first that is for a response strikes it.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<FaultRule>);

impl Rules {
    pub(super) fn add(&mut self, rule: FaultRule) {
        if !rule.is_spent() {
            self.0.push(rule);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn all(&self) -> &[FaultRule] {
        &self.0
    }

    /// Returns the fault of the response to a request of this path, or of a connection where there is no request yet.
    pub(super) fn take(&mut self, path: Option<&str>) -> Option<Fault> {
        let path = path.map(normal_path);
        let rules = self.0.iter_mut();
        let mut those_for = rules.filter(|rule| rule.is_for(path.as_deref()));
        let fault = those_for.find_map(|rule| rule.strikes().then(|| rule.fault.clone()));
        self.0.retain(|rule| !rule.is_spent());
        fault
    }
}

/// A text that is no fault. It says what is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRuleError(String);

impl fmt::Display for FaultRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultRuleError {}

fn error<T>(what: impl Into<String>) -> Result<T, FaultRuleError> {
    Err(FaultRuleError(what.into()))
}

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, FaultRuleError> {
        let mut parts = text.split(',').map(str::trim);
        let first = parts.next().unwrap_or_default();
        let mut rule = Self::new(fault(first)?);
        let mut counted = 0;
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            counted += usize::from(matches!(name, "next" | "at" | "always"));
            match (name, &mut rule.fault) {
                _ if counted > 1 => {
                    return error("next, at and always exclude each other: give one");
                }
                ("always", fault) if fault.is_of_connection() => {
                    return error(format!(
                        "{first} takes next=… or at=…: always would keep the control endpoint away too"
                    ));
                }
                ("always", _) if value.is_empty() => rule.when = When::Always,
                ("next", _) => rule.when = When::Next(number(name, value)?),
                ("at", _) => rule.when = When::At(number(name, value)?),
                ("path", fault) if fault.is_of_connection() => {
                    return error(format!("{first} is of a connection, which has no path"));
                }
                ("path", _) if value.starts_with('/') => rule.path = Some(value.to_owned()),
                ("path", _) => return error("path takes a path such as /oauth2/v0/token"),
                ("retry-after", Fault::Status(_, retry_after)) => {
                    *retry_after = Some(duration(name, value)?);
                }
                ("retry-after", _) => return error("retry-after stands beside status=… alone"),
                _ => {
                    return error(
                        "after the fault, there can be path=…, next=…, at=…, always and retry-after=…",
                    );
                }
            }
        }
        Ok(rule)
    }
}

/// Reads a fault.
fn fault(text: &str) -> Result<Fault, FaultRuleError> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let bytes = |or: Option<usize>| match (value, or) {
        ("", Some(or)) => Ok(or),
        _ => number(name, value),
    };
    Ok(match name {
        "delay" => Fault::Delay(duration(name, value)?),
        "drip" => Fault::Drip(duration(name, value)?),
        "cut-off" => Fault::CutOff(bytes(Some(0))?),
        "reset" => Fault::Reset(bytes(Some(0))?),
        "oversize" => match bytes(None)? {
            length @ 0..=MOST_BYTES => Fault::Oversize(length),
            _ => return error("oversize takes at most 67108864 bytes"),
        },
        "wrong-length" => Fault::WrongLength(bytes(None)?),
        "redirect" if value.contains("://") => Fault::Redirect(value.to_owned()),
        "redirect" => return error("redirect takes a URL such as https://localhost:1/"),
        "status" => match value.parse() {
            Ok(status @ 400..=599) => {
                let status = StatusCode::from_u16(status);
                Fault::Status(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), None)
            }
            _ => return error("status takes a number from 400 to 599"),
        },
        "unavailable" if value.is_empty() => Fault::Unavailable,
        "chunked" if value.is_empty() => Fault::Chunked,
        "refuse" if value.is_empty() => Fault::Refuse,
        "stall" if value.is_empty() => Fault::Stall,
        _ => {
            return error(
                "a fault is one of delay=5s, drip=100ms, cut-off, reset, oversize=100000, redirect=URL, unavailable, status=503, \
                 chunked, wrong-length=10, refuse and stall",
            );
        }
    })
}

fn number<T: FromStr + Default + PartialEq>(name: &str, value: &str) -> Result<T, FaultRuleError> {
    let number = value.parse().ok();
    // None of them strikes no response.
    let number = number.filter(|number| *number != T::default() || !matches!(name, "next" | "at"));
    number.map_or_else(
        || error(format!("{name} takes a number, such as {name}=3")),
        Ok,
    )
}

fn duration(name: &str, value: &str) -> Result<Duration, FaultRuleError> {
    parse_duration(value).map_or_else(
        || {
            error(format!(
                "{name} takes a time, such as {name}=5s, 200ms or 1h"
            ))
        },
        Ok,
    )
}

/// Writes the text form.
impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        if let Some(path) = &self.path {
            write!(f, ",path={path}")?;
        }
        match self.when {
            When::Next(1) => Ok(()),
            When::Next(responses) => write!(f, ",next={responses}"),
            When::At(response) => write!(f, ",at={response}"),
            When::Always => f.write_str(",always"),
        }
    }
}

/// Writes the text form, but for [`Raw`](Self::Raw), which has none.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delay(pause) => write!(f, "delay={}", text_of(*pause)),
            Self::Drip(pause) => write!(f, "drip={}", text_of(*pause)),
            Self::CutOff(bytes) => write!(f, "cut-off={bytes}"),
            Self::Reset(bytes) => write!(f, "reset={bytes}"),
            Self::Oversize(bytes) => write!(f, "oversize={bytes}"),
            // A comma would end it.
            Self::Redirect(url) => write!(f, "redirect={}", url.replace(',', "%2C")),
            Self::Unavailable => f.write_str("unavailable"),
            Self::Chunked => f.write_str("chunked"),
            Self::WrongLength(length) => write!(f, "wrong-length={length}"),
            Self::Status(status, None) => write!(f, "status={}", status.as_u16()),
            Self::Status(status, Some(after)) => {
                write!(
                    f,
                    "status={},retry-after={}",
                    status.as_u16(),
                    text_of(*after)
                )
            }
            Self::Refuse => f.write_str("refuse"),
            Self::Stall => f.write_str("stall"),
            Self::Raw(bytes, _) => write!(f, "{} raw bytes", bytes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_read_and_written() {
        for text in [
            "delay=5s",
            "delay=1500ms,path=/oauth2/v0/token,next=3",
            "drip=100ms,at=2",
            "cut-off=0,always",
            "reset=10",
            "oversize=100000",
            "redirect=https://localhost:1/x",
            "unavailable",
            "status=429,retry-after=30s,path=/oauth2/v0/token,always",
            "status=503",
            "chunked",
            "wrong-length=10",
            "refuse,next=2",
            "stall",
        ] {
            let rule: FaultRule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
        }
        let redirect = FaultRule::from(Fault::Redirect("https://localhost:1/a,b".into()));
        let read: FaultRule = redirect.to_string().parse().unwrap();
        assert_eq!(
            read,
            Fault::Redirect("https://localhost:1/a%2Cb".into()).into()
        );
        let rule: FaultRule = "cut-off, next=1".parse().unwrap();
        assert_eq!(rule, Fault::CutOff(0).into());
    }

    #[test]
    fn text_that_is_no_fault_is_refused_with_what_to_write() {
        for (text, says) in [
            ("", "a fault is one of"),
            ("explode", "a fault is one of"),
            ("chunked=1", "a fault is one of"),
            ("delay", "delay takes a time, such as delay=5s"),
            ("delay=soon", "delay takes a time"),
            ("oversize", "oversize takes a number"),
            ("status=200", "from 400 to 599"),
            ("status=http", "from 400 to 599"),
            ("redirect=here", "redirect takes a URL"),
            ("chunked,next=0", "next takes a number, such as next=3"),
            ("chunked,at=-1", "at takes a number"),
            ("chunked,path=token", "path takes a path"),
            ("refuse,path=/x", "refuse is of a connection"),
            (
                "stall,always",
                "always would keep the control endpoint away",
            ),
            ("oversize=99999999999999", "at most 67108864 bytes"),
            ("chunked,retry-after=3", "beside status=… alone"),
            ("chunked,whenever", "after the fault, there can be"),
            ("chunked,next=2,at=3", "exclude each other"),
            ("chunked,always,always", "exclude each other"),
        ] {
            let error = text.parse::<FaultRule>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn rules_strike_in_their_order() {
        let mut rules = Rules::default();
        for text in [
            "chunked,path=/A//b,next=2",
            "unavailable,at=3",
            "refuse",
            "status=500,always",
        ] {
            rules.add(text.parse().unwrap());
        }
        let mut take = |path: Option<&str>| rules.take(path).map(|fault| fault.to_string());
        assert_eq!(take(Some("/a/b")).as_deref(), Some("chunked"));
        assert_eq!(take(Some("/c")).as_deref(), Some("status=500"));
        assert_eq!(take(None).as_deref(), Some("refuse"));
        assert_eq!(take(None), None);
        assert_eq!(take(Some("/a/B")).as_deref(), Some("chunked"));
        assert_eq!(take(Some("/a/b")).as_deref(), Some("status=500"));
        // What another rule struck did not count.
        assert_eq!(take(Some("/c")).as_deref(), Some("unavailable"));
        assert_eq!(take(Some("/c")).as_deref(), Some("status=500"));
        assert_eq!(rules.all().len(), 1);
    }
}
