//! The line of a connection request.

use std::fmt::Write;
use std::time::SystemTime;

use concur_oauth::auto_connect::{
    ConnectionRequest, ConnectionRequestId, ConnectionResult, Outcome,
};
use concur_oauth::clean_text;
use serde_json::{Value, json};

use crate::{mask, output};

/// Formats what would be done with a connection request.
pub(super) fn pending(
    request: &ConnectionRequest,
    outcome: Option<Outcome>,
    now: SystemTime,
    as_json: bool,
) -> String {
    let left = request.request_token_time_left_at(now);
    let expired = left.is_some_and(|left| left.is_zero());
    // A request that cannot be worked on is skipped, whatever its user.
    let (outcome, would) = match (request.id(), request.request_token()) {
        (None, _) => (None, "would skip it: it has no usable ID".to_owned()),
        (_, None) => (
            None,
            "would skip it: it has no usable request token".to_owned(),
        ),
        _ if expired => said(Outcome::RequestTokenExpired),
        _ => match outcome {
            Some(outcome) => said(outcome),
            None => (
                None,
                "give --members to see what would be reported".to_owned(),
            ),
        },
    };
    if as_json {
        let mut object = member(request);
        object["request_token_seconds_left"] = left.map(|left| left.as_secs()).into();
        object["would_report"] = outcome.map(Outcome::code).into();
        return output::one_line(&object);
    }
    let left = match left {
        None => "for an unknown time".to_owned(),
        Some(left) if left.is_zero() => "expired".to_owned(),
        Some(left) => format!("{} min left", left.as_secs().div_ceil(60)),
    };
    format!("{would}  {left}  {}", words(request))
}

fn said(outcome: Outcome) -> (Option<Outcome>, String) {
    (Some(outcome), format!("would report: {outcome}"))
}

/// Formats the result of a connection request.
pub(super) fn finished(result: &ConnectionResult, as_json: bool) -> String {
    let (request, outcome, left, error) = match result {
        ConnectionResult::Connected { request, token } => {
            (request, Some(Outcome::Connected), Some(token), None)
        }
        ConnectionResult::Rejected {
            request, outcome, ..
        } => (request, Some(*outcome), None, None),
        ConnectionResult::Failed(failure) => (
            failure.request(),
            failure.reported(),
            failure.token(),
            Some(mask::mask(failure.report().to_string())),
        ),
    };
    if as_json {
        let mut object = member(request);
        object["reported"] = outcome.map(Outcome::code).into();
        object["error"] = error.into();
        // A token to be revoked must not be taken for a connected user's.
        let (token, other) = match result {
            ConnectionResult::Connected { .. } => ("token", "token_to_revoke"),
            _ => ("token_to_revoke", "token"),
        };
        object[token] = left.map_or(Value::Null, output::json);
        object[other] = Value::Null;
        return output::one_line(&object);
    }
    // What the command says stands first, so that nothing that a user typed can be taken for it.
    let mut line = match (outcome, &error) {
        (Some(outcome), None) => outcome.to_string(),
        (Some(outcome), Some(_)) => format!("failed, reported: {outcome}"),
        (None, _) => "failed".to_owned(),
    };
    let _ = write!(line, "  {}", words(request));
    if let Some(error) = error {
        let _ = write!(line, "\n    {error}");
    }
    if !matches!(result, ConnectionResult::Connected { .. }) && left.is_some() {
        line.push_str("\n    to be revoked:");
    }
    // All of it: what is not printed here is lost.
    for part in left.map(output::text).unwrap_or_default().lines() {
        let _ = write!(line, "\n    {part}");
    }
    line
}

fn member(request: &ConnectionRequest) -> Value {
    json!({
        "id": request.id().map(ConnectionRequestId::as_str),
        "loyalty_number": request.loyalty_number(),
        "first_name": request.first_name(),
        "last_name": request.last_name(),
    })
}

/// Formats what the user typed at Concur.
pub(super) fn words(request: &ConnectionRequest) -> String {
    [
        request.id().map_or("(no ID)", ConnectionRequestId::as_str),
        request.loyalty_number().unwrap_or("(no number)"),
        request.first_name().unwrap_or_default(),
        request.last_name().unwrap_or_default(),
    ]
    .map(field)
    .join("  ")
}

/// Makes a text safe to show beside others: one line, bounded, and in quotation marks unless it is a single word.
fn field(text: &str) -> String {
    let text = clean_text(text, 64).unwrap_or_default();
    if text.contains([' ', '"']) {
        format!("{text:?}")
    } else {
        text.into()
    }
}
