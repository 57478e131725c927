//! `concur-oauth emulator`.

use std::io::Write;
use std::time::SystemTime;

use concur_oauth_emulator::v0::Rotation;
use concur_oauth_emulator::{
    Emulator, FaultRule, SAMPLE_ADMINISTRATOR_LOGIN_ID, SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET,
    SAMPLE_COMPANY_ID, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, SAMPLE_LOGIN_ID,
    SAMPLE_PASSWORD, SAMPLE_REDIRECT_URI, Server, ServerBuilder,
};

use crate::args::{EmulatorArgs, RotationArg};
use crate::failure::Failure;
use crate::{output, signal};

pub(crate) fn run(args: &EmulatorArgs) -> Result<(), Failure> {
    let faults = args.fault.iter().map(|fault| {
        let rule = fault.parse::<FaultRule>();
        rule.map_err(|error| Failure::usage(format!("--fault: {error}")))
    });
    let faults = faults.collect::<Result<Vec<_>, _>>()?;
    let builder = builder(args)?;
    // Before anything is printed, so that Ctrl-C works from the first line on.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("cannot wait for signals: {error}")))?;
    let server = builder.start().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            return Failure::usage(format!(
                "{error}: name it in --data-centers, or leave it out of the accounts"
            ));
        }
        let listen = args.listen;
        let what_to_do = match error.kind() {
            std::io::ErrorKind::AddrNotAvailable => "an address of this machine",
            _ => "another port, or port 0",
        };
        Failure::trouble(format!(
            "cannot listen on {listen}: {error}: give --listen {what_to_do}"
        ))
    })?;
    if let Some(url) = &args.public_url {
        let url = url.trim_end_matches('/');
        server.emulator().set_instance_url(url);
    }
    for fault in faults {
        server.inject(fault);
    }
    if let Some(path) = &args.ca_out {
        // A new file: an old one can be a link to another user's.
        std::fs::File::create_new(path)
            .and_then(|mut file| file.write_all(server.ca_pem().as_bytes()))
            .map_err(|error| {
                let what_to_do = match error.kind() {
                    std::io::ErrorKind::AlreadyExists => ": remove it, or name another file",
                    std::io::ErrorKind::NotFound => ": make its folder first",
                    _ => "",
                };
                let shown = path.display();
                Failure::trouble(format!("cannot write {shown}: {error}{what_to_do}"))
            })?;
    }
    runtime.block_on(async {
        let mut signals = signal::stop()
            .map_err(|error| Failure::trouble(format!("cannot wait for signals: {error}")))?;
        if args.accounts.is_none() {
            let now = server.now();
            say!("consumer key     {SAMPLE_CONSUMER_KEY}");
            say!("consumer secret  {SAMPLE_CONSUMER_SECRET}");
            say!("login ID         {SAMPLE_LOGIN_ID}");
            say!("administrator    {SAMPLE_ADMINISTRATOR_LOGIN_ID}");
            say!("password         {SAMPLE_PASSWORD}, for both");
            let token = server.emulator().v0().make_request_token(
                SAMPLE_CLIENT_ID,
                SAMPLE_COMPANY_ID,
                now,
            );
            say!("and of /oauth2/v0, with the same login IDs and password:");
            say!("client ID        {SAMPLE_CLIENT_ID}");
            say!("client secret    {SAMPLE_CLIENT_SECRET}");
            say!("redirect URI     {SAMPLE_REDIRECT_URI}");
            say!("company UUID     {SAMPLE_COMPANY_ID}");
            say!("request token    {token}, five times within 24 hours");
        }
        if !args.listen.ip().is_loopback() {
            say!(
                "warning: everyone who can reach this machine can use this emulator, its accounts and their tokens"
            );
        }
        for name in args.data_centers.iter().skip(1) {
            let url = server.data_center(name).unwrap_or_default();
            say!("data center {name:<5}{url}");
        }
        say!("{}/ shows what is here and what was asked.", server.url());
        say!("Ctrl-C stops it.");
        output::line(&format!("listening on {}", server.url()))
            .map_err(|failure| failure.and("check where it goes"))?;
        signals.next().await;
        Ok::<_, Failure>(())
    })?;
    server.stop();
    say!("stopped");
    Ok(())
}

