//! What several commands take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use concur_oauth::ConsumerKey;

use crate::failure::Failure;

/// Which application it is.
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

/// Which Concur is asked, and how.
#[derive(Debug, Args)]
pub(crate) struct Concur {
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

    /// Give up on an answer after this long, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(crate) timeout: u64,

    /// Ask an emulator, started for this one command, with the account of Concur's documentation.
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
