//! The command line.

mod doctor;
mod emulator;
mod keeper;
mod shared;
mod usage;
pub(crate) mod v0;

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::database_url::has_password;
use crate::failure::Failure;
pub(crate) use doctor::DoctorArgs;
pub(crate) use emulator::{EmulatorArgs, RotationArg};
pub(crate) use keeper::{
    ForgetArgs, GrantsArgs, KeepAliveArgs, RenewalArgs, SaveArgs, StoreArgs, TokenArgs,
    TokenFormat, duration,
};
pub(crate) use shared::{
    ApplicationArgs, BrowserArgs, ClientArgs, Concur, ConsumerKeyArg, Format, ListFormat,
};
use usage::usage;

/// Access tokens for SAP Concur.
#[derive(Debug, Parser)]
#[command(
    name = "concur-oauth",
    version,
    after_help = "Exit status: 0 done; 1 trouble that no retry mends; 2 usage or bad input, nothing was sent; \
                  3 refused by Concur or its user; 75 trouble that is worth another try later."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Native(NativeArgs),
    Web(WebArgs),
    Refresh(RefreshArgs),
    Revoke(RevokeArgs),
    AutoConnect(AutoConnectArgs),
    V0(v0::V0Args),
    Token(TokenArgs),
    Grants(GrantsArgs),
    Forget(ForgetArgs),
    KeepAlive(KeepAliveArgs),
    Doctor(DoctorArgs),
    Emulator(EmulatorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Get a token by the Native flow: a user's login ID and password.
///
/// The password is read from `CONCUR_PASSWORD`, from standard input with `--password-stdin`, or from
/// a prompt. It is never an argument, where every user of the machine could read it.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth native --consumer-key <KEY> --login-id <ID> [OPTIONS]\n       \
                      concur-oauth native --emulator",
    after_help = "The password is never an argument: set CONCUR_PASSWORD, use \
                        --password-stdin, or answer the prompt.\n\n\
                        Example: concur-oauth native --consumer-key hj7683jslks93lalkjss93 \
                        --login-id jo@example.com --format json"
)]
pub(crate) struct NativeArgs {
    #[command(flatten)]
    pub(crate) key: ConsumerKeyArg,

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

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Get a token by the Web flow: a user signs in and consents in a browser.
///
/// The command opens a browser at Concur, where the user signs in and consents. The browser returns to the command,
/// which prints the token.
///
/// The redirect URI is `http://`, the address that is listened on, and `/`.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth web --consumer-key <KEY> --scope <SCOPE> [OPTIONS]\n       \
                      concur-oauth web --emulator",
    after_help = "The consumer secret is never an argument: set CONCUR_CONSUMER_SECRET, use \
                        --consumer-secret-stdin, or answer the prompt.\n\n\
                        Example: concur-oauth web --consumer-key VDV5Y532NafpmDLtbve7Md --scope EXPRPT,ITINER"
)]
pub(crate) struct WebArgs {
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,

    /// What to ask for, such as EXPRPT: once for each, or with commas.
    #[arg(
        long = "scope",
        value_name = "SCOPE",
        value_delimiter = ',',
        required_unless_present = "emulator"
    )]
    pub(crate) scopes: Vec<String>,

    #[command(flatten)]
    pub(crate) browser: BrowserArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Get a new token for an old one's refresh token.
///
/// The request goes to the user's own base URL: give that as `--server`.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth refresh --consumer-key <KEY> [OPTIONS]\n       \
                      concur-oauth refresh --emulator",
    after_help = "Secrets are never arguments: set CONCUR_CONSUMER_SECRET and CONCUR_REFRESH_TOKEN (one of \
                        them can come on standard input), or answer the prompts.\n\n\
                        Example: concur-oauth refresh --consumer-key VDV5Y532NafpmDLtbve7Md \
                        --server https://eu1.concursolutions.com --format json"
)]
pub(crate) struct RefreshArgs {
    #[command(flatten)]
    pub(crate) application: ApplicationArgs,

    /// Read the refresh token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "consumer_secret_stdin")]
    pub(crate) refresh_token_stdin: bool,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Revoke one access token, or all that a user granted to an application.
///
/// It needs the token of a Web Services Administrator. The request goes to that token's base URL: give that as
/// `--server`.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth revoke [OPTIONS]\n       \
                      concur-oauth revoke --user <ID> --consumer-key <KEY> [OPTIONS]\n       \
                      concur-oauth revoke --emulator",
    after_help = "Secrets are never arguments: set CONCUR_ADMIN_TOKEN and CONCUR_ACCESS_TOKEN (one of them can \
                        come on standard input), or answer the prompts.\n\n\
                        Example: concur-oauth revoke --user jo@example.com --consumer-key VDV5Y532NafpmDLtbve7Md"
)]
pub(crate) struct RevokeArgs {
    /// Read the administrator's token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "access_token_stdin")]
    pub(crate) admin_token_stdin: bool,

    /// Read the token to be revoked from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "user")]
    pub(crate) access_token_stdin: bool,

    /// Revoke all tokens of the user with this login ID, granted to the application with the consumer key.
    #[arg(long, value_name = "ID")]
    pub(crate) user: Option<String>,

    #[command(flatten)]
    pub(crate) key: ConsumerKeyArg,

    #[command(flatten)]
    pub(crate) concur: Concur,
}

