//! A transport over an asynchronous HTTP library: reqwest carries the bytes, core makes the request and reads the
//! response.
//!
//! Some of reqwest's defaults must be changed: it follows redirects, asks the environment for proxies, and keeps
//! connections of which it does not say whether they broke before a response. And its errors print the URL, whose query
//! can hold the application's secret: the test at the end looks for it.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use concur_oauth::http1::{BodyFraming, Limits, ProtocolError};
use concur_oauth::net2::{CodeExchange, NativeFlow};
use concur_oauth::transport::{
    DEFAULT_TIMEOUT, join_response, parse_response, prepare_request, user_agent,
};
use concur_oauth::{
    Application, BaseUrl, ConsumerKey, Credentials, Error, Exchange, ExposeSecret, InputError,
    RequestToken, ResponseContext, SecretBody, Stage, http,
};
use concur_oauth_emulator::{Fault, SAMPLE_CONSUMER_KEY, SAMPLE_CONSUMER_SECRET, Server};

struct Client {
    reqwest: reqwest::Client,
    timeout: Duration,
}

impl Client {
    fn new(timeout: Duration) -> reqwest::Result<Self> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none()) // T3
            .retry(reqwest::retry::never()) // T7
            .pool_max_idle_per_host(0) // T7
            .no_proxy(); // T12
        let reqwest = builder.build()?;
        Ok(Self { reqwest, timeout })
    }

    async fn send<E: Exchange>(&self, exchange: E) -> Result<E::Output, Error> {
        let base_url = exchange.base_url().clone();
        // reqwest looks names up by itself, and `localhost` can be another machine (T1). For https, its feature
        // `rustls` verifies the server (T2).
        if base_url.host().parse::<IpAddr>().is_err() || base_url.is_https() {
            return Err(Error::Unsupported("only plain http to an address".into()));
        }
        let mut request = exchange.into_request()?;
        prepare_request(&mut request, &base_url, &user_agent("example/1.0")?)?;
        let context = ResponseContext::new(base_url, SystemTime::now());
        // One timer for everything (T4): reqwest's own error does not say whose time-out it was.
        let response = tokio::time::timeout(self.timeout, self.carry(request));
        let (stage, after) = (Stage::Receive, self.timeout);
        let late = |_| Error::Timeout { stage, after };
        Ok(parse_response::<E>(
            response.await.map_err(late)??,
            &context,
        )?)
    }

    async fn carry(
        &self,
        request: http::Request<SecretBody>,
    ) -> Result<http::Response<Vec<u8>>, Error> {
        let method = request.method().clone();
        // `Bytes` are wiped as the body is, but the URL is copied: reqwest keeps it where nothing wipes it.
        let request = request.map(bytes::Bytes::from).try_into();
        let request = request.map_err(|error| explain(error, ProtocolError::MalformedHead))?;
        let response = self.reqwest.execute(request).await;
        let mut response =
            response.map_err(|error| explain(error, ProtocolError::MalformedHead))?;
        let (mut head, ()) = http::Response::new(()).into_parts();
        head.status = response.status();
        head.version = response.version();
        head.headers = std::mem::take(response.headers_mut());
        let body = read(&method, &head, response).await;
        join_response(head, body)
    }
}

/// Reads a body within its limits.
async fn read(
    method: &http::Method,
    head: &http::response::Parts,
    mut response: reqwest::Response,
) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    let framing = BodyFraming::from_head(method, head, &limits)?;
    let mut body = Vec::new();
    let piece = async |response: &mut reqwest::Response| {
        let piece = response.chunk().await;
        piece.map_err(|error| explain(error, ProtocolError::MalformedChunk))
    };
    while let Some(piece) = piece(&mut response).await? {
        if piece.len() > limits.max_body() - body.len() {
            return Err(ProtocolError::BodyTooLarge.into());
        }
        body.extend_from_slice(&piece);
    }
    if matches!(framing, BodyFraming::Length(length) if length != body.len()) {
        return Err(ProtocolError::Truncated.into());
    }
    Ok(body)
}

/// Names an error of reqwest, without its URL (T8). Where it does not say, the request may have reached Concur.
fn explain(error: reqwest::Error, malformed: ProtocolError) -> Error {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        let is_parse = |error: &hyper::Error| error.is_parse();
        if one.downcast_ref::<hyper::Error>().is_some_and(is_parse) {
            return malformed.into();
        }
        cause = one.source();
    }
    let stage = if error.is_connect() {
        Stage::Connect
    } else {
        Stage::Receive
    };
    Error::interrupted(stage, error)
}

fn flow(base_url: &BaseUrl) -> Result<NativeFlow, InputError> {
    Ok(NativeFlow::new(
        base_url.clone(),
        ConsumerKey::new(SAMPLE_CONSUMER_KEY)?,
        Credentials::with_password("john_developer@hotmail.com", "Travel&Expense$2012")?,
    ))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder().plain_http().start()?;
    let base_url: BaseUrl = server.url().replace("localhost", "127.0.0.1").parse()?;
    let client = Client::new(DEFAULT_TIMEOUT)?;
    let token = client.send(flow(&base_url)?).await?;
    println!("a token of {} bytes", token.token().expose_secret().len());
    for fault in [
        Fault::Redirect("https://evil.example/".to_owned()),
        Fault::Unavailable,
        Fault::CutOff(200),
        Fault::Oversize(70_000),
    ] {
        server.inject(fault);
        println!("{}", client.send(flow(&base_url)?).await.unwrap_err());
    }
    // The secret is in the URL, and in no error.
    let application = Application::new(
        ConsumerKey::new(SAMPLE_CONSUMER_KEY)?,
        SAMPLE_CONSUMER_SECRET,
    )?;
    let (nobody, code) = ("http://127.0.0.1:9".parse()?, RequestToken::new("code")?);
    let exchange = CodeExchange::new(&nobody, &application, &code);
    println!("{}", client.send(exchange).await.unwrap_err().report());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_error_shows_the_secret_in_the_url() {
        let server = Server::builder().plain_http().start().unwrap();
        let here: BaseUrl = server
            .url()
            .replace("localhost", "127.0.0.1")
            .parse()
            .unwrap();
        let nobody: BaseUrl = "http://127.0.0.1:9".parse().unwrap();
        let key = ConsumerKey::new(SAMPLE_CONSUMER_KEY).unwrap();
        let application = Application::new(key, "hunter2-secret").unwrap();
        let code = RequestToken::new("hunter2-code").unwrap();
        let client = Client::new(Duration::from_secs(2)).unwrap();
        for (base_url, fault, kind) in [
            (&nobody, None, "Unreachable"),
            (&here, None, "Refused"),
            (&here, Some(Fault::Reset(0)), "Interrupted"),
            (&here, Some(Fault::CutOff(10)), "Interrupted"),
            (&here, Some(Fault::Delay(Duration::from_secs(5))), "Timeout"),
        ] {
            if let Some(fault) = fault {
                server.inject(fault);
            }
            let exchange = CodeExchange::new(base_url, &application, &code);
            let error = client.send(exchange).await.unwrap_err();
            let shown = format!("{error} {error:?} {}", error.report());
            assert!(shown.contains(kind), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
