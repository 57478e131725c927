//! The control endpoint in JSON, and for the forms of the index page.

use std::collections::HashMap;
use std::fmt::Write;

use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::http::form::redirect;
use crate::http::request::parameters;
use crate::server::clock::Clock;
use crate::server::record::RequestRecord;
use crate::server::rule::FaultRule;
use crate::server::{Shared, lock};
use crate::time::{exact_moment, moment, parse_duration, parse_moment};

pub(super) const ROOT: &str = "/_emulator";

/// A status, and what is wrong.
type Refusal = (StatusCode, String);

pub(super) fn respond(shared: &Shared, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let path = request.uri().path().strip_prefix(ROOT).unwrap_or_default();
    let segments: Vec<_> = path.split('/').filter(|it| !it.is_empty()).collect();
    let input = match Input::read(request) {
        Ok(input) => input,
        Err(what) => return refused(StatusCode::BAD_REQUEST, what),
    };
    let done = match (request.method(), segments.as_slice()) {
        (&Method::GET, []) => Ok(json!({
            "faults": "GET, POST {\"fault\": \"status=503,next=3\"}, DELETE",
            "requests": "GET, DELETE",
            "clock": "GET, POST {\"advance\": \"1h\"}, {\"set\": \"2026-12-01T00:00:00Z\"} or {\"set\": \"now\"}",
            "tokens": "GET",
            "tokens/ID/expire": "POST",
        })),
        (&Method::GET, ["faults"]) => Ok(faults(shared)),
        (&Method::POST, ["faults"]) => input.fault().map(|rule| {
            lock(&shared.rules).add(rule);
            faults(shared)
        }),
        (&Method::DELETE, ["faults"]) | (&Method::POST, ["faults", "clear"]) => {
            lock(&shared.rules).clear();
            Ok(faults(shared))
        }
        (&Method::GET, ["requests"]) => Ok(requests(shared)),
        (&Method::DELETE, ["requests"]) => {
            lock(&shared.records).clear();
            Ok(requests(shared))
        }
        (&Method::GET, ["clock"]) => Ok(clock(shared)),
        (&Method::POST, ["clock"]) => input.set_clock(shared).map(|()| clock(shared)),
        (&Method::GET, ["tokens"]) => Ok(tokens(shared)),
        (&Method::POST, ["tokens", id, "expire"]) => expire(shared, id),
        (_, [] | ["faults" | "requests" | "clock" | "tokens"] | ["tokens", _, "expire"]) => Err((
            StatusCode::METHOD_NOT_ALLOWED,
            "this method does nothing here: GET /_emulator lists those that do".to_owned(),
        )),
        _ => Err((
            StatusCode::NOT_FOUND,
            "there is nothing here: GET /_emulator lists what there is".to_owned(),
        )),
    };
    match done {
        // Back to the page whose form it was.
        Ok(_) if input.is_form && is_browser(request) => {
            let mut back = redirect("/", []);
            *back.status_mut() = StatusCode::SEE_OTHER;
            back
        }
        Ok(document) => response(StatusCode::OK, &document),
        Err((status, what)) => refused(status, &what),
    }
}

