//! Errors of the command line, in one line.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;
use crate::secret::Secret;

/// Writes clap's error in one line. It contains the names of our own options and no word that was typed in place of
/// one, because that can be a password.
pub(super) fn usage(error: &clap::Error) -> Failure {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    let arguments = context(ContextKind::InvalidArg);
    let first = arguments.first().map_or("", String::as_str);
    let option = first.split(['=', ' ']).next().unwrap_or_default();
    let is_option = option.starts_with("--");
    // What is so near to one of our names that clap suggests it is a slip, and no secret.
    let mut near = [
        context(ContextKind::SuggestedArg),
        context(ContextKind::SuggestedSubcommand),
    ]
    .concat();
    if is_secretive(option) {
        // An option that is meant for a secret gets no suggestion of another kind.
        near.retain(|name| is_secretive(name));
    }
    if option.ends_with("-proxy") && !option.contains("no") {
        // Not the opposite, which is as near.
        near = vec!["--proxy".to_owned()];
    }
    let of_v0 = matches!(
        error.get(ContextKind::Usage),
        Some(ContextValue::StyledStr(usage)) if usage.to_string().contains("concur-oauth v0 ")
    );
    let secret = Secret::of_option(option, of_v0);
    Failure::usage(match error.kind() {
        ErrorKind::UnknownArgument if secret.is_some() => {
            secret.map_or(String::new(), Secret::never_an_argument)
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand if !near.is_empty() => {
            let what = if near.iter().any(|name| name.starts_with('-')) {
                "option"
            } else {
                "command"
            };
            format!("there is no such {what}: perhaps {}", near.join(" or "))
        }
        ErrorKind::UnknownArgument if option.ends_with("-stdin") => {
            "this command does not take that from standard input: see --help".to_owned()
        }
        ErrorKind::UnknownArgument if is_secretive(option) => {
            "secrets are never arguments: see --help".to_owned()
        }
        ErrorKind::UnknownArgument => "there is no such option or argument: see --help".to_owned(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if first.starts_with("<NAME>") => {
            format!("NAME takes {}", what_it_takes("--save"))
        }
        ErrorKind::InvalidValue if first.starts_with('<') => {
            let values = context(ContextKind::ValidValue);
            format!("{first} takes one of {}", values.join(", "))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if is_option => {
            match context(ContextKind::ValidValue).as_slice() {
                [] if context(ContextKind::InvalidValue) == [""] => {
                    format!("{option} needs a value: see --help")
                }
                [] => format!("{option} takes {}", what_it_takes(option)),
                values => format!("{option} takes one of {}", values.join(", ")),
            }
        }
        ErrorKind::TooManyValues if is_option => format!("{option} takes no value"),
        ErrorKind::ArgumentConflict if is_option => {
            let others = context(ContextKind::PriorArg);
            if others.iter().any(|other| other.starts_with(option)) {
                format!("{option} is given twice: give it once")
            } else {
                format!("{option} cannot stand beside {}", others.join(", "))
            }
        }
        ErrorKind::MissingRequiredArgument if is_option || first.starts_with('<') => {
            format!("{option} is missing: see --help")
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            "no command given: see --help".to_owned()
        }
        ErrorKind::InvalidUtf8 => {
            "an argument or a CONCUR_ variable is not valid UTF-8: give it in UTF-8".to_owned()
        }
        _ => "there is no such command or argument: see --help".to_owned(),
    })
}

/// Returns whether an option may be followed by a secret.
fn is_secretive(option: &str) -> bool {
    let option = option.to_lowercase();
    let words = ["secret", "token", "password"];
    words.iter().any(|word| option.contains(word))
}

fn what_it_takes(option: &str) -> &'static str {
    match option {
        "--listen" => "an address and a port, such as 127.0.0.1:8080",
        "--min-life" | "--every" | "--token-lifetime" => {
            "seconds, or a number with s, m, h or d, such as 5m, and at most 365d"
        }
        "--save" => "1 to 100 of A-Z, a-z, 0-9, `.`, `_` and `-`, and no dot first",
        "--timeout" | "--wait" => "seconds, from 1 to 86400",
        _ => "another value: see --help",
    }
}
