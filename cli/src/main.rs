//! The `concur-oauth` command.
#![forbid(unsafe_code)]

mod args;
mod emulator;
mod failure;
mod native;
mod output;
mod password;
mod signal;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    let result = args::parse().and_then(|command| match command {
        Command::Native(args) => native::run(args),
        Command::Emulator(args) => emulator::run(&args),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
