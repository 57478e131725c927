//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::failure::Failure;

/// Access tokens for SAP Concur.
#[derive(Debug, Parser)]
#[command(
    name = "concur-oauth",
    version,
    after_help = "Exit status: 0 done, 1 network, server or local trouble, 2 usage or bad input (nothing was \
                  sent), 3 refused by Concur."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Get a token by the Native flow: a user's login ID and password.
    Native(NativeArgs),
    /// Run an emulator of Concur on this machine, to try clients on.
    Emulator(EmulatorArgs),
}

/// The password is read from `CONCUR_PASSWORD`, from standard input with `--password-stdin`, or from
/// a prompt; never from the command line, where every user of the machine could read it.
#[derive(Debug, Args)]
#[command(
    after_help = "The password is never an argument: set CONCUR_PASSWORD, use \
                        --password-stdin, or answer the prompt."
)]
pub(crate) struct NativeArgs {
    /// The application's consumer key.
    #[arg(
        long,
        value_name = "KEY",
        env = "CONCUR_CONSUMER_KEY",
        hide_env_values = true
    )]
    pub(crate) consumer_key: Option<String>,

    /// The user's login ID.
    #[arg(
        long,
        value_name = "ID",
        env = "CONCUR_LOGIN_ID",
        hide_env_values = true
    )]
    pub(crate) login_id: Option<String>,

    /// Read the password from standard input: all of it, less one line end.
    #[arg(long)]
    pub(crate) password_stdin: bool,

    /// Where to ask: scheme and host.
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://www.concursolutions.com"
    )]
    pub(crate) server: String,

    /// Trust the certificates in this file besides the platform's.
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Give up after this long, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) timeout: u64,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Ask an emulator, started for this one exchange, with the account of Concur's documentation.
    #[arg(long)]
    pub(crate) emulator: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object: `access_token`, `expires_at`, `refresh_token`, `instance_url`.
    Json,
    /// One header line, for the next request.
    Header,
}

#[derive(Debug, Args)]
pub(crate) struct EmulatorArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Speak plain http in place of TLS.
    #[arg(long)]
    pub(crate) plain_http: bool,

    /// Write the certificate authority that clients are to trust to this file, in PEM.
    #[arg(long, value_name = "FILE", conflicts_with = "plain_http")]
    pub(crate) ca_out: Option<PathBuf>,
}

/// Reads the command line. Help and version are printed and end the process.
pub(crate) fn parse() -> Result<Command, Failure> {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => return Err(usage(&error)),
    };
    if let Some(("native", native)) = matches.subcommand() {
        let typed = |name: &&&str| native.value_source(name) == Some(ValueSource::CommandLine);
        let own_account = [
            "consumer_key",
            "login_id",
            "password_stdin",
            "server",
            "ca_file",
        ];
        if let (true, Some(name)) = (native.get_flag("emulator"), own_account.iter().find(typed)) {
            return Err(Failure::usage(format!(
                "--emulator brings its own account and address: leave out --{}",
                name.replace('_', "-")
            )));
        }
    }
    let cli = Cli::from_arg_matches(&matches).map_err(|error| usage(&error))?;
    Ok(cli.command)
}

/// Clap's complaint in one line, made of the names of our own options and of no word that was typed
/// for one: it may be a password.
fn usage(error: &clap::Error) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let arguments = context(ContextKind::InvalidArg);
    let first = arguments.first().map_or("", String::as_str);
    let option = first.split(['=', ' ']).next().unwrap_or_default();
    let is_option = option.starts_with("--");
    Failure::usage(match error.kind() {
        ErrorKind::UnknownArgument if option.starts_with("--password") => {
            "the password is never an argument: set CONCUR_PASSWORD, use --password-stdin, or \
             answer the prompt"
                .to_owned()
        }
        ErrorKind::UnknownArgument => match context(ContextKind::SuggestedArg).as_slice() {
            [] => "there is no such option or argument: see --help".to_owned(),
            similar => format!("there is no such option: perhaps {}", similar.join(" or ")),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if is_option => {
            match context(ContextKind::ValidValue).as_slice() {
                [] if context(ContextKind::InvalidValue) == [""] => {
                    format!("{option} needs a value: see --help")
                }
                [] => format!("{option} does not take this value: see --help"),
                values => format!("{option} takes one of {}", values.join(", ")),
            }
        }
        ErrorKind::TooManyValues if is_option => format!("{option} takes no value"),
        ErrorKind::ArgumentConflict if is_option => {
            let others = context(ContextKind::PriorArg);
            if others.iter().any(|other| other.starts_with(option)) {
                format!("{option} is given twice: give it once")
            } else {
                format!("{option} cannot stand beside {}", others.join(", "))
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "no command given: see --help".to_owned()
        }
        ErrorKind::InvalidUtf8 => {
            "an argument or a CONCUR_ variable is not valid UTF-8: give it in UTF-8".to_owned()
        }
        _ => "there is no such command or argument: see --help".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        super::Cli::command().debug_assert();
    }
}
