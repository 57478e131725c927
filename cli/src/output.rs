//! Printing a token: nothing else goes to standard output.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

use concur_oauth::keeper::KeptToken;
use concur_oauth::v0::{Claims, MigratedToken};
use concur_oauth::{
    AccessToken, DocumentWarning, ExposeSecret, Rfc3339, TokenScheme, clean_text, is_unseen,
};
use serde_json::{Value, json};

use crate::args::{Format, ListFormat, TokenFormat};
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
        return Err(closed());
    }
    Ok(())
}

/// Refuses a standard output that is closed: a write to it would succeed.
#[cfg(windows)]
pub(crate) fn is_open() -> Result<(), Failure> {
    use std::os::windows::io::AsRawHandle;

    if std::io::stdout().as_raw_handle().is_null() {
        return Err(closed());
    }
    Ok(())
}

fn closed() -> Failure {
    Failure::trouble(
        "standard output is closed or leads nowhere, and the output would be lost there: redirect it, and run the command again",
    )
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
    line(&text).map_err(|failure| {
        failure.and(match (token.scheme(), token.refresh_token()) {
            (TokenScheme::Bearer, Some(_)) => {
                "check where it goes; the refresh token that came is lost, and the one before it may work no longer"
            }
            _ => "check where it goes, and request a token again",
        })
    })
}

/// Formats a token for people, one line for each value, or as JSON where it contains what a terminal would not show.
pub(crate) fn text(token: &AccessToken) -> String {
    let is_plain = |secret: &str| secret.bytes().all(|byte| byte.is_ascii_graphic());
    let secrets = [Some(token.token()), token.refresh_token(), token.id_token()];
    let mut secrets = secrets
        .into_iter()
        .flatten()
        .map(ExposeSecret::expose_secret);
    if !secrets.all(is_plain) {
        say!("warning: a token contains more than visible ASCII; it is printed as JSON");
        return one_line(&json(token));
    }
    warn(token);
    let expires = ends(token.expires_at());
    let refresh_token = or_none(token.refresh_token().map(ExposeSecret::expose_secret));
    let mut lines = vec![
        ("Access token", token.token().expose_secret().to_owned()),
        ("Expires", expires),
        ("Refresh token", refresh_token),
    ];
    if token.scheme() == TokenScheme::Bearer {
        let scope = token.scope().and_then(|scope| clean_text(scope, 4096));
        lines.extend([
            ("Refresh ends", ends(token.refresh_expires_at())),
            ("Geolocation", token.base_url().to_string()),
            ("Scope", or_none(scope)),
            (
                "ID token",
                or_none(token.id_token().map(ExposeSecret::expose_secret)),
            ),
        ]);
    } else {
        lines.push(("Instance URL", token.base_url().to_string()));
    }
    columns(&lines)
}

/// Formats a time, and how far it is.
fn ends(at: Option<SystemTime>) -> String {
    let Some(at) = at else {
        return or_none(None::<&str>);
    };
    let seconds = at
        .duration_since(SystemTime::now())
        .unwrap_or_default()
        .as_secs();
    // Rounded up: a new token has as many as a year.
    let (number, unit) = if seconds > 2 * 86_400 {
        (seconds.div_ceil(86_400), "days")
    } else {
        (seconds.div_ceil(60), "minutes")
    };
    format!("{} (in {number} {unit})", Rfc3339(at))
}

fn columns(lines: &[(&str, String)]) -> String {
    let lines = lines
        .iter()
        .map(|(name, value)| format!("{name:<15}{value}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Formats a token for machines.
pub(crate) fn json(token: &AccessToken) -> Value {
    warn(token);
    let mut all = json!({
        "access_token": token.token().expose_secret(),
        "expires_at": time(token.expires_at()),
        "refresh_token": token.refresh_token().map(ExposeSecret::expose_secret),
    });
    if token.scheme() == TokenScheme::Bearer {
        all["token_type"] = json!(token.scheme().as_str());
        all["refresh_expires_at"] = time(token.refresh_expires_at());
        all["geolocation"] = json!(token.base_url().to_string());
        all["scope"] = json!(token.scope());
        all["id_token"] = json!(token.id_token().map(ExposeSecret::expose_secret));
    } else {
        all["instance_url"] = json!(token.base_url().to_string());
    }
    all
}

/// Prints a stored token. Its refresh token is the keeper's.
pub(crate) fn print_kept(token: &KeptToken, format: TokenFormat) -> Result<(), Failure> {
    let own = token.token();
    let secret = own.token().expose_secret();
    let text = match format {
        TokenFormat::Token if secret.bytes().all(|byte| byte.is_ascii_graphic()) => {
            secret.to_owned()
        }
        TokenFormat::Token => {
            return Err(Failure::trouble(
                "the token contains more than visible ASCII: print it with --format json",
            ));
        }
        TokenFormat::Header => {
            let value = own.authorization()?;
            format!("Authorization: {}", value.to_str().unwrap_or_default())
        }
        TokenFormat::Json => {
            let mut all = json(own);
            if let Some(all) = all.as_object_mut() {
                all.remove("refresh_token");
            }
            // Where Concur did not say, it is what the keeper goes by.
            all["expires_at"] = time(Some(token.expires_at()));
            one_line(&all)
        }
    };
    line(&text).map_err(|failure| failure.and("check where it goes"))
}

fn time(at: Option<SystemTime>) -> Value {
    json!(at.map(|at| Rfc3339(at).to_string()))
}

pub(crate) fn print_migrated(token: &MigratedToken, format: ListFormat) -> Result<(), Failure> {
    warn_of(token.warnings());
    let refresh_token = token.refresh_token().expose_secret();
    let is_plain = refresh_token.bytes().all(|byte| byte.is_ascii_graphic());
    let text = if format == ListFormat::Json || !is_plain {
        one_line(&json!({
            "refresh_token": refresh_token,
            "refresh_expires_at": time(token.refresh_expires_at()),
            "created_at": time(token.created_at()),
            "scope": token.scope(),
        }))
    } else {
        let scope = token.scope().and_then(|scope| clean_text(scope, 4096));
        columns(&[
            ("Refresh token", refresh_token.to_owned()),
            ("Refresh ends", ends(token.refresh_expires_at())),
            ("Created", or_none(token.created_at().map(Rfc3339))),
            ("Scope", or_none(scope)),
        ])
    };
    line(&text).map_err(|failure| failure.and("check where it goes"))
}

pub(crate) fn print_claims(claims: &Claims, format: ListFormat) -> Result<(), Failure> {
    let audience: Vec<_> = claims.audience().collect();
    let text = match format {
        ListFormat::Json => one_line(&json!({
            "subject": claims.subject(),
            "principal_type": claims.principal_type(),
            "issuer": claims.issuer(),
            "audience": audience,
            "expires_at": time(claims.expires_at()),
            "not_before": time(claims.not_before()),
            "issued_at": time(claims.issued_at()),
        })),
        ListFormat::Text => {
            let shown = |text: Option<&str>| or_none(text.and_then(|text| clean_text(text, 256)));
            columns(&[
                ("Subject", shown(claims.subject())),
                ("Principal", shown(claims.principal_type())),
                ("Issuer", shown(claims.issuer())),
                ("Audience", shown(Some(&audience.join(" ")))),
                ("Expires", ends(claims.expires_at())),
            ])
        }
    };
    line(&text).map_err(|failure| failure.and("check where it goes"))
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
    warn_of(token.warnings());
}

pub(crate) fn warn_of(warnings: &[DocumentWarning]) {
    for warning in warnings {
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
