//! How a token is printed: to standard output, and nothing else is.

use std::fmt::Display;
use std::io::Write;
use std::time::SystemTime;

use concur_oauth::{AccessToken, ExposeSecret, FieldError};
use jiff::Timestamp;
use serde_json::json;

use crate::args::Format;
use crate::failure::Failure;

pub(crate) fn print(token: &AccessToken, format: Format) -> Result<(), Failure> {
    let expires_at = known("expiry", token.expires_at());
    let instance_url = known("instance URL", token.instance_url());
    let refresh_token = known("refresh token", token.refresh_token());
    let refresh_token = refresh_token.map(ExposeSecret::expose_secret);
    let access_token = token.token().expose_secret();
    let expires_at = expires_at.and_then(rfc_3339);
    let text = match format {
        Format::Json => json!({
            "access_token": access_token,
            "expires_at": expires_at,
            "refresh_token": refresh_token,
            "instance_url": instance_url.map(ToString::to_string),
        })
        .to_string(),
        Format::Header => {
            let value = token.authorization().map_err(|error| {
                Failure::trouble(format!("{error}; --format json prints the token as it is"))
            })?;
            // `authorization` lets only visible ASCII by.
            format!("Authorization: {}", value.to_str().unwrap_or_default())
        }
        Format::Text => {
            let left = token.time_left_at(SystemTime::now());
            let left = left.map_or(String::new(), |left| {
                // Counted in days begun: a new token says what a year has.
                format!(" (in {} days)", left.as_secs().div_ceil(86_400))
            });
            format!(
                "Access token   {access_token}\nExpires        {}{left}\nRefresh token  {}\n\
                 Instance URL   {}",
                or_none(expires_at),
                or_none(refresh_token),
                or_none(instance_url),
            )
        }
    };
    line(&text)
}

/// Writes to standard output, and takes a reader that has gone for the failure that it is.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| {
            Failure::trouble(format!(
                "cannot write to standard output: see where it goes, and ask for a token again \
                 ({error})"
            ))
        })
}

fn known<T>(name: &str, value: Result<Option<T>, FieldError>) -> Option<T> {
    value.unwrap_or_else(|error| {
        eprintln!("warning: no {name}: {error}");
        None
    })
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none given".to_owned(), |value| value.to_string())
}

fn rfc_3339(time: SystemTime) -> Option<String> {
    Some(Timestamp::try_from(time).ok()?.to_string())
}
