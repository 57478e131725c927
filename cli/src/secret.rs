//! Reading secrets.

use std::io::{IsTerminal, Read};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::{mask, signal};

/// More than any secret, in bytes.
const MAX: usize = 65_536;

/// A kind of secret, by its name.
#[derive(Debug)]
pub(crate) struct Secret {
    name: &'static str,
    variable: &'static str,
    option: &'static str,
}

pub(crate) const PASSWORD: Secret = Secret {
    name: "password",
    variable: "CONCUR_PASSWORD",
    option: "--password-stdin",
};

pub(crate) const CONSUMER_SECRET: Secret = Secret {
    name: "consumer secret",
    variable: "CONCUR_CONSUMER_SECRET",
    option: "--consumer-secret-stdin",
};

pub(crate) const REFRESH_TOKEN: Secret = Secret {
    name: "refresh token",
    variable: "CONCUR_REFRESH_TOKEN",
    option: "--refresh-token-stdin",
};

pub(crate) const ACCESS_TOKEN: Secret = Secret {
    name: "access token",
    variable: "CONCUR_ACCESS_TOKEN",
    option: "--access-token-stdin",
};

pub(crate) const ADMIN_TOKEN: Secret = Secret {
    name: "administrator's token",
    variable: "CONCUR_ADMIN_TOKEN",
    option: "--admin-token-stdin",
};

pub(crate) const CLIENT_SECRET: Secret = Secret {
    name: "client secret",
    variable: "CONCUR_CLIENT_SECRET",
    option: "--client-secret-stdin",
};

pub(crate) const REQUEST_TOKEN: Secret = Secret {
    name: "request token",
    variable: "CONCUR_REQUEST_TOKEN",
    option: "--request-token-stdin",
};

pub(crate) const OTP: Secret = Secret {
    name: "one-time password",
    variable: "CONCUR_OTP",
    option: "--otp-stdin",
};

pub(crate) const ID_TOKEN: Secret = Secret {
    name: "ID token",
    variable: "CONCUR_ID_TOKEN",
    option: "--id-token-stdin",
};

/// The proxy's. It has no option for standard input: `--proxy-auth` asks for it.
pub(crate) const PROXY_AUTH: Secret = Secret {
    name: "proxy's USER:PASSWORD",
    variable: "CONCUR_PROXY_AUTH",
    option: "--proxy-auth",
};

const ALL: [&Secret; 10] = [
    &CLIENT_SECRET,
    &REQUEST_TOKEN,
    &OTP,
    &ID_TOKEN,
    &PASSWORD,
    &CONSUMER_SECRET,
    &REFRESH_TOKEN,
    &ACCESS_TOKEN,
    &ADMIN_TOKEN,
    &PROXY_AUTH,
];

/// Returns the variables that hold secrets. No program that this command starts needs them.
pub(crate) fn variables() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().map(|secret| secret.variable)
}

