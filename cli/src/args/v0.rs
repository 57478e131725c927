//! The command line of the newer service.

use clap::{Args, Subcommand};
use concur_oauth::v0::{self, ClientId};
use concur_oauth::{Application, BaseUrl, Scope};

use super::{BrowserArgs, ClientArgs, Format, ListFormat, SaveArgs};
use crate::failure::Failure;
use crate::secret::CLIENT_SECRET;

/// Tokens of the newer service, `/oauth2/v0`, which new applications use.
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = false,
    after_help = "Secrets are never arguments: set CONCUR_CLIENT_SECRET and the variable that a command names (one \
                  of them can come on standard input), or answer the prompts.\n\n\
                  Example: concur-oauth v0 company --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --company-uuid 2a09b1ba-125f-4e4c-a8ef-f48a018583cc --format json"
)]
pub(crate) struct V0Args {
    #[command(subcommand)]
    pub(crate) command: V0Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum V0Command {
    Password(PasswordArgs),
    Company(CompanyArgs),
    ClientCredentials(ClientCredentialsArgs),
    Web(WebArgs),
    Otp(OtpArgs),
    Refresh(RefreshArgs),
    Revoke(RevokeArgs),
    Migrate(MigrateArgs),
    IdToken(IdTokenArgs),
}

/// Get a user's token for a login ID and a password.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 password --client-id <ID> --server <URL> --username <ID> [OPTIONS]\n       \
                      concur-oauth v0 password --emulator",
    after_help = "Secrets: CONCUR_CLIENT_SECRET, CONCUR_PASSWORD.\n\n\
                  Example: concur-oauth v0 password --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --server https://us2.api.concursolutions.com --username jo@example.com"
)]
pub(crate) struct PasswordArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// The user's login ID, or UUID.
    #[arg(
        long,
        value_name = "ID",
        env = "CONCUR_USERNAME",
        hide_env_values = true
    )]
    pub(crate) username: Option<String>,

    /// Read the password from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "client_secret_stdin")]
    pub(crate) password_stdin: bool,

    #[command(flatten)]
    pub(crate) scopes: ScopeArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Get a token for a company's or a user's request token.
///
/// An administrator makes a company request token in Concur, for one application. It is valid for 24 hours.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 company --client-id <ID> --company-uuid <UUID> [OPTIONS]\n       \
                      concur-oauth v0 company --emulator",
    after_help = "Secrets: CONCUR_CLIENT_SECRET, CONCUR_REQUEST_TOKEN.\n\n\
                  Example: concur-oauth v0 company --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --company-uuid 2a09b1ba-125f-4e4c-a8ef-f48a018583cc --format json"
)]
pub(crate) struct CompanyArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// The company's UUID, or the ID of the user that the request token is for.
    #[arg(
        long,
        value_name = "UUID",
        env = "CONCUR_COMPANY_UUID",
        hide_env_values = true
    )]
    pub(crate) company_uuid: Option<String>,

    /// Read the request token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "client_secret_stdin")]
    pub(crate) request_token_stdin: bool,

    #[command(flatten)]
    pub(crate) scopes: ScopeArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Get a token of the application itself.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 client-credentials --client-id <ID> --server <URL> [OPTIONS]\n       \
                      concur-oauth v0 client-credentials --emulator",
    after_help = "Secret: CONCUR_CLIENT_SECRET. The token is valid in the data center that granted it.\n\n\
                  Example: concur-oauth v0 client-credentials --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --server https://eu2.api.concursolutions.com --format header"
)]
pub(crate) struct ClientCredentialsArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    #[command(flatten)]
    pub(crate) scopes: ScopeArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Get a user's token by a browser: the user signs in and consents.
///
/// The redirect URI must be registered with Concur for the application. The browser returns to the command, which listens
/// where the redirect URI leads.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 web --client-id <ID> --redirect-uri <URI> [OPTIONS]\n       \
                      concur-oauth v0 web --emulator",
    after_help = "Secret: CONCUR_CLIENT_SECRET.\n\n\
                  Example: concur-oauth v0 web --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --redirect-uri http://localhost:8976/back --scope user.read"
)]
pub(crate) struct WebArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// The registered redirect URI: plain http to this machine. By default it is `http://`, what --listen says, and `/`.
    #[arg(long, value_name = "URI", conflicts_with = "listen")]
    pub(crate) redirect_uri: Option<String>,

    #[command(flatten)]
    pub(crate) browser: BrowserArgs,

    #[command(flatten)]
    pub(crate) scopes: ScopeArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Get a user's token by a one-time password, which Concur mails.
///
/// With `CONCUR_OTP` set nothing is mailed: that password is exchanged. It can be the whole link of the mail.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 otp --client-id <ID> --server <URL> --email <ADDRESS> [OPTIONS]\n       \
                      concur-oauth v0 otp --emulator",
    after_help = "Secrets: CONCUR_CLIENT_SECRET, CONCUR_OTP.\n\n\
                  Example: concur-oauth v0 otp --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --server https://us2.api.concursolutions.com --email jo@example.com"
)]
pub(crate) struct OtpArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// The user's e-mail address.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "CONCUR_EMAIL",
        hide_env_values = true
    )]
    pub(crate) email: Option<String>,

    /// Read the one-time password from standard input, after it was mailed: all of it, less one line end.
    #[arg(long, conflicts_with = "client_secret_stdin")]
    pub(crate) otp_stdin: bool,

    #[command(flatten)]
    pub(crate) scopes: ScopeArgs,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Get a new access token for a refresh token, and perhaps a new refresh token.