/// Connect a TripLink supplier's users: a round of the Auto-Connect flow.
///
/// Without `--apply` nothing is changed: the pending connection requests are listed, with what would be done.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth auto-connect [--members <FILE>] [OPTIONS]\n       \
                      concur-oauth auto-connect --apply --members <FILE> --consumer-key <KEY> [OPTIONS]\n       \
                      concur-oauth auto-connect --emulator [--apply]",
    after_help = "The file of members has one line for each: the loyalty number, and, if it is to be checked, a \
                        comma and the last name. It has no quotation marks and no other columns. Lines that begin \
                        with # are ignored.\n\n\
                        Secrets are never arguments: set CONCUR_ADMIN_TOKEN and CONCUR_CONSUMER_SECRET (one of \
                        them can come on standard input), or answer the prompts. The consumer secret is only needed \
                        with --apply.\n\n\
                        Example: concur-oauth auto-connect --members members.csv --apply \
                        --consumer-key VDV5Y532NafpmDLtbve7Md"
)]
pub(crate) struct AutoConnectArgs {
    /// Read the administrator's token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "consumer_secret_stdin")]
    pub(crate) admin_token_stdin: bool,

    #[command(flatten)]
    pub(crate) application: ApplicationArgs,

    /// The supplier's members: a file with a line for each.
    #[arg(long, value_name = "FILE")]
    pub(crate) members: Option<PathBuf>,

    /// Run the round: exchange, match, report, and revoke.
    #[arg(long)]
    pub(crate) apply: bool,

    /// How to print the connection requests.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) concur: Concur,
}

/// Print the completions of a shell, to be read by it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: concur-oauth completions bash > ~/.local/share/bash-completion/completions/concur-oauth"
)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Write the man pages of all commands to a folder.
#[derive(Debug, Args)]
#[command(after_help = "Example: concur-oauth man ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The folder, which is made where it does not exist.
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

/// Returns the description of the command line, from which completions and man pages are made.
pub(crate) fn description() -> clap::Command {
    Cli::command()
}

/// Reads the command line. Help and version are printed and end the process.
pub(crate) fn parse() -> Result<Command, Failure> {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => return Err(usage(&error)),
    };
    if let Some((_, command)) = matches.subcommand() {
        // The commands of the newer service are one level down.
        let command = command.subcommand().map_or(command, |(_, command)| command);
        if command.try_get_one("emulator").ok().flatten() == Some(&true) {
            refuse_own_account(command)?;
        } else {
            refuse_empty_variable(command)?;
        }
        refuse_password(command)?;
    }
    let cli = Cli::from_arg_matches(&matches).map_err(|error| usage(&error))?;
    Ok(cli.command)
}

/// Refuses a password among the arguments, which every user of the machine can see.
fn refuse_password(command: &ArgMatches) -> Result<(), Failure> {
    let store = command.try_get_one::<String>("store").ok().flatten();
    let is_argument = || command.value_source("store") == Some(ValueSource::CommandLine);
    if store.is_some_and(|store| has_password(store)) && is_argument() {
        return Err(Failure::usage(
            "a password in --store can be seen by others: set CONCUR_STORE to the URL, or for PostgreSQL name a password file by PGPASSFILE",
        ));
    }
    Ok(())
}

/// Refuses a variable that is set to an empty text, and names it: the error of the value would not.
fn refuse_empty_variable(command: &ArgMatches) -> Result<(), Failure> {
    const VARIABLES: [(&str, &str); 9] = [
        ("store", "CONCUR_STORE"),
        ("store_key_file", "CONCUR_STORE_KEY_FILE"),
        ("client_id", "CONCUR_CLIENT_ID"),
        ("username", "CONCUR_USERNAME"),
        ("company_uuid", "CONCUR_COMPANY_UUID"),
        ("email", "CONCUR_EMAIL"),
        ("consumer_key", "CONCUR_CONSUMER_KEY"),
        ("login_id", "CONCUR_LOGIN_ID"),
        ("server", "CONCUR_SERVER"),
    ];
    let is_empty = |(name, _): &&(&str, &str)| {
        let value = command.try_get_one::<String>(name).ok().flatten();
        value.is_some_and(String::is_empty)
            && command.value_source(name) == Some(ValueSource::EnvVariable)
    };
    match VARIABLES.iter().find(is_empty) {
        Some((_, variable)) => Err(Failure::empty_variable(variable)),
        None => Ok(()),
    }
}

/// Refuses options beside `--emulator` for what it brings itself.
fn refuse_own_account(command: &ArgMatches) -> Result<(), Failure> {
    const OWN: [&str; 22] = [
        "save",
        "client_id",
        "client_secret_stdin",
        "username",
        "company_uuid",
        "request_token_stdin",
        "email",
        "otp_stdin",
        "id_token_stdin",
        "consumer_key",
        "login_id",
        "user",
        "password_stdin",
        "consumer_secret_stdin",
        "refresh_token_stdin",
        "access_token_stdin",
        "admin_token_stdin",
        "members",
        "server",
        "ca_file",
        "proxy",
        "proxy_auth",
    ];
    let typed = |name: &&&str| {
        let known = command.try_contains_id(name).is_ok();
        known && command.value_source(name) == Some(ValueSource::CommandLine)
    };
    match OWN.iter().find(typed) {
        Some(name) => Err(Failure::usage(format!(
            "--emulator brings its own account and address: leave out --{}",
            name.replace('_', "-")
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn command_line_is_consistent() {
        use clap::CommandFactory;
        super::Cli::command().debug_assert();
    }
}
