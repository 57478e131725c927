//! The `concur-oauth` command.
#![forbid(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod say;

mod args;
mod browser;
mod commands;
mod connect;
mod database_url;
mod failure;
mod keeper;
mod mask;
mod output;
mod proxy;
mod secret;
mod signal;
mod store;

use std::process::ExitCode;

use args::Command;
use commands::{
    auto_connect, doctor, emulator, forget, generate, grants, keep_alive, native, refresh, revoke,
    token, v0, web,
};

fn main() -> ExitCode {
    let result = args::parse().and_then(|command| match command {
        Command::Native(args) => native::run(args),
        Command::Web(args) => web::run(args),
        Command::Refresh(args) => refresh::run(args),
        Command::Revoke(args) => revoke::run(args),
        Command::AutoConnect(args) => auto_connect::run(args),
        Command::V0(args) => v0::run(args.command),
        Command::Token(args) => token::run(args),
        Command::Grants(args) => grants::run(&args),
        Command::Forget(args) => forget::run(&args),
        Command::KeepAlive(args) => keep_alive::run(args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Emulator(args) => emulator::run(&args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man(args) => generate::man(&args),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
