//! `concur-oauth emulator`.

use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};

use crate::args::EmulatorArgs;
use crate::failure::Failure;
use crate::{output, signal};

pub(crate) fn run(args: &EmulatorArgs) -> Result<(), Failure> {
    let mut builder = Server::builder().listen(args.listen);
    if args.plain_http {
        builder = builder.plain_http();
    }
    // Before anything is printed, so that Ctrl-C is heard from the first line on.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("cannot wait for signals: {error}")))?;
    let server = builder
        .start()
        .map_err(|error| Failure::trouble(format!("cannot listen on {}: {error}", args.listen)))?;
    if let Some(path) = &args.ca_out {
        std::fs::write(path, server.ca_pem())
            .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
    }
    runtime.block_on(async {
        let stop = signal::stop()
            .map_err(|error| Failure::trouble(format!("cannot wait for signals: {error}")))?;
        eprintln!("consumer key  {SAMPLE_CONSUMER_KEY}");
        eprintln!("login ID      {SAMPLE_LOGIN_ID}");
        eprintln!("password      {SAMPLE_PASSWORD}");
        eprintln!("Ctrl-C stops it.");
        output::line(&format!("listening on {}", server.url()))?;
        stop.await;
        Ok::<_, Failure>(())
    })?;
    server.stop();
    eprintln!("stopped");
    Ok(())
}
