//! The client.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use concur_oauth_core::transport::{BuildError, Error, Stage};
use concur_oauth_core::{Exchange, InstanceUrl};
use concur_oauth_shared::Settings;
#[cfg(feature = "http2")]
use concur_oauth_shared::hyper::Proven;
use concur_oauth_shared::hyper::{Body, Failure, parse, ready, receive};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Builder};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::ClientBuilder;
use crate::call::{CALL, Call};
use crate::connector::Connector;
use crate::runtime;
use crate::unfinished::Unfinished;

type Pool = legacy::Client<Connector, Body>;

/// Sends exchanges on tokio.
///
/// A client holds connections and trusted roots, and no secret. Clones share them, cheaply; make
/// one and give clones to as many tasks as you like.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Settings,
    pool: Pool,
    /// For the second try, which a kept connection would spoil.
    anew: Pool,
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
    /// again. The client stays usable. Outside a tokio runtime, or in one without timer or I/O, it is
    /// [`Error::Unsupported`].
    pub async fn send<E: Exchange>(
        &self,
        instance: &InstanceUrl,
        exchange: E,
    ) -> Result<E::Output, Error> {
        let settings = &self.shared.settings;
        let resendable = exchange.is_resendable();
        let request = exchange.into_request(instance)?;
        let request = ready(request, instance, settings.user_agent())?;
        let call = Call::begin(settings.timeout());
        let mut deadline = pin!(runtime::sleep_until(call.deadline)?);
        let carrying = self.carry(request, resendable, &call);
        let mut carrying = pin!(CALL.scope(Arc::clone(&call), carrying));
        let answer = poll_fn(|cx| match carrying.as_mut().poll(cx) {
            Poll::Pending => deadline
                .as_mut()
                .poll(cx)
                .map(|()| Err(call.timeout(call.stage()))),
            ended @ Poll::Ready(_) => ended,
        });
        Ok(parse::<E>(answer.await?, instance)?)
    }

    async fn carry(
        &self,
        request: Request<Body>,
        resendable: bool,
        call: &Call,
    ) -> Result<Response<Vec<u8>>, Error> {
        let method = request.method().clone();
        let spare = resendable.then(|| request.clone());
        let Shared {
            settings,
            pool,
            anew,
        } = &*self.shared;
        let result = match (attempt(pool, request, call).await, spare) {
            (Err(Failure::DiedWaiting(first)), Some(request)) => {
                let second = attempt(anew, request, call).await;
                second.map_err(|second| second.after(first))
            }
            // All that shared it come again, and had better share the next.
            #[cfg(feature = "http2")]
            (Err(Failure::SharedDied(first)), Some(request)) => {
                let second = attempt(pool, request, call).await;
                second.map_err(|second| second.after(first))
            }
            (result, _) => result,
        };
        let (response, unfinished) = match result {
            Ok(answered) => answered,
            Err(failure) => return failure.into_answer(),
        };
        let answer = receive(response, &method, &settings.limits()).await?;
        unfinished.finish();
        Ok(answer)
    }
}

/// One request and the head of one answer.
async fn attempt<'a>(
    pool: &Pool,
    mut request: Request<Body>,
    call: &'a Call,
) -> Result<(Response<Incoming>, Unfinished<'a>), Failure> {
    let unfinished = Unfinished::new(&mut request, call);
    let mut answer = pin!(pool.request(request));
    let result = poll_fn(|cx| {
        let result = answer.as_mut().poll(cx);
        // From here on it may be sent, whatever becomes of a connection that was begun for it.
        if call.stage() != Stage::Receive && unfinished.has_connection() {
            call.reach(Stage::Receive);
        }
        result
    });
    match result.await {
        Ok(response) => {
            #[cfg(feature = "http2")]
            if let Some(proven) = Proven::of(&response) {
                proven.set();
            }
            Ok((response, unfinished))
        }
        Err(error) => Err(match call.take_failure() {
            Some(failure) if error.is_connect() => Failure::Final(failure),
            _ => failure(error),
        }),
    }
}

#[cfg(not(feature = "http2"))]
fn failure(error: legacy::Error) -> Failure {
    Failure::of(error)
}

#[cfg(feature = "http2")]
fn failure(error: legacy::Error) -> Failure {
    let mut extras = http::Extensions::new();
    if let Some(connection) = error.connect_info() {
        connection.get_extras(&mut extras);
    }
    match extras.get::<Proven>() {
        Some(proven) if proven.get() => Failure::of_proven_http2(error),
        _ => Failure::of(error),
    }
}

impl From<Settings> for Client {
    /// What [`ClientBuilder::build`] ends in.
    fn from(settings: Settings) -> Self {
        let connector = Connector::new(settings.tls(&[]), settings.limits());
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(settings.idle_timeout())
            .pool_max_idle_per_host(settings.max_idle())
            // Room for a head at its limit and what hyper reads with it.
            .http1_max_buf_size(settings.limits().head() + 8192);
        #[cfg(feature = "http2")]
        builder
            .http2_max_header_list_size(u32::try_from(settings.limits().head()).unwrap_or(u32::MAX))
            // As much of a body as is ever read. The connection's window stays hyper's: in one that is too
            // small for the answers in flight, the server must send crumbs, which h2 takes for an attack.
            .http2_initial_stream_window_size(1 << 16);
        let pool = builder.build(connector.clone());
        let anew = builder.pool_max_idle_per_host(0).build(connector);
        let shared = Shared {
            settings,
            pool,
            anew,
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.settings.fmt_client(f)
    }
}
