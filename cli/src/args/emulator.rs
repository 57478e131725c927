//! Options of `concur-oauth emulator`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::keeper::duration;

/// Run an emulator of Concur on this machine, to try clients on.
///
/// Its index page, at `/`, shows what is here and what was asked. Faults, the clock and tokens are set there, or from a test in any
/// language by HTTP, under `/_emulator/`.
#[derive(Debug, Args)]
#[command(
    after_help = "Faults: delay=5s, drip=100ms, cut-off, reset, oversize=100000, redirect=URL, unavailable, status=503, chunked, \
                  wrong-length=10, refuse, stall; then, after commas, next=3, at=3 or always, path=/oauth2/v0/token, and for a status \
                  retry-after=30.\n\n\
                  Example: concur-oauth emulator --listen 127.0.0.1:8443 --ca-out ca.pem --fault status=503,next=2"
)]
pub(crate) struct EmulatorArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Speak plain http in place of TLS.
    #[arg(long)]
    pub(crate) plain_http: bool,

    /// Write the certificate authority that clients must trust to this new file, in PEM.
    #[arg(long, value_name = "FILE", conflicts_with = "plain_http")]
    pub(crate) ca_out: Option<PathBuf>,

    /// Use the applications, users and connection requests of this JSON file in place of the sample account.
    #[arg(long, value_name = "FILE")]
    pub(crate) accounts: Option<PathBuf>,

    /// Begin with this fault, such as `status=503,next=3`. May be given again for more.
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<String>,

    /// Set the clock: a time such as 2026-12-01T00:00:00Z, or how far it is ahead, such as +30d, or behind.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) clock: Option<String>,

    /// How long access tokens live: seconds, or a number with s, m, h or d. By default an hour, and a year in the older service.
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) token_lifetime: Option<Duration>,

    /// What a refresh does to the refresh token.
    #[arg(long, value_enum, default_value_t = RotationArg::Same)]
    pub(crate) rotation: RotationArg,

    /// Stand for these data centers at once, on a port each, such as glz,us2,eu2.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) data_centers: Vec<String>,

    /// Call the emulator by this URL in the tokens that it gives, where clients reach it by another name than localhost.
    #[arg(long, value_name = "URL", conflicts_with = "data_centers")]
    pub(crate) public_url: Option<String>,

    /// Write a line for each request to standard error: what was asked, and what came of it, without a secret.
    #[arg(long)]
    pub(crate) log: bool,

    /// Let each machine that reaches the emulator control it, such as the host of its container: by default, this machine alone can.
    #[arg(long)]
    pub(crate) control_from_anywhere: bool,
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RotationArg {
    /// It stays the same.
    Same,
    /// A new one comes, and the old ones stay valid.
    KeepOld,
    /// A new one comes, and the one before stays valid until the next comes.
    KeepLastTwo,
    /// A new one comes, and the old ones are refused.
    RefuseOld,
    /// A new one comes; an old one that is used again ends them all.
    KillOld,
}
