//! How a token is printed: to standard output, and nothing else is.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

use concur_oauth::{AccessToken, ExposeSecret, FieldError, InstanceUrl, is_unseen};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::args::Format;
use crate::failure::Failure;

/// Refuses a standard output that is closed, before anything is asked for that would be lost there.
///
/// Where it is closed, the start-up of a Rust program puts the null device in its place, for reading and writing: a
/// write to it would succeed. (A shell's `>/dev/null` is for writing alone, and is somebody's wish.)
#[cfg(unix)]
pub(crate) fn is_open() -> Result<(), Failure> {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};

    let out = std::io::stdout();
    let both_ways = fcntl_getfl(&out).is_ok_and(|flags| flags.contains(OFlags::RDWR));
    let null = stat("/dev/null");
    let is_null = fstat(&out).is_ok_and(|out| null.is_ok_and(|null| null.st_rdev == out.st_rdev));
    if both_ways && is_null {
        return Err(Failure::trouble(
            "standard output is closed or leads nowhere, and what is asked for would be lost there: say where it \
             goes, and run it again",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn is_open() -> Result<(), Failure> {
    Ok(())
}

pub(crate) fn print(token: &AccessToken, format: Format) -> Result<(), Failure> {
    let text = match format {
        Format::Json => one_line(&json(token)),
        Format::Header => match token.authorization() {
            // `authorization` lets only visible ASCII by.
            Ok(value) => format!("Authorization: {}", value.to_str().unwrap_or_default()),
            // What was obtained is not lost over its form.
            Err(error) => {
                say!("warning: {error}; it is printed as JSON");
                one_line(&json(token))
            }
        },
        Format::Text => text(token),
    };
    line(&text).map_err(|failure| failure.and("see where it goes, and ask for a token again"))
}

/// A token for people, in four lines; as JSON, where it holds what a terminal would not show as it is.
pub(crate) fn text(token: &AccessToken) -> String {
    let is_plain = |secret: &str| secret.bytes().all(|byte| byte.is_ascii_graphic());
    let refresh_token = token.refresh_token().ok().flatten();
    let secrets = [Some(token.token()), refresh_token];
    let mut secrets = secrets
        .into_iter()
        .flatten()
        .map(ExposeSecret::expose_secret);
    if !secrets.all(is_plain) {
        say!("warning: a token holds more than visible ASCII; it is printed as JSON");
        return one_line(&json(token));
    }
    let known = Known::of(token);
    let left = token.time_left_at(SystemTime::now());
    let left = left.map_or(String::new(), |left| {
        // Counted in days begun: a new token says what a year has.
        format!(" (in {} days)", left.as_secs().div_ceil(86_400))
    });
    format!(
        "Access token   {}\nExpires        {}{left}\nRefresh token  {}\nInstance URL   {}",
        token.token().expose_secret(),
        or_none(known.expires_at),
        or_none(known.refresh_token),
        or_none(known.instance_url),
    )
}

/// A token for a machine.
pub(crate) fn json(token: &AccessToken) -> Value {
    let known = Known::of(token);
    json!({
        "access_token": token.token().expose_secret(),
        "expires_at": known.expires_at,
        "refresh_token": known.refresh_token,
        "instance_url": known.instance_url.map(ToString::to_string),
    })
}

/// JSON without what a terminal would take for a command, or not show: that is written as an escape.
pub(crate) fn one_line(value: &Value) -> String {
    let mut line = String::new();
    for character in value.to_string().chars() {
        if is_unseen(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(line, "\\u{unit:04x}");
            }
        } else {
            line.push(character);
        }
    }
    line
}

/// What is known of a token. What cannot be read is warned of.
struct Known<'a> {
    expires_at: Option<String>,
    refresh_token: Option<&'a str>,
    instance_url: Option<&'a InstanceUrl>,
}

impl<'a> Known<'a> {
    fn of(token: &'a AccessToken) -> Self {
        let refresh_token = known("refresh token", token.refresh_token());
        Self {
            expires_at: known("expiry", token.expires_at()).and_then(rfc_3339),
            refresh_token: refresh_token.map(ExposeSecret::expose_secret),
            instance_url: known("instance URL", token.instance_url()),
        }
    }
}

/// Writes to standard output, and takes a reader that has gone for the failure that it is.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::trouble(format!("cannot write to standard output ({error})")))
}

fn known<T>(name: &str, value: Result<Option<T>, FieldError>) -> Option<T> {
    value.unwrap_or_else(|error| {
        say!("warning: no {name}: {error}");
        None
    })
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none given".to_owned(), |value| value.to_string())
}

fn rfc_3339(time: SystemTime) -> Option<String> {
    Some(Timestamp::try_from(time).ok()?.to_string())
}
