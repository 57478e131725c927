//! Options of `concur-oauth doctor`.

use clap::Args;

use super::ListFormat;
use super::v0::V0Concur;

/// Find out what stands between this machine and Concur, without an account.
///
/// It looks the host up, connects with TLS through the proxy that would be used, compares the clocks, and asks for a token with an
/// application that does not exist, which Concur must refuse. Each line that is BAD says what to do.
#[derive(Debug, Args)]
#[command(
    override_usage = "concur-oauth doctor [--server <URL>] [OPTIONS]\n       \
                      concur-oauth doctor --emulator",
    after_help = "Exit status: 0 where all is well, 1 where something must be mended.\n\n\
                  Example: concur-oauth doctor --server https://us2.api.concursolutions.com"
)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) concur: V0Concur,

    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}
