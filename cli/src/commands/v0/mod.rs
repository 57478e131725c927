//! `concur-oauth v0`: the newer service, one file for each command.

mod client_credentials;
mod company;
mod id_token;
mod migrate;
mod otp;
mod password;
mod refresh;
mod revoke;
mod web;

use crate::args::v0::V0Command;
use crate::failure::Failure;

pub(crate) fn run(command: V0Command) -> Result<(), Failure> {
    match command {
        V0Command::Password(args) => password::run(args),
        V0Command::Company(args) => company::run(args),
        V0Command::ClientCredentials(args) => client_credentials::run(args),
        V0Command::Web(args) => web::run(args),
        V0Command::Otp(args) => otp::run(args),
        V0Command::Refresh(args) => refresh::run(args),
        V0Command::Revoke(args) => revoke::run(&args),
        V0Command::Migrate(args) => migrate::run(args),
        V0Command::IdToken(args) => id_token::run(args),
    }
}