///
/// The request goes to the token's own data center, its geolocation: give that as `--server`. Store the refresh token that is
/// printed: the old one may work no longer.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 refresh --client-id <ID> --server <URL> [OPTIONS]\n       \
                      concur-oauth v0 refresh --emulator",
    after_help = "Secrets: CONCUR_CLIENT_SECRET, CONCUR_REFRESH_TOKEN.\n\n\
                  Example: concur-oauth v0 refresh --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --server https://us2.api.concursolutions.com --format json"
)]
pub(crate) struct RefreshArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// Read the refresh token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "client_secret_stdin")]
    pub(crate) refresh_token_stdin: bool,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the token.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// End all connections of one user or company to the application.
///
/// It is authorized by an access token of that user or company, and ends every refresh token, those of the application's
/// other installations included.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 revoke --server <URL> [OPTIONS]\n       \
                      concur-oauth v0 revoke --emulator",
    after_help = "Secret: CONCUR_ACCESS_TOKEN.\n\n\
                  Example: concur-oauth v0 revoke --server https://us2.api.concursolutions.com"
)]
pub(crate) struct RevokeArgs {
    /// Read the access token from standard input: all of it, less one line end.
    #[arg(long)]
    pub(crate) access_token_stdin: bool,

    #[command(flatten)]
    pub(crate) concur: V0Concur,
}

/// Move over: exchange a token of the older service for a refresh token of the newer one.
///
/// The new application's own token authorizes it, and is gotten first. The refresh token is not used yet. It is printed, or with --save
/// stored: then `concur-oauth token` begins with it.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 migrate --client-id <ID> --consumer-key <KEY> --server <URL> [OPTIONS]\n       \
                      concur-oauth v0 migrate --emulator",
    after_help = "Secrets: CONCUR_CLIENT_SECRET, and the old token in CONCUR_ACCESS_TOKEN.\n\n\
                  Example: concur-oauth v0 migrate --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --consumer-key hj7683jslks93lalkjss93 --server https://us2.api.concursolutions.com"
)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) application: V0ApplicationArgs,

    /// The old application's consumer key.
    #[arg(
        long,
        value_name = "KEY",
        env = "CONCUR_CONSUMER_KEY",
        hide_env_values = true
    )]
    pub(crate) consumer_key: Option<String>,

    /// Get a refresh token of the company: the old token is of a Web Services Administrator.
    #[arg(long)]
    pub(crate) company: bool,

    /// Read the old access token from standard input: all of it, less one line end.
    #[arg(long, conflicts_with = "client_secret_stdin")]
    pub(crate) access_token_stdin: bool,

    #[command(flatten)]
    pub(crate) save: SaveArgs,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the refresh token.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// Verify an ID token, and print what it claims.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth v0 id-token --client-id <ID> --server <URL> [OPTIONS]\n       \
                      concur-oauth v0 id-token --emulator",
    after_help = "The ID token: CONCUR_ID_TOKEN. Exit status 3 where it is not valid.\n\n\
                  Example: concur-oauth v0 id-token --client-id 3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11 \
                  --server https://us2.api.concursolutions.com --format json"
)]
pub(crate) struct IdTokenArgs {
    #[command(flatten)]
    pub(crate) id: ClientIdArg,

    /// Read the ID token from standard input: all of it, less one line end.
    #[arg(long)]
    pub(crate) id_token_stdin: bool,

    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print the claims.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// The application.
#[derive(Debug, Args)]
pub(crate) struct ClientIdArg {
    /// The application's client ID.
    #[arg(
        long,
        value_name = "ID",
        env = "CONCUR_CLIENT_ID",
        hide_env_values = true
    )]
    client_id: Option<String>,
}

impl ClientIdArg {
    pub(crate) fn read(self) -> Result<ClientId, Failure> {
        let id = self.client_id.ok_or_else(|| {
            Failure::usage("no client ID: give --client-id or set CONCUR_CLIENT_ID")
        })?;
        Ok(ClientId::new(id)?)
    }
}

/// The application with its secret.
#[derive(Debug, Args)]
pub(crate) struct V0ApplicationArgs {
    #[command(flatten)]
    id: ClientIdArg,

    /// Read the client secret from standard input: all of it, less one line end.
    #[arg(long)]
    client_secret_stdin: bool,
}

impl V0ApplicationArgs {
    pub(crate) fn read(self) -> Result<Application, Failure> {
        let id = self.id.read()?;
        let mut secret = CLIENT_SECRET.read(self.client_secret_stdin)?;
        Ok(Application::new(id, std::mem::take(&mut *secret))?)
    }
}

/// What to ask for.
#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// Ask for these scopes alone, such as user.read: once for each, or with commas.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Vec<String>,
}

impl ScopeArgs {
    pub(crate) fn read(self) -> Result<Vec<Scope>, Failure> {
        let scopes: Result<Vec<_>, _> = self.scopes.into_iter().map(Scope::new).collect();
        Ok(scopes?)
    }
}

/// Where the newer service is, and how it is asked.
#[derive(Debug, Args)]
pub(crate) struct V0Concur {
    /// The data center to ask: scheme and host, such as `https://us2.api.concursolutions.com`. `company`, `web` and
    /// `doctor` ask `https://glz.api.concursolutions.com` by default.
    #[arg(
        long,
        value_name = "URL",
        env = "CONCUR_SERVER",
        hide_env_values = true
    )]
    server: Option<String>,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

impl V0Concur {
    /// Returns the data center to ask.
    pub(crate) fn base_url(&self, default: Option<&BaseUrl>) -> Result<BaseUrl, Failure> {
        let base_url = match (&self.server, default) {
            (Some(server), _) => server.parse()?,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                return Err(Failure::usage(
                    "no data center: give --server, such as https://us2.api.concursolutions.com, or set CONCUR_SERVER",
                ));
            }
        };
        v0::check_base_url(&base_url)?;
        Ok(base_url)
    }
}
