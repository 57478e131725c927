//! The App Center flow, in a web application: a user presses Connect in Concur's App Center, and their
//! browser arrives here with a request token.
//!
//! The handler is real, on axum. Concur is an emulator in this process, and a stand-in presses the
//! button and follows the link.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use axum::routing::get;
use concur_oauth::hyper::Client;
use concur_oauth::hyper::rustls::pki_types::CertificateDer;
use concur_oauth::net2::CodeExchange;
use concur_oauth::{
    Application, BaseUrl, ConsumerKey, ExposeSecret, http, parse_app_center_callback,
};
use concur_oauth_emulator::{
    Application as Registered, Emulator, SAMPLE_LOGIN_ID, SAMPLE_PASSWORD, Server,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the handler needs.
struct Service {
    application: Application,
    client: Client,
    base_url: BaseUrl,
}

/// The URI that is listed in the App Center. Before the token is stored, sign the user in by your own
/// means: anyone who has a link with a code can come here.
async fn connect(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Html<String>> {
    let query = query.as_deref().unwrap_or_default();
    let code = parse_app_center_callback(query).map_err(|error| page(&error))?;
    let exchange = CodeExchange::new(&service.base_url, &service.application, &code);
    let token = service.client.send(exchange).await;
    let token = token.map_err(|error| page(&error.report()))?;
    Ok(page(&format!(
        "Connected, with a token of {} bytes.",
        token.token().expose_secret().len()
    )))
}

/// Nothing in an error of this library is a secret, or markup.
fn page(text: &impl ToString) -> Html<String> {
    let text = text.to_string().replace('&', "&amp;").replace('<', "&lt;");
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><title>Connect</title><p>{text}</p></html>"
    ))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let here = listener.local_addr()?;

    let mut emulator = Emulator::with_sample_account();
    let listed = Registered::new("VDV5Y532NafpmDLtbve7Md")
        .with_secret("3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z")
        .with_app_center_uri(format!("http://{here}/connect"));
    emulator.add_application(listed);
    let concur = Server::builder().emulator(emulator).start()?;

    let key = ConsumerKey::new("VDV5Y532NafpmDLtbve7Md")?;
    let service = Arc::new(Service {
        application: Application::new(key, "3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z")?,
        client: Client::builder()
            .no_proxy() // the emulator is on this machine
            .add_root(CertificateDer::from(concur.ca_der().to_vec()))
            .build()?,
        base_url: concur.url().parse()?,
    });
    let router = Router::new()
        .route("/connect", get(connect))
        .with_state(service);
    tokio::spawn(async { axum::serve(listener, router).await });

    let arrival = press_connect(&concur)?;
    let path = arrival.strip_prefix(&format!("http://{here}"));
    let path = path.ok_or("Concur sends the browser here")?;
    // A second visit with the same code: it was spent. And one with none.
    for (path, shown) in [
        (path, "Connected"),
        (path, "refused"),
        ("/connect", "neither"),
    ] {
        let page = visit(&here.to_string(), path).await?;
        println!("{page}");
        if !page.contains(shown) {
            return Err("unexpected".into());
        }
    }
    Ok(())
}

/// The user signs in to the App Center and presses Connect; Concur says where to go.
fn press_connect(concur: &Server) -> Result<String, http::Error> {
    let password = SAMPLE_PASSWORD.replace('&', "%26");
    let form =
        format!("client_id=VDV5Y532NafpmDLtbve7Md&login_id={SAMPLE_LOGIN_ID}&password={password}");
    let request = http::Request::post(format!("{}/appcenter", concur.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into_bytes())?;
    let response = concur.emulator().respond(&request, SystemTime::now());
    let location = response.headers().get("location");
    let location = location.and_then(|location| location.to_str().ok());
    Ok(location.unwrap_or_default().to_owned())
}

/// The user's browser arrives: what it shows.
async fn visit(host: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut page = String::new();
    stream.read_to_string(&mut page).await?;
    let text = page.split_once("<p>").map_or("", |(_, text)| text);
    Ok(text.split("</p>").next().unwrap_or_default().to_owned())
}
