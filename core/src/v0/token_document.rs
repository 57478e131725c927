//! The token document.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use crate::base_url::TrustDomain;
use crate::document_warning::{FieldProblem, Warnings, trusted};
use crate::exchange::ResponseContext;
use crate::response::{self, BodyError, ResponseError};
use crate::token::{AccessToken, TokenParts, TokenScheme};
use crate::wire::Format;
use crate::wire::json::{JsonField, JsonValue};

/// Reads a response that should hold a token.
pub(super) fn parse(
    response: &http::Response<&[u8]>,
    context: &ResponseContext,
) -> Result<AccessToken, ResponseError> {
    response::read_success(response, Format::Json, |body| read(body, context))
}

/// The fields of the document, each with the names that Concur has given it.
#[derive(Default)]
struct Document<'a> {
    access_token: JsonField<'a>,
    token_type: JsonField<'a>,
    expires_in: JsonField<'a>,
    refresh_token: JsonField<'a>,
    refresh_expires_in: JsonField<'a>,
    geolocation: JsonField<'a>,
    scope: JsonField<'a>,
    id_token: JsonField<'a>,
    /// What an error document has.
    error: JsonField<'a>,
    code: JsonField<'a>,
}

impl<'a> Document<'a> {
    fn add(&mut self, name: &str, value: JsonValue<'a>) {
        let field = match name {
            "access_token" => &mut self.access_token,
            "token_type" => &mut self.token_type,
            "expires_in" => &mut self.expires_in,
            "refresh_token" => &mut self.refresh_token,
            "refresh_expires_in" | "refresh_expiry" | "refresh_token_expires_in" => {
                &mut self.refresh_expires_in
            }
            "geolocation" => &mut self.geolocation,
            "scope" => &mut self.scope,
            "id_token" | "idtoken" => &mut self.id_token,
            "error" => &mut self.error,
            "code" => &mut self.code,
            _ => return,
        };
        field.add(value);
    }
}

fn read(body: &[u8], context: &ResponseContext) -> Result<AccessToken, BodyError> {
    let mut document = Document::default();
    response::json_fields(body, |name, value| document.add(name, value))?;
    let token = match &document.access_token {
        JsonField::Repeated => return Err(BodyError::RepeatedToken),
        JsonField::Absent => {
            let is_error = [document.error, document.code]
                .iter()
                .any(|field| !matches!(field, JsonField::Absent));
            return Err(if is_error {
                BodyError::OtherDocument
            } else {
                BodyError::NoToken
            });
        }
        JsonField::Value(value) => value.string().ok_or(BodyError::NoToken)?,
    };
    if token.is_empty() {
        return Err(BodyError::EmptyToken);
    }
    let mut warnings = Warnings::default();
    let secret = |text: &str| Ok(SecretString::from(text));
    let asked = context.base_url();
    let base_url = warnings.read_json("geolocation", &document.geolocation, |text| {
        trusted(TrustDomain::V0.read(asked, text))
    });
    // A scheme of another name would be a token that nothing here can use.
    warnings.read_json("token_type", &document.token_type, |text| {
        let is_bearer = text.eq_ignore_ascii_case(TokenScheme::Bearer.as_str());
        is_bearer.then_some(()).ok_or(FieldProblem::Unreadable)
    });
    let parts = TokenParts {
        scheme: TokenScheme::Bearer,
        token: SecretString::from(&*token),
        // Seconds from now.
        expires_at: warnings.read_json("expires_in", &document.expires_in, |text| {
            seconds_after(context.sent_at(), text)
        }),
        refresh_token: warnings.read_json("refresh_token", &document.refresh_token, secret),
        // Seconds since 1970.
        refresh_expires_at: warnings.read_json(
            "refresh_expires_in",
            &document.refresh_expires_in,
            |text| seconds_after(SystemTime::UNIX_EPOCH, text),
        ),
        base_url: base_url.unwrap_or_else(|| asked.clone()),
        scope: warnings.read_json("scope", &document.scope, |text| Ok(text.to_owned())),
        id_token: warnings.read_json("id_token", &document.id_token, secret),
    };
    Ok(AccessToken::new(parts, warnings))
}

/// The end of the year 9999, in seconds since 1970: what is later is no time.
const LAST: u64 = 253_402_300_799;

fn seconds_after(start: SystemTime, text: &str) -> Result<SystemTime, FieldProblem> {
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds <= LAST);
    seconds
        .and_then(|seconds| start.checked_add(Duration::from_secs(seconds)))
        .ok_or(FieldProblem::Unreadable)
}

#[cfg(test)]
mod tests;
