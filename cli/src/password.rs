//! Where the password comes from.

use std::io::{IsTerminal, Read};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::signal;

const VARIABLE: &str = "CONCUR_PASSWORD";

/// More than any password, in bytes.
const MAX: usize = 65_536;

/// Reads the password from standard input if asked to, else from the environment, else by a prompt
/// that does not echo.
pub(crate) fn read(from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
    let is_terminal = std::io::stdin().is_terminal();
    if from_stdin && is_terminal {
        return Err(Failure::usage(
            "standard input is a terminal, which would show the password: leave out \
             --password-stdin, and a prompt will not",
        ));
    }
    if from_stdin {
        return read_stdin();
    }
    match std::env::var(VARIABLE) {
        Ok(password) => return Ok(Zeroizing::new(password)),
        Err(std::env::VarError::NotUnicode(_)) => {
            return Err(Failure::usage(format!(
                "{VARIABLE} is not valid UTF-8: set it again in UTF-8"
            )));
        }
        Err(std::env::VarError::NotPresent) => {}
    }
    // A script that forgot the password should hear of it, and not wait at a prompt.
    if !is_terminal {
        return Err(Failure::usage(format!(
            "no password: set {VARIABLE}, use --password-stdin, or run it in a terminal"
        )));
    }
    let unasked = |error| {
        Failure::usage(format!(
            "no password from the prompt: try again, or set {VARIABLE} ({error})"
        ))
    };
    signal::keep_terminal().map_err(unasked)?;
    rpassword::prompt_password("Password: ")
        .map(Zeroizing::new)
        .map_err(|error| {
            if error.kind() == std::io::ErrorKind::Interrupted {
                // The prompt sends the signal on, and that ends the process, with its line.
                std::thread::sleep(Duration::from_secs(1));
                return Failure::interrupted();
            }
            // It may have ended in the middle of the prompt's line.
            eprintln!();
            unasked(error)
        })
}

fn read_stdin() -> Result<Zeroizing<String>, Failure> {
    // Sized at once, so that it never grows and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX + 1));
    std::io::stdin()
        .lock()
        .take(MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
    if bytes.len() > MAX {
        return Err(Failure::usage(
            "the password on standard input is too long: give it alone",
        ));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::usage("the password on standard input is not valid UTF-8: give it in UTF-8")
    })?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Zeroizing::new(line.to_owned()))
}
