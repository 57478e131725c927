//! `concur-oauth v0 web`.

use std::net::SocketAddr;

use concur_oauth::v0::{AuthorizationCodeGrant, WebFlow, parse_callback};
use concur_oauth::{Application, BaseUrl, RedirectUri, http};
use concur_oauth_emulator::SAMPLE_CLIENT_ID;

use crate::args::v0::WebArgs;
use crate::browser::Browser;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: WebArgs) -> Result<(), Failure> {
    output::is_open()?;
    let scopes = args.scopes.read()?;
    let (listen, path) = match &args.redirect_uri {
        Some(uri) => leads_to(uri)?,
        None => (args.browser.listen, "/".to_owned()),
    };
    // Before the prompt for a secret.
    let browser = Browser::listen(listen, &args.browser)?;
    let redirect_uri = match args.redirect_uri {
        Some(uri) => RedirectUri::new(uri)?,
        None => RedirectUri::new(format!("http://{}/", browser.address()))?,
    };
    let sign_in = |concur: &Connection, application: &Application| {
        let flow =
            WebFlow::new(application.key().clone(), redirect_uri.clone()).with_scopes(scopes);
        let url = |state: &_| flow.authorization_url(&concur.base_url, state);
        browser.sign_in(&path, url, parse_callback, |callback| {
            let code = callback.code();
            let grant = AuthorizationCodeGrant::new(application, &redirect_uri, code);
            let token = concur.client.send(grant.at(&concur.base_url))?;
            output::print(&token, args.format)
        })
    };
    if args.concur.client.emulator {
        let demo = Demo::for_browsers(&args.concur.client)?;
        let mut emulator = demo.emulator();
        emulator
            .v0()
            .register_redirect_uri(SAMPLE_CLIENT_ID, redirect_uri.as_str());
        drop(emulator);
        sign_in(&demo.concur, &Demo::v0_application()?)
    } else {
        let base_url = args.concur.base_url(Some(&BaseUrl::GLZ))?;
        let concur = Connection::to(base_url, &args.concur.client)?;
        sign_in(&concur, &args.application.read()?)
    }
}

/// Returns the address and the path that a redirect URI leads to: it must lead here.
fn leads_to(uri: &str) -> Result<(SocketAddr, String), Failure> {
    let elsewhere = || {
        Failure::usage(
            "--redirect-uri must lead to this command: http, localhost or a loopback address, a port, and a path \
             without a query, such as http://localhost:8976/back",
        )
    };
    let uri: http::Uri = uri.parse().map_err(|_| elsewhere())?;
    let (host, port) = uri.host().zip(uri.port_u16()).ok_or_else(elsewhere)?;
    let host = if host.eq_ignore_ascii_case("localhost") {
        "127.0.0.1"
    } else {
        host
    };
    let address: SocketAddr = format!("{host}:{port}").parse().map_err(|_| elsewhere())?;
    let is_ours = uri.scheme_str() == Some("http") && address.ip().is_loopback();
    if !is_ours || uri.query().is_some() || port == 0 {
        return Err(elsewhere());
    }
    Ok((address, uri.path().to_owned()))
}
