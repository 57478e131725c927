//! A web handler on axum that calls Concur for its customers: each request takes a fresh token of its customer.
//!
//! It runs against an emulator in this process.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use concur_oauth::hyper::Client;
use concur_oauth::hyper::keeper::{Keeper, MemoryStore, OnThreads};
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::keeper::{Grant, KeepError};
use concur_oauth::v0::{ClientId, PasswordGrant};
use concur_oauth::{AccessToken, Application, BaseUrl};
use concur_oauth_emulator::{
    SAMPLE_CLIENT_ID, SAMPLE_CLIENT_SECRET, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// `GET /reports/{customer}`
async fn reports(
    State(keeper): State<Keeper>,
    Path(customer): Path<String>,
) -> Result<String, (StatusCode, String)> {
    let token = keeper.token(&customer).await.map_err(|error| {
        let status = match &error {
            KeepError::Unknown { .. } | KeepError::Name(_) => StatusCode::NOT_FOUND,
            // The page that this leads to has the customer connect again.
            KeepError::NeedsConsent { .. } => StatusCode::CONFLICT,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, error.to_string())
    })?;
    let status = call_concur(token.token());
    // A token that was revoked at Concur: say so, and the next request has another.
    if status == StatusCode::UNAUTHORIZED {
        return Err(if keeper.reject(&token, status) {
            (StatusCode::SERVICE_UNAVAILABLE, "once more".to_owned())
        } else {
            (
                StatusCode::BAD_GATEWAY,
                "Concur rejects the token".to_owned(),
            )
        });
    }
    Ok(format!("reports of {customer}, by {}\n", token.version()))
}

/// Your call of one of Concur's APIs, at the token's own base URL.
fn call_concur(token: &AccessToken) -> StatusCode {
    let _header = token.authorization();
    StatusCode::OK
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Arc::new(Server::start()?);
    let base_url: BaseUrl = server.url().parse()?;
    let client = Client::builder()
        .no_proxy() // the emulator is on this machine
        .add_root(CertificateDer::from(server.ca_der().to_vec()))
        .build()?;
    let application = Application::new(ClientId::new(SAMPLE_CLIENT_ID)?, SAMPLE_CLIENT_SECRET)?;
    let store = OnThreads::new(MemoryStore::new()); // in a service: files, or a database
    let (keeper, runner) = Keeper::builder(client.clone(), store)
        .application(application.clone())
        .build()?;
    let running = tokio::spawn(runner);

    // A customer connects.
    let grant = PasswordGrant::new(&base_url, &application, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD)?;
    let token = client.send(grant).await?;
    let client_id = application.key().clone();
    let grant = Grant::new(client_id, token, SystemTime::now())?;
    keeper.put("acme", grant).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let routes = Router::new().route("/reports/{customer}", get(reports));
    let service = axum::serve(listener, routes.with_state(keeper.clone()));
    let serving = tokio::spawn(async move { service.await });

    for path in ["/reports/acme", "/reports/nobody"] {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        stream.read_to_string(&mut response).await?;
        let status = response.lines().next().unwrap_or_default();
        let body = response.lines().last().unwrap_or_default();
        println!("{path}: {status}: {body}");
    }

    // At the end: what is under way is finished and stored.
    serving.abort();
    keeper.stop();
    running.await?;
    Ok(())
}
