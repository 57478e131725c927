//! `concur-oauth native`.

use std::time::Duration;

use concur_oauth::blocking::rustls::pki_types::CertificateDer;
use concur_oauth::blocking::rustls::pki_types::pem::PemObject;
use concur_oauth::blocking::{Client, ClientBuilder};
use concur_oauth::{ConsumerKey, Credentials, InstanceUrl, NativeFlow};
use concur_oauth_emulator::{SAMPLE_CONSUMER_KEY, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server};

use crate::args::NativeArgs;
use crate::failure::Failure;
use crate::{output, password};

pub(crate) fn run(args: NativeArgs) -> Result<(), Failure> {
    let builder = Client::builder().timeout(Duration::from_secs(args.timeout));
    if args.emulator {
        return run_on_emulator(builder, &args);
    }
    // Whatever can be wrong is found before the password is asked for.
    let instance: InstanceUrl = args.server.parse()?;
    let consumer_key = ConsumerKey::new(args.consumer_key.ok_or_else(|| {
        Failure::usage("no consumer key: give --consumer-key or set CONCUR_CONSUMER_KEY")
    })?)?;
    let login_id = args
        .login_id
        .ok_or_else(|| Failure::usage("no login ID: give --login-id or set CONCUR_LOGIN_ID"))?;
    let client = match &args.ca_file {
        None => builder,
        Some(path) => trust(builder, path)?,
    }
    .build()?;
    let mut password = password::read(args.password_stdin)?;
    let credentials = Credentials::with_password(login_id, std::mem::take(&mut *password))?;
    let token = client.send(&instance, NativeFlow::new(consumer_key, credentials))?;
    output::print(&token, args.format)
}

fn trust(mut builder: ClientBuilder, path: &std::path::Path) -> Result<ClientBuilder, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::usage(format!(
            "cannot read certificates from {}: {error}",
            path.display()
        ))
    };
    let roots = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
    let mut any = false;
    for root in roots {
        builder = builder.add_root(root.map_err(|error| unreadable(&error))?);
        any = true;
    }
    if any {
        Ok(builder)
    } else {
        Err(unreadable(&"there is none in it"))
    }
}

/// The whole exchange in one process, over real sockets and real TLS.
fn run_on_emulator(builder: ClientBuilder, args: &NativeArgs) -> Result<(), Failure> {
    let server = Server::start()
        .map_err(|error| Failure::trouble(format!("cannot start the emulator: {error}")))?;
    let instance: InstanceUrl = server.url().parse()?;
    eprintln!("emulator     {instance}, TLS by an authority made for this run");
    eprintln!("credentials  {SAMPLE_LOGIN_ID}, and the password of Concur's documentation");
    let client = builder
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let flow = NativeFlow::new(
        ConsumerKey::new(SAMPLE_CONSUMER_KEY)?,
        Credentials::with_password(SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?,
    );
    let token = client.send(&instance, flow)?;
    eprintln!("exchange     one request sent, one token received");
    output::print(&token, args.format)
}