/// Returns a server with the settings of the options.
fn builder(args: &EmulatorArgs) -> Result<ServerBuilder, Failure> {
    let clock = args.clock.as_deref().map(read_clock).transpose()?;
    let mut emulator = match &args.accounts {
        None => Emulator::with_sample_account(),
        Some(path) => {
            let unreadable = |error: &dyn std::fmt::Display| {
                Failure::usage(format!(
                    "cannot read accounts from {}: {error}",
                    path.display()
                ))
            };
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
            Emulator::from_json(&text, clock.unwrap_or_else(SystemTime::now))
                .map_err(|error| unreadable(&error))?
        }
    };
    if let Some(life) = args.token_lifetime {
        emulator.set_token_life(life);
        emulator.v0().set_token_life(life);
    }
    emulator.v0().set_rotation(match args.rotation {
        RotationArg::Same => Rotation::Same,
        RotationArg::KeepOld => Rotation::KeepOld,
        RotationArg::KeepLastTwo => Rotation::KeepLastTwo,
        RotationArg::RefuseOld => Rotation::RefuseOld,
        RotationArg::KillOld => Rotation::KillOld,
    });
    check_names(&args.data_centers)?;
    let mut builder = Server::builder().listen(args.listen).emulator(emulator);
    builder = builder.data_centers(args.data_centers.iter().map(String::as_str));
    if let Some(url) = &args.public_url {
        builder = builder.name(host_of(url)?);
    }
    if args.plain_http {
        builder = builder.plain_http();
    }
    if let Some(clock) = clock {
        builder = builder.clock(clock);
    }
    if args.log {
        builder = builder.log(|line| say!("{line}"));
    }
    Ok(if args.control_from_anywhere {
        builder.control_from_anywhere()
    } else {
        builder.control()
    })
}

/// Refuses names of data centers that could not be told apart.
fn check_names(names: &[String]) -> Result<(), Failure> {
    let is_name = |name: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !name.is_empty() && name.bytes().all(is_plain)
    };
    let is_first = |(at, name): (usize, &String)| is_name(name) && !names[..at].contains(name);
    if names.iter().enumerate().all(is_first) {
        return Ok(());
    }
    Err(Failure::usage(
        "--data-centers takes names such as glz,us2,eu2, without spaces, and each once",
    ))
}

/// Returns the host of a URL that clients know the emulator by, which its certificate must name.
fn host_of(url: &str) -> Result<String, Failure> {
    let parsed = url.parse::<concur_oauth::http::Uri>().ok();
    let is_root = |uri: &concur_oauth::http::Uri| {
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        is_http && uri.path() == "/" && uri.query().is_none() && !url.contains('@')
    };
    let host = parsed
        .filter(is_root)
        .and_then(|uri| uri.host().map(str::to_owned));
    host.ok_or_else(|| {
        Failure::usage("--public-url takes scheme, host and port, such as http://concur:8080")
    })
}

/// Reads a moment, or how far the clock is ahead or behind.
fn read_clock(text: &str) -> Result<SystemTime, Failure> {
    let now = SystemTime::now();
    let by = |text: &str| crate::args::duration(text).ok();
    let moment = match text.split_at_checked(1) {
        Some(("+", ahead)) => by(ahead).and_then(|by| now.checked_add(by)),
        Some(("-", behind)) => by(behind).and_then(|by| now.checked_sub(by)),
        _ => text.parse::<jiff::Timestamp>().ok().map(SystemTime::from),
    };
    moment.ok_or_else(|| {
        Failure::usage("--clock takes a time such as 2026-12-01T00:00:00Z, or +30d or -1h")
    })
}
