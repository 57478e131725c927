//! `concur-oauth completions` and `concur-oauth man`.

use crate::args::{self, CompletionsArgs, ManArgs};
use crate::failure::Failure;
use crate::output;

pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut args::description(),
        "concur-oauth",
        &mut script,
    );
    let script = String::from_utf8_lossy(&script);
    output::line(script.trim_end()).map_err(|failure| failure.and("check where it goes"))
}

pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(args::description(), folder))
        .map_err(|error| Failure::trouble(format!("cannot write to {}: {error}", folder.display())))
}