impl Secret {
    /// Returns the secret that was given as the value of an option that does not exist, where the commands of this
    /// service take that secret.
    pub(crate) fn of_option(option: &str, of_v0: bool) -> Option<&'static Self> {
        let option = option.replace('_', "-");
        let is_proxys = option.starts_with("--proxy-") && option != PROXY_AUTH.option;
        let is_meant = |secret: &&Self| {
            if is_proxys {
                return secret.option == PROXY_AUTH.option;
            }
            let stem = secret.option.trim_end_matches("-stdin");
            option.starts_with(stem) && option != secret.option
        };
        let others: &[&str] = if of_v0 {
            &[CONSUMER_SECRET.name, ADMIN_TOKEN.name]
        } else {
            &[
                CLIENT_SECRET.name,
                REQUEST_TOKEN.name,
                OTP.name,
                ID_TOKEN.name,
            ]
        };
        let secret = ALL.into_iter().find(is_meant)?;
        (!others.contains(&secret.name)).then_some(secret)
    }

    pub(crate) fn never_an_argument(&self) -> String {
        format!(
            "the {} is never an argument: set {} or answer the prompt; see --help",
            self.name, self.variable
        )
    }

    /// Returns whether the environment has the secret.
    pub(crate) fn is_set(&self) -> bool {
        std::env::var_os(self.variable).is_some()
    }

    /// Refuses, before anything is done, what [`read`](Self::read) would refuse after it.
    pub(crate) fn check_source(&self, from_stdin: bool) -> Result<(), Failure> {
        if from_stdin || self.is_set() || std::io::stdin().is_terminal() {
            return Ok(());
        }
        Err(self.without_source())
    }

    fn without_source(&self) -> Failure {
        let Self {
            name,
            variable,
            option,
        } = self;
        let from_stdin = if option.ends_with("-stdin") {
            format!("give it alone on standard input with {option}, ")
        } else {
            String::new()
        };
        Failure::usage(format!(
            "no {name}: set {variable}, {from_stdin}or run it where standard input is a terminal"
        ))
    }

    /// Reads the secret, and refuses what no secret can be. An empty password is accepted.
    pub(crate) fn read(&self, from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
        let secret = self.find(from_stdin)?;
        let name = self.name;
        if secret.is_empty() && self.option != PASSWORD.option {
            return Err(Failure::usage(format!("the {name} is empty: give one")));
        }
        if secret.chars().any(char::is_control) {
            return Err(Failure::usage(format!(
                "the {name} contains a line end or another control character: give it alone"
            )));
        }
        mask::remember(secret.clone());
        Ok(secret)
    }

    /// Reads the secret from standard input if asked to, or else from the environment, or else by a prompt
    /// without echo.
    fn find(&self, from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
        let Self {
            name,
            variable,
            option,
        } = self;
        let is_terminal = std::io::stdin().is_terminal();
        if from_stdin && is_terminal {
            return Err(Failure::usage(format!(
                "standard input is a terminal, which would show the {name}: leave out {option}, and \
                 a prompt will not"
            )));
        }
        if from_stdin {
            return self.read_stdin();
        }
        match std::env::var(variable) {
            Ok(secret) if secret.is_empty() && *option != PASSWORD.option => {
                return Err(Failure::empty_variable(variable));
            }
            Ok(secret) => return Ok(Zeroizing::new(secret)),
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!(
                    "{variable} is not valid UTF-8: set it again in UTF-8"
                )));
            }
            Err(std::env::VarError::NotPresent) => {}
        }
        // A script that forgot it must get an error, and not wait at a prompt.
        if !is_terminal {
            return Err(self.without_source());
        }
        self.ask()
    }

    fn ask(&self) -> Result<Zeroizing<String>, Failure> {
        let Self { name, variable, .. } = self;
        let unasked = |error| {
            Failure::usage(format!(
                "no {name} from the prompt: try again, or set {variable} ({error})"
            ))
        };
        signal::keep_terminal().map_err(unasked)?;
        let (first, rest) = name.split_at(1);
        let prompt = format!("{}{rest}: ", first.to_uppercase());
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| {
                if error.kind() == std::io::ErrorKind::Interrupted {
                    // The prompt passes the signal on, which ends the process with its own line.
                    std::thread::sleep(Duration::from_secs(1));
                    return Failure::interrupted(
                        "interrupted: nothing was sent",
                        signal::INTERRUPT,
                    );
                }
                // It may have ended in the middle of the prompt's line.
                say!("");
                unasked(error)
            })
    }

    fn read_stdin(&self) -> Result<Zeroizing<String>, Failure> {
        let name = self.name;
        // Sized at once, so that it never grows and leaves a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX + 1));
        std::io::stdin()
            .lock()
            .take(MAX as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
        if bytes.len() > MAX {
            return Err(Failure::usage(format!(
                "the {name} on standard input is too long: give it alone"
            )));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Failure::usage(format!(
                "the {name} on standard input is not valid UTF-8: give it in UTF-8"
            ))
        })?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        Ok(Zeroizing::new(line.to_owned()))
    }
}