/// Returns whether it is a browser that shows what comes.
fn is_browser(request: &Request<Vec<u8>>) -> bool {
    let accept = request.headers().get(ACCEPT);
    let accept = accept.and_then(|it| it.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// What a request brings: a form, or a JSON object.
struct Input {
    fields: HashMap<String, String>,
    is_form: bool,
}

impl Input {
    fn read(request: &Request<Vec<u8>>) -> Result<Self, &'static str> {
        let media_type = request.headers().get(CONTENT_TYPE);
        let media_type = media_type.map_or("", |it| it.to_str().unwrap_or_default());
        let is_form = media_type.starts_with("application/x-www-form-urlencoded");
        let body = request.body().trim_ascii();
        if body.is_empty() || body.starts_with(b"{") {
            let object = if body.is_empty() { b"{}" } else { body };
            let fields: HashMap<String, Value> =
                serde_json::from_slice(object).map_err(|_| "the body is not a JSON object")?;
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
            return Ok(Self {
                fields: fields.collect(),
                is_form: is_form && body.is_empty(),
            });
        }
        // That of a client whose library takes every body for a form is JSON above.
        if !is_form {
            return Err("the body is neither a JSON object nor a form");
        }
        Ok(Self {
            fields: parameters(request),
            is_form: true,
        })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let value = self.fields.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Refuses a field of another name, which would be of no effect.
    fn has_no_more_than(&self, names: &[&str]) -> Result<(), Refusal> {
        if self
            .fields
            .keys()
            .all(|name| names.contains(&name.as_str()))
        {
            return Ok(());
        }
        let names = names.join(", ");
        let what = format!("send a JSON object, with no fields but {names}");
        Err((StatusCode::BAD_REQUEST, what))
    }

    /// Returns a fault: its text form, to which the fields of its parts are added.
    fn fault(&self) -> Result<FaultRule, Refusal> {
        self.has_no_more_than(&["fault", "path", "next", "at", "always", "retry_after"])?;
        let mut text = self.get("fault").unwrap_or_default().to_owned();
        for (name, part) in [
            ("path", "path"),
            ("next", "next"),
            ("at", "at"),
            ("retry_after", "retry-after"),
        ] {
            if let Some(value) = self.get(name) {
                let _ = write!(text, ",{part}={value}");
            }
        }
        match self.get("always") {
            None | Some("false") => {}
            Some("true") => text.push_str(",always"),
            Some(_) => {
                return Err((
                    StatusCode::BAD_REQUEST,
                    "always is true or false".to_owned(),
                ));
            }
        }
        text.parse()
            .map_err(|error: crate::FaultRuleError| (StatusCode::BAD_REQUEST, error.to_string()))
    }

    fn set_clock(&self, shared: &Shared) -> Result<(), Refusal> {
        self.has_no_more_than(&["advance", "set"])?;
        let mut clock = lock(&shared.clock);
        let mut moved = *clock;
        let is_read = match (self.get("advance"), self.get("set")) {
            (Some(by), None) => match by.strip_prefix('-') {
                Some(by) => parse_duration(by).map(|by| moved.set_back(by)),
                None => parse_duration(by).map(|by| moved.advance(by)),
            },
            (None, Some("now")) => {
                moved = Clock::default();
                Some(())
            }
            (None, Some(at)) => parse_moment(at).map(|at| moved = Clock::at(at)),
            _ => None,
        };
        // One that cannot be written is none that a token can end at.
        if is_read.is_none() || moment(moved.now()).is_empty() {
            let what = "the clock takes {\"advance\": \"1h\"} or \"-1h\", or {\"set\": \"2026-12-01T00:00:00Z\"} or \"now\", \
                        within the years from 1 to 9999";
            return Err((StatusCode::BAD_REQUEST, what.to_owned()));
        }
        *clock = moved;
        Ok(())
    }
}

fn faults(shared: &Shared) -> Value {
    let rules = lock(&shared.rules);
    let rules = rules.all().iter().map(ToString::to_string);
    json!({ "faults": rules.collect::<Vec<_>>() })
}

fn requests(shared: &Shared) -> Value {
    let one = |record: &RequestRecord| {
        json!({
            "at": exact_moment(record.at()),
            "method": record.method(),
            "path": record.path(),
            "grant": record.grant(),
            "data_center": record.data_center(),
            "token": record.token(),
            "status": record.status().as_u16(),
            "outcome": record.outcome(),
            "fault": record.fault(),
        })
    };
    let records = lock(&shared.records);
    json!({ "requests": records.all().map(one).collect::<Vec<_>>() })
}

fn clock(shared: &Shared) -> Value {
    json!({ "now": moment(shared.now()) })
}

fn tokens(shared: &Shared) -> Value {
    let now = shared.now();
    let tokens = lock(&shared.emulator).listed_tokens(now);
    let one = |token: &crate::listed_tokens::ListedToken| {
        json!({
            "id": token.id,
            "kind": token.kind,
            "application": token.application,
            "holder": token.holder,
            "expires_at": moment(token.expires_at),
            "is_valid": token.is_valid,
        })
    };
    json!({ "tokens": tokens.iter().map(one).collect::<Vec<_>>() })
}

fn expire(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    let now = shared.now();
    if lock(&shared.emulator).expire_token(id, now) {
        return Ok(tokens(shared));
    }
    let what = "there is no token of this ID: GET /_emulator/tokens lists them";
    Err((StatusCode::NOT_FOUND, what.to_owned()))
}

pub(super) fn refused(status: StatusCode, what: &str) -> Response<Vec<u8>> {
    response(status, &json!({ "error": what }))
}

fn response(status: StatusCode, document: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(format!("{document:#}\n").into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
