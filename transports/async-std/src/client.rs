//! The client.

use std::fmt;
use std::sync::Arc;

use concur_oauth_core::transport::{BuildError, Error, Stage};
use concur_oauth_core::{Exchange, InstanceUrl};
use concur_oauth_shared::hyper::{Body, Failure, parse, ready};
use concur_oauth_shared::{Pool, Settings};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use rustls::ClientConfig;

use crate::ClientBuilder;
use crate::connect::connect;
use crate::connection::{Connection, Outcome};
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
    tls: Arc<ClientConfig>,
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
        let settings = &self.shared.settings;
        let resendable = exchange.is_resendable();
        let request = exchange.into_request(instance)?;
        let mut request = ready(request, instance, settings.user_agent())?;
        to_origin_form(&mut request, instance);
        let mut deadline = Deadline::after(settings.timeout());
        let answer = self
            .carry(instance, request, resendable, &mut deadline)
            .await?;
        Ok(parse::<E>(answer, instance)?)
    }

    async fn carry(
        &self,
        instance: &InstanceUrl,
        mut request: Request<Body>,
        resendable: bool,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Error> {
        while let Some(kept) = self.shared.pool.take(instance) {
            let spare = resendable.then(|| request.clone());
            let first = self.exchange(instance, kept, request, deadline).await;
            request = match (first, spare) {
                (Err(Outcome::Unsent(request, _)), _) => request,
                (Err(Outcome::Failed(Failure::DiedWaiting(first))), Some(request)) => {
                    let second = self.exchange_anew(instance, request, deadline).await;
                    // What was sent once may have arrived, whether or not it could be sent again.
                    return second.or_else(|second| second.after(first).into_answer());
                }
                (Err(Outcome::Failed(failure)), _) => return failure.into_answer(),
                (Ok(answer), _) => return Ok(answer),
            };
        }
        let answer = self.exchange_anew(instance, request, deadline).await;
        answer.or_else(Failure::into_answer)
    }

    async fn exchange_anew(
        &self,
        instance: &InstanceUrl,
        request: Request<Body>,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Failure> {
        let limits = self.shared.settings.limits();
        let connection = connect(instance, &self.shared.tls, limits, deadline)
            .await
            .map_err(Failure::Final)?;
        let answer = self.exchange(instance, connection, request, deadline).await;
        answer.map_err(|outcome| match outcome {
            Outcome::Failed(failure) => failure,
            Outcome::Unsent(_, cause) => {
                Failure::Final(Error::interrupted(Stage::Handshake, cause))
            }
        })
    }

    /// One request and one answer over an open connection, which is kept if it can be.
    async fn exchange(
        &self,
        instance: &InstanceUrl,
        mut connection: Connection,
        request: Request<Body>,
        deadline: &mut Deadline,
    ) -> Result<Response<Vec<u8>>, Outcome> {
        let limits = self.shared.settings.limits();
        let exchange = connection.exchange(request, &limits);
        let answer = match deadline.within(Stage::Receive, exchange).await {
            Ok(answer) => answer?,
            Err(late) => return Err(Outcome::Failed(Failure::Final(late))),
        };
        if connection.is_reusable() {
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
    fn from(settings: Settings) -> Self {
        let shared = Arc::new(Shared {
            tls: Arc::new(settings.tls(&[b"http/1.1"])),
            pool: Pool::new(settings.max_idle(), settings.idle_timeout()),
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
