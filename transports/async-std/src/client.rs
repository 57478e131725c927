//! The client.

use std::fmt;
use std::sync::Arc;

use concur_oauth_core::transport::{BuildError, Error, Stage};
use concur_oauth_core::{Exchange, InstanceUrl};
use concur_oauth_shared::hyper::{Body, Failure, parse, request};
use concur_oauth_shared::{Pool, Settings};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};

use crate::ClientBuilder;
use crate::connect::connect;
use crate::connection::Connection;
use crate::deadline::Deadline;

/// Sends exchanges on async-std, or smol.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply; make
/// one and give clones to as many tasks as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    pool: Pool<Connection>,
}

impl Client {
    /// A client with the defaults.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the platform has no trusted roots, or no cryptography is compiled in.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Sends an exchange to an instance, and returns what its answer is read as.
    ///
    /// Dropping the future gives the exchange up and closes its connection.
    ///
    /// # Errors
    ///
    /// [`Error`] says whether the request may have reached Concur, and whether and when to try
    /// again. The client stays usable.
    pub async fn send<E: Exchange>(
        &self,
        instance: &InstanceUrl,
        exchange: E,
    ) -> Result<E::Output, Error> {
        let Settings {
            timeout,
            user_agent,
            ..
        } = &self.shared.settings;
        let mut request = request(exchange.into_request(instance)?, instance, user_agent)?;
        to_origin_form(&mut request, instance);
        let mut deadline = Deadline::after(*timeout);
        let answer = self
            .carry(instance, request, E::RESENDABLE, &mut deadline)
            .await?;
        Ok(parse::<E>(answer, instance)?)
    }

    async fn carry(
        &self,
        instance: &InstanceUrl,
        request: Request<Body>,
        resendable: bool,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Error> {
        let result = match self.kept_connection(instance).await {
            None => self.exchange_anew(instance, request, deadline).await,
            Some(kept) => {
                let spare = resendable.then(|| request.clone());
                let first = self.exchange(instance, kept, request, deadline).await;
                match (first, spare) {
                    (Err(Failure::DiedWaiting(first)), Some(request)) => {
                        let second = self.exchange_anew(instance, request, deadline).await;
                        // What was sent once may have arrived, whether or not it could be sent again.
                        second.map_err(|second| second.after(first))
                    }
                    (result, _) => result,
                }
            }
        };
        result.or_else(Failure::into_answer)
    }

    async fn kept_connection(&self, instance: &InstanceUrl) -> Option<Connection> {
        loop {
            let mut kept = self.shared.pool.take(instance)?;
            if kept.is_usable().await {
                return Some(kept);
            }
        }
    }

    async fn exchange_anew(
        &self,
        instance: &InstanceUrl,
        request: Request<Body>,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let Settings { tls, limits, .. } = &self.shared.settings;
        let connection = connect(instance, tls, *limits, deadline)
            .await
            .map_err(Failure::Final)?;
        self.exchange(instance, connection, request, deadline).await
    }

    /// One request and one answer over an open connection, which is kept if it can be.
    async fn exchange(
        &self,
        instance: &InstanceUrl,
        mut connection: Connection,
        request: Request<Body>,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let exchange = connection.exchange(request, &self.shared.settings.limits);
        let answer = deadline
            .within(Stage::Receive, exchange)
            .await
            .map_err(Failure::Final)??;
        if connection.is_usable().await {
            self.shared.pool.put(instance, connection);
        }
        Ok(answer)
    }
}

/// As HTTP/1.1 has it: the path in the request line, and the rest in `Host`.
fn to_origin_form(request: &mut Request<Body>, instance: &InstanceUrl) {
    if let Ok(host) = HeaderValue::from_str(instance.authority()) {
        request.headers_mut().insert(HOST, host);
    }
    if let Some(path) = request.uri().path_and_query().cloned() {
        *request.uri_mut() = Uri::from(path);
    }
}

impl From<Settings> for Client {
    /// What [`ClientBuilder::build`] ends in.
    fn from(mut settings: Settings) -> Self {
        Arc::make_mut(&mut settings.tls).alpn_protocols = vec![b"http/1.1".to_vec()];
        let shared = Arc::new(Shared {
            pool: Pool::new(settings.max_idle, settings.idle_timeout),
            settings,
        });
        Self { shared }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.fmt_client(f)
    }
}
