//! Printing a token: nothing else goes to standard output.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

use concur_oauth::{AccessToken, ExposeSecret, Rfc3339, is_unseen};
use serde_json::{Value, json};

use crate::args::Format;
use crate::failure::Failure;

/// Refuses a standard output that is closed, before a token is requested that would be lost there.
///
/// Where it is closed, the start-up of a Rust program puts the null device in its place, for reading and writing: a
/// write to it would succeed. (A shell's `>/dev/null` is for writing alone, and is intended.)
#[cfg(unix)]
pub(crate) fn is_open() -> Result<(), Failure> {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};

    let out = std::io::stdout();
    let both_ways = fcntl_getfl(&out).is_ok_and(|flags| flags.contains(OFlags::RDWR));
    let null = stat("/dev/null");
    let is_null = fstat(&out).is_ok_and(|out| null.is_ok_and(|null| null.st_rdev == out.st_rdev));
    if both_ways && is_null {
        return Err(Failure::trouble(
            "standard output is closed or leads nowhere, and the output would be lost there: redirect it, and run \
             the command again",
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
            // `authorization` accepts only visible ASCII.
            Ok(value) => {
                warn(token);
                format!("Authorization: {}", value.to_str().unwrap_or_default())
            }
            // The token is printed all the same.
            Err(error) => {
                say!("warning: {error}; it is printed as JSON");
                one_line(&json(token))
            }
        },
        Format::Text => text(token),
    };
    line(&text).map_err(|failure| failure.and("check where it goes, and request a token again"))
}

/// Formats a token for people, in four lines, or as JSON where it contains what a terminal would not show.
pub(crate) fn text(token: &AccessToken) -> String {
    let is_plain = |secret: &str| secret.bytes().all(|byte| byte.is_ascii_graphic());
    let secrets = [Some(token.token()), token.refresh_token()];
    let mut secrets = secrets
        .into_iter()
        .flatten()
        .map(ExposeSecret::expose_secret);
    if !secrets.all(is_plain) {
        say!("warning: a token contains more than visible ASCII; it is printed as JSON");
        return one_line(&json(token));
    }
    warn(token);
    let left = token.time_left_at(SystemTime::now());
    let left = left.map_or(String::new(), |left| {
        // Days are rounded up: a new token has as many as a year.
        format!(" (in {} days)", left.as_secs().div_ceil(86_400))
    });
    format!(
        "Access token   {}\nExpires        {}{left}\nRefresh token  {}\nInstance URL   {}",
        token.token().expose_secret(),
        or_none(token.expires_at().map(Rfc3339)),
        or_none(token.refresh_token().map(ExposeSecret::expose_secret)),
        token.base_url(),
    )
}

/// Formats a token for machines.
pub(crate) fn json(token: &AccessToken) -> Value {
    warn(token);
    json!({
        "access_token": token.token().expose_secret(),
        "expires_at": token.expires_at().map(|at| Rfc3339(at).to_string()),
        "refresh_token": token.refresh_token().map(ExposeSecret::expose_secret),
        "instance_url": token.base_url().to_string(),
    })
}

/// Formats JSON. What a terminal would take for a command, or not show, is written as an escape.
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

/// Says what was wrong with the document that brought a token.
pub(crate) fn warn(token: &AccessToken) {
    for warning in token.warnings() {
        say!("warning: {warning}");
    }
}

/// Writes to standard output. A reader that is gone is a failure.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::trouble(format!("cannot write to standard output ({error})")))
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "none given".to_owned(), |value| value.to_string())
}
