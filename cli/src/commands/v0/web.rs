//! `concur-oauth v0 web`.

use std::net::SocketAddr;

use concur_oauth::v0::{AuthorizationCodeGrant, WebFlow, parse_callback};
use concur_oauth::{Application, BaseUrl, RedirectUri, http};
use concur_oauth_emulator::SAMPLE_CLIENT_ID;

use crate::args::v0::WebArgs;
use crate::browser::Browser;
use crate::connect::{Connection, Demo};
use crate::failure::Failure;
use crate::keeper::Destination;

pub(crate) fn run(args: WebArgs) -> Result<(), Failure> {
    let destination = Destination::open(args.save, args.concur.client.timeout)?;
    let scopes = args.scopes.read()?;
    let (listen, back) = match &args.redirect_uri {
        Some(uri) => leads_to(uri).map(|(listen, back)| (listen, Some(back)))?,
        None => (args.browser.listen, None),
    };
    // Before the prompt for a secret.
    let browser = Browser::listen(listen, &args.browser)?;
    let (host, path) = back.unwrap_or_else(|| (browser.address().to_string(), "/".to_owned()));
    // As it is registered, to the letter.
    let written = args
        .redirect_uri
        .unwrap_or_else(|| format!("http://{host}{path}"));
    let redirect_uri = RedirectUri::new(written)?;
    let sign_in = |concur: &Connection, application: &Application| {
        let flow =
            WebFlow::new(application.key().clone(), redirect_uri.clone()).with_scopes(scopes);
        let url = |state: &_| flow.authorization_url(&concur.base_url, state);
        browser.sign_in((&host, &path), url, parse_callback, |callback| {
            let code = callback.code();
            let grant = AuthorizationCodeGrant::new(application, &redirect_uri, code);
            let token = concur.send(grant.at(&concur.base_url))?;
            destination.deliver(&token, application.key(), concur, args.format.into())
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

/// Returns the address that a redirect URI leads to, with its host and its path as they are written: it must lead here.
fn leads_to(uri: &str) -> Result<(SocketAddr, (String, String)), Failure> {
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
    let has_user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    if !is_ours || has_user || uri.query().is_some() || port == 0 {
        return Err(elsewhere());
    }
    let authority = uri.authority().ok_or_else(elsewhere)?;
    Ok((address, (authority.to_string(), uri.path().to_owned())))
}
