//! Options of several commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use concur_oauth::{Application, ConsumerKey};

use crate::failure::Failure;
use crate::secret::CONSUMER_SECRET;

/// The application.
#[derive(Debug, Args)]
pub(crate) struct ConsumerKeyArg {
    /// The application's consumer key.
    #[arg(
        long,
        value_name = "KEY",
        env = "CONCUR_CONSUMER_KEY",
        hide_env_values = true
    )]
    consumer_key: Option<String>,
}

impl ConsumerKeyArg {
    pub(crate) fn read(self) -> Result<ConsumerKey, Failure> {
        let key = self.consumer_key.ok_or_else(|| {
            Failure::usage("no consumer key: give --consumer-key or set CONCUR_CONSUMER_KEY")
        })?;
        Ok(ConsumerKey::new(key)?)
    }
}

/// The application with its secret.
#[derive(Debug, Args)]
pub(crate) struct ApplicationArgs {
    #[command(flatten)]
    key: ConsumerKeyArg,

    /// Read the consumer secret from standard input: all of it, less one line end.
    #[arg(long)]
    consumer_secret_stdin: bool,
}

impl ApplicationArgs {
    pub(crate) fn read(self) -> Result<Application, Failure> {
        let key = self.key.read()?;
        let mut secret = CONSUMER_SECRET.read(self.consumer_secret_stdin)?;
        Ok(Application::new(key, std::mem::take(&mut *secret))?)
    }
}

/// Where the older service is, and how it is asked.
#[derive(Debug, Args)]
pub(crate) struct Concur {
    /// The base URL to ask: scheme and host.
    #[arg(
        long,
        value_name = "URL",
        env = "CONCUR_SERVER",
        hide_env_values = true,
        default_value = "https://www.concursolutions.com"
    )]
    pub(crate) server: String,

    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

/// How Concur is asked.
#[derive(Debug, Args)]
pub(crate) struct ClientArgs {
    /// Trust the certificates in this file besides the platform's.
    #[arg(long, value_name = "PEM")]
    pub(crate) ca_file: Option<PathBuf>,

    /// Go through this HTTP proxy, such as `http://proxy.example:3128`.
    ///
    /// By default the variables `https_proxy`, `HTTPS_PROXY`, `all_proxy` and `ALL_PROXY` say which, and `no_proxy` and
    /// `NO_PROXY` which hosts are reached without it. This machine is always reached without it.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,

    /// Ask for the proxy's user name and password. `CONCUR_PROXY_AUTH` can hold them instead, as `USER:PASSWORD`.
    #[arg(long, conflicts_with = "no_proxy")]
    pub(crate) proxy_auth: bool,

    /// Use no proxy, whatever the variables say.
    #[arg(long, conflicts_with = "proxy")]
    pub(crate) no_proxy: bool,

    /// The deadline of each exchange, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) timeout: u64,

    /// Ask an emulator that is started for this one command, with the account of Concur's documentation.
    #[arg(long)]
    pub(crate) emulator: bool,
}

/// How a user's browser is waited for.
#[derive(Debug, Args)]
pub(crate) struct BrowserArgs {
    /// Where the user returns to: a loopback address and a port; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Print the URL, and open no browser.
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Wait this long for the user, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 300,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) wait: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object, with `null` for what Concur did not give.
    Json,
    /// One header field, for the next request.
    Header,
}

/// A format that leaves nothing out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Text,
    /// One JSON object a line, with `null` for what Concur did not give.
    Json,
}

impl From<ListFormat> for Format {
    fn from(format: ListFormat) -> Self {
        match format {
            ListFormat::Text => Self::Text,
            ListFormat::Json => Self::Json,
        }
    }
}
