//! The command line of what is stored.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use concur_oauth::keeper::GrantName;

use super::{ClientArgs, ListFormat};

/// Where grants are stored.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// Where grants are stored: `file:` and a folder, or the URL of a database (postgres://…, redis://…, rediss://…).
    ///
    /// A URL with a password is no argument: set `CONCUR_STORE`, or for PostgreSQL `PGPASSFILE`. By default it is the folder `concur-oauth` among the user's state: `$XDG_STATE_HOME`, or `~/.local/state`.
    /// `CONCUR_STORE_KEY_FILE` names a file with keys that seal what is stored.
    #[arg(
        long,
        value_name = "STORE",
        env = "CONCUR_STORE",
        hide_env_values = true
    )]
    pub(crate) store: Option<String>,

    /// A file with the keys that seal what is stored: for each a line with a name, a space, and what `openssl rand -hex 32`
    /// prints.
    ///
    /// The first seals, and all open. To change the key, put a new line first; each grant is sealed with it when it is renewed.
    #[arg(
        long,
        value_name = "FILE",
        env = "CONCUR_STORE_KEY_FILE",
        hide_env_values = true
    )]
    pub(crate) store_key_file: Option<PathBuf>,
}

/// Whether a token is stored.
#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    /// Store the token under this name, and print the name in its place. `concur-oauth token` gives a fresh one from then on.
    #[arg(long, value_name = "NAME", value_parser = grant_name, conflicts_with = "format")]
    pub(crate) save: Option<GrantName>,

    /// With --save: store it in place of a grant of that name, whose refresh token is lost.
    #[arg(long, requires = "save")]
    pub(crate) replace: bool,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Print a fresh access token of a stored grant, and renew it first where it is due.
///
/// Several commands at once renew a grant once: the others wait, and print the same token.
#[derive(Debug, Args)]
#[command(
    mut_arg("emulator", |arg| arg.hide(true)),
    after_help = "The application's secret is needed for a renewal alone: set CONCUR_CLIENT_SECRET (for a grant of the \
                  older service, CONCUR_CONSUMER_SECRET), use --client-secret-stdin, or answer the prompt.\n\n\
                  Example: curl -H @<(concur-oauth token acme --format header) \
                  https://us2.api.concursolutions.com/profile/v1/me"
)]
pub(crate) struct TokenArgs {
    /// The name that the grant was stored under.
    #[arg(value_name = "NAME", value_parser = grant_name)]
    pub(crate) name: GrantName,

    /// Renew a token that has less left than this: seconds, or a number with s, m, h or d. By default, one is renewed at four
    /// fifths of its life.
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) min_life: Option<Duration>,

    /// Wait at most this long for another command that renews the grant, in seconds: 90 by default, and with a database 310.
    ///
    /// Where one was killed in a renewal, that takes --timeout and 15 seconds more, and with a database five minutes.
    #[arg(
        long,
        value_name = "SECONDS",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) wait: Option<u64>,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = TokenFormat::Token)]
    pub(crate) format: TokenFormat,

    #[command(flatten)]
    pub(crate) renewal: RenewalArgs,
}

/// How a stored token is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TokenFormat {
    /// The access token alone.
    Token,
    /// One header field, for the next request.
    Header,
    /// One JSON object.
    Json,
}

/// What a renewal needs.
#[derive(Debug, Args)]
pub(crate) struct RenewalArgs {
    /// The application's client ID or consumer key, which must be that of the grant.
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    /// Read the application's secret from standard input: all of it, less one line end.
    #[arg(long, visible_alias = "consumer-secret-stdin")]
    pub(crate) client_secret_stdin: bool,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// List the stored grants, without any secret.
#[derive(Debug, Args)]
#[command(after_help = "Example: concur-oauth grants --format json")]
pub(crate) struct GrantsArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// How to print the list.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Forget a stored grant. Concur is not told.
///
/// To end it at Concur too, unless it is the application's own, revoke it first, at its geolocation, which `concur-oauth grants --format json` shows:
/// `concur-oauth token NAME | concur-oauth v0 revoke --access-token-stdin --server URL`.
#[derive(Debug, Args)]
#[command(after_help = "Example: concur-oauth forget acme")]
pub(crate) struct ForgetArgs {
    /// The name that the grant was stored under.
    #[arg(value_name = "NAME", value_parser = grant_name)]
    pub(crate) name: GrantName,

    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Renew the stored grants that were not asked for in a month, so that they do not age out.
///
/// The grants of several applications take a run for each, with its --client-id and its secret. The command fails where a grant
/// cannot be renewed or read, or needs consent.
#[derive(Debug, Args)]
#[command(
    mut_arg("emulator", |arg| arg.hide(true)),
    after_help = "The application's secret is never an argument: set CONCUR_CLIENT_SECRET (for grants of the older \
                  service, CONCUR_CONSUMER_SECRET), use --client-secret-stdin, or answer the prompt.\n\n\
                  Example, once a day by a timer: concur-oauth keep-alive"
)]
pub(crate) struct KeepAliveArgs {
    /// Stay, and do it again after each time of this length: seconds, or a number with s, m, h or d.
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) every: Option<Duration>,

    #[command(flatten)]
    pub(crate) renewal: RenewalArgs,
}

/// Reads the name of a grant: what is plain in a shell, in a file name and in a log.
fn grant_name(name: &str) -> Result<GrantName, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.bytes().all(is_plain) {
        return Err("no name of a grant");
    }
    GrantName::new(name).map_err(|_| "no name of a grant")
}

/// Reads a duration.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 1),
    };
    let number: u64 = number.parse().map_err(|_| "no duration")?;
    let seconds = number
        .checked_mul(unit)
        .filter(|it| (1..=31_536_000).contains(it));
    seconds.map(Duration::from_secs).ok_or("no duration")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [
            ("5", 5),
            ("90s", 90),
            ("5m", 300),
            ("2h", 7200),
            ("30d", 2_592_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "0",
            "m",
            "5x",
            "-1",
            "1.5h",
            "366d",
            "99999999999999999999d",
            "5µ",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_plain() {
        assert!(grant_name("Acme-1_x.y").is_ok());
        for name in ["", ".x", "a b", "a/b", "ä", &"x".repeat(101)] {
            assert!(grant_name(name).is_err(), "{name}");
        }
    }
}
